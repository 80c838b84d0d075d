// Direct mail to somebody of each academy at a time, at an arrival rate, by authenticated submission: a small load of many
// recipients for honesty.long.test.ts. At `slowness` 2 the generator sends at half the rate that streams.json asks for.
/// <reference types="k6" />
import { Client, Template } from "k6/x/mail"

const slowness = 1
const perMessage = 30

const given = (name: string): string => __ENV[name] ?? ""
const [stream] = JSON.parse(open("./streams.json")) as [{
  name: string; senders: [{ address: string; password: string }]; to: { file: string }; messages: number; perSecond: number; bytes: number; vus: number
}]
const { name, senders: [{ address: sender, password }], to, messages, perSecond, bytes, vus } = stream

const client = new Client({
  host: given("EDGE"), port: Number(given("SUBMISSION")), name: given("NAME"), startTls: "required",
  tls: { ca: open("/recette/tls/ca.pem") }, auth: { user: sender, pass: password },
  log: { folder: given("LOG_FOLDER"), writer: given("WRITER") },
})
const message = new Template({ from: sender, to: { ...to, perMessage }, sizeBytes: bytes, run: given("RUN"), stream: name })

export const options = {
  scenarios: {
    [name]: {
      executor: "constant-arrival-rate", rate: messages, timeUnit: `${messages / perSecond * slowness}s`,
      duration: `${(messages - 0.5) / perSecond * slowness}s`, preAllocatedVUs: vus, maxVUs: vus, gracefulStop: "60s",
    },
  },
}

export default () => {
  client.send(message)
}
