import { expect, test } from "vitest"
import { directorySettings, ldifLine, parseLdif } from "./directory-settings.ts"

const slapcat = `dn: cn=config
objectClass: olcGlobal
cn: config
olcSizeLimit: 500
entryUUID: 0b6f

dn: cn={4}alias,cn=schema,cn=config
objectClass: olcSchemaConfig
olcAttributeTypes: {0}( 1.2 NAME 'aliasTarget' )

dn: olcDatabase={1}mdb,cn=config
olcDatabase: {1}mdb
olcDbIndex: cn eq
olcDbIndex: mailLocalAddress eq
olcAccess: {0}to * by * no
 ne
olcRootPW:: c2VjcmV0

dn: olcOverlay={0}unique,olcDatabase={1}mdb,cn=config
olcUniqueURI: ldap:///?mailLocalAddress
`

test("settings have the names that a release sets, without the schema, the server's own notes and passwords", () => {
  expect(directorySettings(slapcat)).toEqual({
    olcSizeLimit: "500", "mdb/olcDbIndex": "cn eq; mailLocalAddress eq", "mdb/olcAccess": "to * by * none",
    "mdb/unique/olcUniqueURI": "ldap:///?mailLocalAddress",
  })
})

test("a value comes back as it was written, whatever stands in it", () => {
  const value = " père*(\\)@education.test\n"
  expect(parseLdif(`dn: cn=x\n${ldifLine("mailLocalAddress", value)}`))
    .toEqual([{ dn: "cn=x", attributes: new Map([["mailLocalAddress", [value]]]) }])
})
