import { secretOf } from "../lab/lab-secret.ts"
import { expect, test } from "./test.ts"

// Who may ask the directory, and for what.

const edge = "cn=postfix,ou=services,dc=education,dc=test"
const aliases = "ou=aliases,dc=education,dc=test"
const sentinel = `cn=sentinelle,${aliases}`
/** Results of RFC 4511, section 4.1.9, as the commands end with them. */
const results = { success: 0, confidentialityRequired: 13, noSuchObject: 32, invalidCredentials: 49, insufficientAccess: 50 } as const

test("without a login nobody reads the directory, and the edge's reads the aliases, nothing else, and changes nothing",
  { meta: { requirements: ["ALI-36"] } }, async ({ scene, lab }) => {
    const { node } = lab.directory
    const password = secretOf(lab.handle, "directory-postfix")
    const [agent] = scene.people("ac-lille.test").map(({ address }) => address)
    await lab.directory.createAlias({ addresses: [scene.address("lecture")], targets: [agent!] })
    const asks = (command: string, login: readonly string[], ...rest: string[]) => lab.directory.exec(
      [command, "-x", "-H", `ldap://${node.hostname}`, ...login, ...rest],
      { env: { LDAPTLS_CACERT: "/recette/tls/ca.pem" }, ...command === "ldapmodify" ? { input: `dn: ${sentinel}\nchangetype: delete\n\n` } : {} })
    const withLogin = (secret: string) => ["-ZZ", "-D", edge, "-w", secret]
    const search = ["-LLL", "-b"]

    const anonymous = await Promise.all([aliases, "dc=education,dc=test", "cn=config"].map((base) => asks("ldapsearch", ["-ZZ"], ...search, base)))
    const wrong = await asks("ldapsearch", withLogin(`${password}x`), ...search, aliases)
    const inClear = await asks("ldapsearch", ["-D", edge, "-w", password], ...search, aliases)
    const own = await asks("ldapsearch", withLogin(password), ...search, aliases, `mailLocalAddress=${scene.address("lecture")}`)
    const others = await Promise.all(["ou=services,dc=education,dc=test", "cn=config"].map((base) => asks("ldapsearch", withLogin(password), ...search, base)))
    const changed = await asks("ldapmodify", withLogin(password))

    for (const { exitCode, stdout } of [...anonymous, ...others]) expect([exitCode, stdout.trim()]).toEqual([results.noSuchObject, expect.not.stringContaining("dn:")])
    expect([wrong.exitCode, wrong.stdout]).toEqual([results.invalidCredentials, ""])
    expect([inClear.exitCode, inClear.stdout], "a password in clear").toEqual([results.confidentialityRequired, ""])
    expect([own.exitCode, own.stdout], own.stderr).toEqual([results.success, expect.stringContaining(agent!)])
    expect(changed.exitCode, changed.stderr).toBe(results.insufficientAccess)
    expect(await lab.directory.search("cn=sentinelle"), "the sentinel is still there").toHaveLength(1)
  })
