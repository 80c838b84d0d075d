import { createReadStream, createWriteStream } from "node:fs"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { InputError } from "../../lab/failure.ts"
import { type Database, literal } from "./database.ts"
import { columnsOf } from "./ledger-files.ts"

/** Who must get the mail of one list (its address) or of one stream of direct mail (its name). */
export interface Audience {
  name: string
  /** In the order of their places; or the text file that the generator reads: an address a line, without empty ones and `#`. */
  recipients: Iterable<string> | { file: string }
  /** Nobody must get its mail: the recipients stand there for the ledger to know the audience, and were never due anything. */
  isNobody?: boolean
}

const always = { since_us: 0, until_us: Number.MAX_SAFE_INTEGER }
const never = { since_us: 0, until_us: 0 }

/**
 * Writes `expected-<writer>.parquet`, for audiences that stay the same all through the load. Returns how many recipients each has.
 * Throws an InputError for an audience that has nobody, or somebody twice.
 */
export async function writeExpectations(
  database: Database, { folder, writer, audiences }: { folder: string; writer: string; audiences: readonly Audience[] },
): Promise<Map<string, number>> {
  const path = join(folder, `expected-${writer}.parquet`)
  const sizes = new Map<string, number>()
  await pipeline(Readable.from(lines(audiences, sizes)), createWriteStream(`${path}.ndjson`))
  const types = Object.entries(columnsOf.expected).map(([name, type]) => `${name}: '${type}'`).join(", ")
  await database.run(`copy (select * from read_json(${literal(`${path}.ndjson`)}, format = 'newline_delimited', columns = {${types}}))
    to ${literal(path)} (format parquet)`)
  await rm(`${path}.ndjson`)
  return sizes
}

async function* lines(audiences: readonly Audience[], sizes: Map<string, number>): AsyncGenerator<string> {
  for (const { name, recipients, isNobody = false } of audiences) {
    // A list has an address, which the ledger compares in lower case; a stream has a name, as it is.
    const audience = name.includes("@") ? name.toLowerCase() : name
    const seen = new Set<string>()
    for await (const address of "file" in recipients ? linesOf(recipients.file) : recipients) {
      const recipient = address.toLowerCase()
      if (seen.has(recipient)) throw wrong(audience, `has ${recipient} twice`)
      yield `${JSON.stringify({ audience, place: seen.size, recipient, ...(isNobody ? never : always) })}\n`
      seen.add(recipient)
    }
    if (seen.size === 0) throw wrong(audience, "has nobody")
    sizes.set(audience, seen.size)
  }
}

async function* linesOf(file: string): AsyncGenerator<string> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    const address = line.trim()
    if (address !== "" && !address.startsWith("#")) yield address
  }
}

function wrong(audience: string, what: string): InputError {
  return new InputError(`The audience ${audience} ${what}`, {
    where: "the load's recipients", remedy: "give each audience its recipients, each of them once",
  })
}
