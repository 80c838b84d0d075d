import type { StartedPostfixContainer } from "../lab/postfix.ts"

/** The edge's tables of aliases, as its configuration names them. */
export const aliasTables = { directory: "ldap:/etc/postfix/ldap-alias.cf", database: "mysql:/etc/postfix/mysql-alias.cf" } as const
export type AliasSource = keyof typeof aliasTables

/** What was found, by address, and how long all look-ups took together, connection included. */
export interface LookUps { targets: ReadonlyMap<string, string>; microseconds: number }

/** Where nothing is found, postmap ends with 1 and says nothing. */
const script = 'begin="$(date +%s%N)"; postmap -q - "$1" || [ "$?" -eq 1 ]; echo "$((($(date +%s%N) - begin) / 1000))" >&2'

/** Asks one of the edge's tables for addresses, one after the other over one connection, on the edge itself. */
export async function lookUp(postfix: StartedPostfixContainer, source: AliasSource, addresses: readonly string[]): Promise<LookUps> {
  const { stdout, stderr } = await postfix.exec(["sh", "-c", script, "look-up", aliasTables[source]], { input: addresses.map((one) => `${one}\n`).join("") })
  const lines = stdout.split("\n").filter(Boolean).map((line) => line.split("\t") as [string, string])
  return { targets: new Map(lines), microseconds: Number(stderr.trim().split("\n").at(-1)) }
}
