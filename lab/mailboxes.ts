import { setTimeout as pause } from "node:timers/promises"
import type { ExecOutcome } from "./engine.ts"
import { Pace } from "./pace.ts"
import { messageFacts } from "./world/message-content.ts"

/** One message in a mailbox, as it was delivered. */
export interface MailboxCopy {
  address: string
  /** `INBOX`, the folder's name with `/` between levels, or the name of a tree beside the mailboxes (`quarantine`). */
  folder: string
  raw: Buffer
}

interface StoredMessage { id: string | null; raw: Buffer }

/** Looks before it is a failure that files go away while they are read; pause between two, in ms. */
const looksMax = 20
const lookEveryMs = 50
/** How copies.sh ends when a file went away between listing and reading it (EX_TEMPFAIL of sysexits.h). */
const tryAgain = 75
/** Files that are read by one command: their paths are its words, and a command line is bounded (128 KiB a word, 2 MiB). */
const filesAtOnceMax = 500

/**
 * All mailboxes of a node in Maildir++ form. A look lists what is there and reads what it has not read before: a file in
 * a maildir never changes. Who asks during a look waits for the next one, which is then one for all who wait: no answer is
 * older than its question.
 */
export class Mailboxes {
  /** To walk through all mailboxes costs as much processor time as some messages. */
  private readonly pace = new Pace(300)
  private readonly run: (command: readonly string[]) => Promise<ExecOutcome>
  /** Messages by their file's unique name: its path without `new` or `cur` and without flags. */
  private readonly known = new Map<string, StoredMessage>()
  private current: Promise<unknown> = Promise.resolve()
  private next: Promise<ReadonlyMap<string, StoredMessage>> | undefined
  /** `run` runs a command in the node. */
  constructor(run: (command: readonly string[]) => Promise<ExecOutcome>) {
    this.run = run
  }

  /** Messages whose own header has `X-Recette-Id: <id>`. Throws an Error where the mailboxes could not be read as a whole. */
  async withId(id: string): Promise<MailboxCopy[]> {
    return this.those((message) => message.id === id)
  }

  /** Messages that hold `text` (ASCII) anywhere. Throws as `withId`. */
  async withText(text: string): Promise<MailboxCopy[]> {
    return this.those(({ raw }) => raw.includes(text))
  }

  private async those(belongs: (message: StoredMessage) => boolean): Promise<MailboxCopy[]> {
    return [...await this.look()].filter(([, message]) => belongs(message))
      .map(([path, { raw }]) => ({ ...placeOf(path), raw }))
  }

  private look(): Promise<ReadonlyMap<string, StoredMessage>> {
    return this.next ??= this.begin()
  }

  private begin(): Promise<ReadonlyMap<string, StoredMessage>> {
    const found = this.current.then(async () => {
      await this.pace.turn()
      this.next = undefined
      return this.all()
    })
    this.current = found.catch(() => undefined)
    return found
  }

  private async all(): Promise<ReadonlyMap<string, StoredMessage>> {
    for (let look = 1; look <= looksMax; look += 1) {
      try {
        return await this.once()
      } catch (error) {
        if (!(error instanceof WentAway)) throw error
        await pause(lookEveryMs)
      }
    }
    throw new Error(`files went away in each of ${looksMax} looks at the mailboxes`)
  }

  private async once(): Promise<ReadonlyMap<string, StoredMessage>> {
    const paths = new Map((await this.copies("list")).split("\n").filter(Boolean).map((path) => [uniqueName(path), path]))
    await this.read([...paths].filter(([name]) => !this.known.has(name)).map(([, path]) => path))
    return new Map([...paths].map(([name, path]) => [path, this.known.get(name)!]))
  }

  private async read(paths: readonly string[]): Promise<void> {
    for (let from = 0; from < paths.length; from += filesAtOnceMax) {
      const lines = await this.copies("read", ...paths.slice(from, from + filesAtOnceMax))
      for (const line of lines.split("\n").filter(Boolean)) {
        const space = line.lastIndexOf(" ")
        const raw = Buffer.from(line.slice(space + 1), "base64")
        this.known.set(uniqueName(line.slice(0, space)), { id: messageFacts(raw).id, raw })
      }
    }
  }

  private async copies(...words: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(["/copies.sh", ...words])
    if (exitCode === tryAgain) throw new WentAway("a file went away between listing and reading it")
    if (exitCode !== 0) throw new Error(`copies.sh ended with ${exitCode}: ${stderr.trim()}`)
    return stdout
  }
}

class WentAway extends Error { override readonly name = "WentAway" }

function uniqueName(path: string): string {
  return path.replace(/\/(new|cur)\/([^/:]+)(:.*)?$/, "/$2")
}

/** `./[.<tree>/]<domain>/<user>/[.<folder>.<sub>/](new|cur)/<file>` (Maildir++, and a tree beside the mailboxes). */
function placeOf(path: string): { address: string; folder: string } {
  const [, first, ...more] = path.split("/")
  if (first!.startsWith(".")) return { ...placeOf(["", ...more].join("/")), folder: first!.slice(1) }
  const [domain, user, ...rest] = [first, ...more]
  const folder = rest.length > 2 ? rest[0]!.replace(/^\./, "").replaceAll(".", "/") : "INBOX"
  return { address: `${user}@${domain}`, folder }
}
