// What `recette bench generator` asks of an arrival rate: RATE messages a second from VUS users for SECONDS.
/// <reference types="k6" />
import { Client, Template } from "k6/x/mail"

const number = (name: string): number => Number(__ENV[name])

const client = new Client({ host: __ENV["HOST"] ?? "", port: number("PORT"), startTls: "never" })
const message = new Template({
  from: "sender@generator.test", sizeBytes: number("BYTES"), to: { range: { pattern: "u#####@academie-01.test", count: 20_000 } },
})

export const options = {
  scenarios: {
    rate: {
      executor: "constant-arrival-rate", rate: number("RATE"), duration: `${number("SECONDS")}s`,
      preAllocatedVUs: number("VUS"), maxVUs: number("VUS"),
    },
  },
}

export default () => client.send(message)
