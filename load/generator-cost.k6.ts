// What `recette bench generator` measures: MESSAGES messages over SESSIONS connections, as fast as they go.
/// <reference types="k6" />
import { Client, Template } from "k6/x/mail"

const number = (name: string): number => Number(__ENV[name])
const isSet = (name: string): boolean => __ENV[name] !== undefined

const client = new Client({
  host: __ENV["HOST"] ?? "", port: number("PORT"), startTls: "never",
  pipelining: !isSet("WITHOUT_PIPELINING"),
  pipelineMessages: isSet("BATCH"),
  messagesPerConnectionMax: isSet("CONNECTION_EACH") ? 1 : 0,
})

const message = new Template({
  from: "sender@generator.test", sizeBytes: number("BYTES"),
  to: { range: { pattern: "u#####@academie-01.test", count: 20_000 }, perMessage: number("RECIPIENTS") },
})

const batch = isSet("BATCH") ? number("BATCH") : 1

export const options = {
  scenarios: {
    cost: {
      executor: "shared-iterations", vus: number("SESSIONS"), maxDuration: "2m",
      iterations: Math.max(number("SESSIONS"), Math.round(number("MESSAGES") / batch)),
    },
  },
  thresholds: { mail_failed: ["rate==0"], mail_messages: [`count>=${number("MESSAGES")}`] },
}

export default isSet("BATCH") ? () => client.sendBatch(message, batch) : () => client.send(message)
