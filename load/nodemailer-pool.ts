// The comparator of `recette bench generator`: nodemailer's pool, as its manual recommends for many messages.
// Arguments: host, port, sessions, messages, octets of a message.
import { createTransport } from "nodemailer"

const [host = "", port, sessions, messages, bytes] = process.argv.slice(2)
/** What its header takes of a message, roughly. */
const headerBytes = 300
// Lines of less than 76 octets: longer ones it would encode, which costs it more.
const line = "The quick brown fox jumps over the lazy dog, and nobody waits.\r\n"
const text = line.repeat(Math.floor((Number(bytes) - headerBytes) / line.length))

const pool = createTransport({
  pool: true, maxConnections: Number(sessions), maxMessages: Number.POSITIVE_INFINITY, ignoreTLS: true,
  host, port: Number(port),
})

let next = 0
async function sendTheRest(): Promise<void> {
  while (next < Number(messages)) {
    const number = next++
    await pool.sendMail({
      from: "sender@generator.test", to: `u${String(number % 20_000).padStart(5, "0")}@academie-01.test`,
      subject: `Message ${number}`, text,
    })
  }
}

// Two in hand for each connection: none of them waits for work.
await Promise.all(Array.from({ length: 2 * Number(sessions) }, sendTheRest))
pool.close()
