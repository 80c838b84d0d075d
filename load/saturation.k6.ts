// A closed model: each VU sends its next message as soon as the last one is answered, so that the platform is what limits.
// Bounded by the number of messages of the one stream in streams.json.
/// <reference types="k6" />
import { Client, Template } from "k6/x/mail"

const given = (name: string): string => __ENV[name] ?? ""
const [stream] = JSON.parse(open("./streams.json")) as [{
  name: string; senders: [{ address: string; password: string }]; to: { file: string }; messages: number; bytes: number; vus: number
}]
const { name, senders: [{ address: sender, password }], to, messages, bytes, vus } = stream

const client = new Client({
  host: given("EDGE"), port: Number(given("SUBMISSION")), name: given("NAME"), startTls: "required",
  tls: { ca: open("/recette/tls/ca.pem") }, auth: { user: sender, pass: password },
  log: { folder: given("LOG_FOLDER"), writer: given("WRITER") },
})
const message = new Template({ from: sender, to, sizeBytes: bytes, run: given("RUN"), stream: name })

export const options = {
  scenarios: { [name]: { executor: "shared-iterations", vus, iterations: messages, maxDuration: "10m", gracefulStop: "60s" } },
}

export default () => {
  client.send(message)
}
