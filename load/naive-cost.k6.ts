// The comparator of `recette bench generator`: one connection for each message, by net/smtp in k6 (load/k6-mail/cmd/k6-naive).
/// <reference types="k6" />
import exec from "k6/execution"
import { send } from "k6/x/naive"

const number = (name: string): number => Number(__ENV[name])
const address = `${__ENV["HOST"]}:${__ENV["PORT"]}`
const from = "sender@generator.test"
/** What the header takes of a message, roughly. */
const headerBytes = 150
const line = "The quick brown fox jumps over the lazy dog, and nobody waits.\r\n"
const text = line.repeat(Math.floor((number("BYTES") - headerBytes) / line.length))

export const options = {
  scenarios: {
    cost: {
      executor: "shared-iterations", vus: number("SESSIONS"), maxDuration: "2m",
      iterations: Math.max(number("SESSIONS"), number("MESSAGES")),
    },
  },
}

export default () => {
  const to = `u${exec.scenario.iterationInTest % 20_000}@academie-01.test`
  send(address, from, to, `From: ${from}\r\nTo: ${to}\r\nSubject: Message ${exec.scenario.iterationInTest}\r\n\r\n${text}`)
}
