/** One file in a spool of Sympa. */
export interface SpoolEntry {
  /** Folder below /var/spool/sympa, for example `msg`, `bulk/pct`, `moderation` or `msg/bad`. */
  spool: string
  file: string
  /** Address of the list (or of the engine) that it is for, where its name says so. */
  list?: string
  /**
   * `engine`: moves on by itself; the platform has drained when there is none. `person`: waits for a moderator, a
   * confirmation or the hour of a digest. `nothing`: set aside as bad; it stays.
   */
  waitsFor: "engine" | "person" | "nothing"
}

/** Spools that a daemon empties by itself: incoming, packets, automatic lists, bounces, archives. */
const moving = new Set(["msg", "bulk/msg", "bulk/pct", "automatic", "bounce", "outgoing"])
/** Those of them whose files each are mail: the messages that packets share lie in `bulk/msg`, and may outlast them. */
export const movingSpools: readonly string[] = [...moving].filter((spool) => spool !== "bulk/msg")
/** Where a message waits for somebody. `held` and `auth`: a confirmation by its author. */
const waiting = new Set(["moderation", "auth", "held", "topic", "digest"])
export const waitingSpools: readonly string[] = [...waiting]

/**
 * Reads the output of `find /var/spool/sympa -type f -printf '%P\n'`. Tasks, temporary files and what is no mail are
 * left out. The names of the files are Sympa's own (Sympa::Spool::*, `_marshal_format`).
 */
export function parseSpools(output: string): SpoolEntry[] {
  return output.split("\n").filter((path) => path !== "").flatMap((path) => spoolEntry(path) ?? [])
}

function spoolEntry(path: string): SpoolEntry | undefined {
  const folders = path.split("/")
  folders.pop()
  const spool = spoolOf(folders)
  // `T.…` is still being written by `queue`: mail that moves as well.
  const waitsFor = folders.includes("bad") ? "nothing"
    : moving.has(spool) ? "engine" : waiting.has(spool) ? "person" : undefined
  if (!waitsFor || path.includes(",lock")) return undefined
  // Packets and digests lie in a folder of their own, whose name says the list.
  const list = listIn(path.split("/").find((part) => part.includes("@")) ?? "")
  return { spool, file: path.slice(spool.length + 1), ...(list ? { list } : {}), waitsFor }
}

/** `bulk/pct/<packet>/<file>` belongs to `bulk/pct`, `digest/<list>/<file>` to `digest`. */
function spoolOf(folders: string[]): string {
  const depth = folders[0] === "bulk" ? (folders[1] === "bad" ? 3 : 2) : folders[1] === "bad" ? 2 : 1
  return folders.slice(0, depth).join("/")
}

/** Before the list's name: priorities and times (bulk), a date (auth, archives). After it: date, key or tag. */
function listIn(name: string): string | undefined {
  const found = /^(?:T\.)?(?:[\dz]+[.,])*([^\s@,/]+)@([-A-Za-z0-9.]+?)(?=_|,|\.\d|$)/.exec(name)
  return found ? `${found[1]}@${found[2]}` : undefined
}
