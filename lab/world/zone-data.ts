/** One resource record of `dns.json`. Names are lower case, without a final dot. */
export interface ZoneRecord {
  name: string
  type: string
  /** A, AAAA, NS, CNAME, PTR: a string. MX, SRV, SOA, CAA: an object. TXT: strings of at most 255 octets. */
  data: unknown
  /** Seconds. */
  ttl: number
}

/** What the lab's DNS serves, as written to `/recette/dns.json`. */
export interface ZoneData {
  records: ZoneRecord[]
  /** Zones in which a name without records does not exist (NXDOMAIN), even with a catch-all. */
  ownedZones: string[]
  /** Where every other name leads: its MX is `exchange`, its A is `address`. `null`: NXDOMAIN. */
  catchAll: { exchange: string; address: string } | null
  /** Top-level names below which nothing exists, for example `invalid` (RFC 6761, section 6.4). */
  nxdomain: string[]
}

export interface ZoneAnswer { rcode: "NOERROR" | "NXDOMAIN"; answers: ZoneRecord[]; authorities: ZoneRecord[] }

const cnamesMax = 8
const catchAllTtl = 60
const negativeTtl = 5

/** The lab's whole name space: authoritative for the root, and nothing is ever asked elsewhere. */
export class NameSpace {
  private readonly data: ZoneData
  private readonly records = new Map<string, ZoneRecord[]>()
  /** How many records lie at or below a name: an empty non-terminal exists (RFC 8020). */
  private readonly below = new Map<string, number>()
  private readonly closed: ReadonlySet<string>

  constructor(data: ZoneData) {
    this.data = data
    this.closed = new Set([...data.ownedZones, ...data.nxdomain, "arpa"].map(canonical))
    for (const record of data.records) this.add(record)
  }

  /** Replaces the records of a name (of one type only, if given); an empty list removes them. */
  replace(name: string, records: readonly ZoneRecord[], type?: string): void {
    const kept: ZoneRecord[] = []
    for (const record of this.at(name)) {
      if (type !== undefined && record.type !== type) kept.push(record)
      for (const above of ancestry(name)) this.below.set(above, (this.below.get(above) ?? 1) - 1)
    }
    this.records.delete(canonical(name))
    for (const record of [...kept, ...records]) this.add({ ...record, name })
  }

  at(name: string): readonly ZoneRecord[] {
    return this.records.get(canonical(name)) ?? []
  }

  /**
   * Answers one question. A CNAME is followed within the name space. A name that exists without that type, and any
   * unknown type, is NOERROR without data; a name that does not exist is NXDOMAIN; both carry the zone's SOA.
   */
  answer(name: string, type: string): ZoneAnswer {
    const answers: ZoneRecord[] = []
    let current = canonical(name)
    for (let step = 0; step <= cnamesMax; step += 1) {
      const found = this.recordsFor(current)
      if (!found) return { rcode: "NXDOMAIN", answers, authorities: [this.startOfAuthority(current)] }
      const alias = type === "CNAME" ? undefined : found.find((record) => record.type === "CNAME")
      if (!alias) {
        const wanted = found.filter((record) => record.type === type)
        const authorities = wanted.length === 0 ? [this.startOfAuthority(current)] : []
        return { rcode: "NOERROR", answers: [...answers, ...wanted], authorities }
      }
      answers.push(alias)
      current = canonical(String(alias.data))
    }
    return { rcode: "NOERROR", answers, authorities: [] }
  }

  private add(record: ZoneRecord): void {
    const name = canonical(record.name)
    this.records.set(name, [...(this.records.get(name) ?? []), { ...record, name }])
    for (const above of ancestry(name)) this.below.set(above, (this.below.get(above) ?? 0) + 1)
  }

  /** The records of a name, empty where it exists without any; `undefined` where it does not exist. */
  private recordsFor(name: string): ZoneRecord[] | undefined {
    const exact = this.records.get(name)
    if (exact) return exact
    if (name === "" || (this.below.get(name) ?? 0) > 0) return []
    const wildcard = this.wildcardFor(name)
    if (wildcard) return wildcard
    if (ancestry(name).some((above) => this.closed.has(above))) return undefined
    if (!this.data.catchAll) return undefined
    const { exchange, address } = this.data.catchAll
    return [
      { name, type: "MX", ttl: catchAllTtl, data: { preference: 10, exchange } },
      { name, type: "A", ttl: catchAllTtl, data: address },
    ]
  }

  /** RFC 4592: a wildcard counts only directly below the closest name that exists. */
  private wildcardFor(name: string): ZoneRecord[] | undefined {
    for (const above of ancestry(name).slice(1)) {
      const wildcard = this.records.get(`*.${above}`)
      if (wildcard) return wildcard.map((record) => ({ ...record, name }))
      if ((this.below.get(above) ?? 0) > 0) return undefined
    }
    return undefined
  }

  private startOfAuthority(name: string): ZoneRecord {
    for (const above of ancestry(name)) {
      const own = this.records.get(above)?.find((record) => record.type === "SOA")
      if (own) return own
    }
    const zone = ancestry(name).find((above) => this.closed.has(above)) ?? ""
    return {
      name: zone, type: "SOA", ttl: negativeTtl,
      data: {
        mname: "dns.lab.test", rname: "hostmaster.lab.test", serial: 1,
        refresh: 3600, retry: 600, expire: 86_400, minimum: negativeTtl,
      },
    }
  }
}

/** Lower case and without a final dot; the root is the empty string. */
export function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, "")
}

/** A name and all above it, without the root: `a.b.test`, `b.test`, `test`. */
export function ancestry(name: string): string[] {
  const labels = canonical(name).split(".")
  return labels[0] === "" ? [] : labels.map((_, index) => labels.slice(index).join("."))
}
