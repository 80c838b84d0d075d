/** A dialog with the process that started this container: one JSON request a line, one JSON reply a line. */
import { createInterface } from "node:readline"

/** Answers every line of standard input with what `answer` returns, in order; an error becomes `{ error }`. */
export function answerLines<Request>(answer: (request: Request) => Promise<object>): void {
  let before = Promise.resolve()
  createInterface({ input: process.stdin }).on("line", (line) => {
    before = before.then(async () => {
      const reply = await answer(JSON.parse(line) as Request).catch((error: Error) => ({ error: error.message }))
      process.stdout.write(`${JSON.stringify(reply)}\n`)
    })
  })
}
