/** One entry of LDIF (RFC 2849): its name, and each attribute's values in the order in which they stand. */
export interface LdifEntry { dn: string; attributes: ReadonlyMap<string, readonly string[]> }

/** What slapd keeps for itself in each entry, and what is no setting. */
const bookkeeping = /^(objectClass|structuralObjectClass|entryUUID|entryCSN|creatorsName|createTimestamp|modifiersName|modifyTimestamp|cn|olcDatabase|olcOverlay|olcRootPW)$/
const order = /^\{-?\d+\}/
const schema = /(^|,)cn=schema(,|$)/

/** Reads entries as slapcat and ldapsearch write them, long lines folded or not. Values in base64 are decoded. */
export function parseLdif(text: string): LdifEntry[] {
  const unfolded = text.replaceAll(/\n /g, "")
  return unfolded.split(/\n\n+/).flatMap((block): LdifEntry[] => {
    const attributes = new Map<string, string[]>()
    for (const line of block.split("\n")) {
      const [, name, encoded, value] = /^([^:#\s]+):(:)? ?(.*)$/.exec(line) ?? []
      if (name === undefined) continue
      const text = encoded ? Buffer.from(value!, "base64").toString() : value!
      attributes.set(name, [...attributes.get(name) ?? [], text])
    }
    const dn = attributes.get("dn")?.[0]
    attributes.delete("dn")
    return dn === undefined ? [] : [{ dn, attributes }]
  })
}

/** One line of LDIF, in base64: any value, whatever it begins with (RFC 2849, note 4). */
export function ldifLine(name: string, value: string): string {
  return `${name}:: ${Buffer.from(value).toString("base64")}\n`
}

/**
 * The configuration as slapcat writes it (slapd-config(5)), by the names that a release sets: `olcSizeLimit` of the whole
 * server, `mdb/olcDbMaxSize` of a database, `mdb/unique/olcUniqueURI` of an overlay on it. Several values of one attribute are joined
 * by `; `, in their order. The schema and what slapd notes for itself are left out.
 */
export function directorySettings(slapcat: string): Record<string, string> {
  return Object.fromEntries(parseLdif(slapcat).filter(({ dn }) => !schema.test(dn)).flatMap(({ dn, attributes }) => {
    const entry = dn.split(",").slice(0, -1).map((part) => part.slice(part.indexOf("=") + 1).replace(order, "")).reverse().join("/")
    return [...attributes].filter(([name]) => !bookkeeping.test(name)).map(([name, values]) =>
      [entry === "" ? name : `${entry}/${name}`, values.map((value) => value.replace(order, "")).join("; ")])
  }))
}
