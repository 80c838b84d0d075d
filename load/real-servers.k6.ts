// Every way in which k6/x/mail speaks, against a real Postfix and a real Dovecot: what each of them answered, one line of
// JSON for each way. RECIPIENTS exist, NOBODY does not.
/// <reference types="k6" />
import { Client, Template, type ClientOptions } from "k6/x/mail"

const given = (name: string): string => __ENV[name] ?? ""
const [anne = "", bob = ""] = given("RECIPIENTS").split(",")
const nobody = given("NOBODY")

const edge = { host: given("EDGE"), name: given("NAME"), startTls: "never" } as const
const submission: ClientOptions = {
  host: given("EDGE"), port: Number(given("SUBMISSION")), startTls: "required", tls: { ca: open("/recette/tls/ca.pem") },
  auth: { user: anne, pass: given("PASSWORD") },
}
const mailboxes = { host: given("MAILBOXES"), protocol: "lmtp", startTls: "never" } as const

const ways: Record<string, ClientOptions> = {
  stepwise: { ...edge, pipelining: false, chunking: false },
  data: { ...edge, chunking: false },
  bdat: edge,
  "bdat-stepwise": { ...edge, pipelining: false },
  "data-ahead": { ...edge, chunking: false, pipelineMessages: true },
  "bdat-ahead": { ...edge, pipelineMessages: true },
  "submission": submission,
  "submission-ahead": { ...submission, pipelineMessages: true },
  "submission-data-ahead": { ...submission, chunking: false, pipelineMessages: true },
  lmtp: mailboxes,
  "lmtp-ahead": { ...mailboxes, pipelineMessages: true },
  "lmtp-data-ahead": { ...mailboxes, chunking: false, pipelineMessages: true },
}

const text = "Bonjour,\n.\n.a line that begins with a dot\nfin\n"
const all = Object.entries(ways).map(([way, options]) => {
  const from = way.startsWith("submission") ? anne : given("SENDER")
  const template = (to: ConstructorParameters<typeof Template>[0]["to"], sizeBytes = 0) =>
    new Template({ from, to, text, sizeBytes, run: given("RUN"), stream: way })
  return {
    way, client: new Client({ ...options, replyTimeoutMs: 60_000, finalReplyTimeoutMs: 60_000 }),
    mixed: template([anne, nobody, bob]), turns: template({ list: [anne, nobody, bob] }),
    large: template(bob, 60_000), none: template(nobody),
  }
})

export const options = { vus: 1, iterations: 1, thresholds: { mail_recipients: ["count>0"] } }

export default () => {
  for (const { way, client, mixed, turns, large, none } of all) {
    const results = [client.send(mixed), client.send(none), client.send(large), client.sendBatch(turns, 6), client.sendBatch(large, 3)]
    const said = results.map(({ accepted, refused, error }) => ({ accepted, refused, error: error?.message ?? "" }))
    console.log(`way ${JSON.stringify({ way, said })}`)
  }
}
