import { expect, test } from "vitest"
import { behaviourFrom } from "./behaviour.ts"
import { MailCatcher } from "./mail-catcher.ts"
import { RecipientCounts, type RecipientLimits } from "./recipient-limits.ts"
import { sendMessage } from "./smtp-client.ts"

const limits: RecipientLimits = {
  windows: [{ windowSeconds: 60, perClientMax: 5, perSenderMax: 3 }, { windowSeconds: 600, perClientMax: 7, perSenderMax: 7 }],
  exemptSenderDomains: ["listes.education.test"],
}
const offer = (counts: RecipientCounts, sender: string, times: number, second: number) =>
  Array.from({ length: times }, () => counts.take(limits, { client: "10.0.0.1", sender }, second)).filter(Boolean).length

test("a sender has his limit, a client has one over all senders, and a window slides", () => {
  const counts = new RecipientCounts()
  expect(offer(counts, "a@education.test", 5, 100)).toBe(3)
  expect(offer(counts, "B@education.test", 5, 110)).toBe(2)
  expect(offer(counts, "a@education.test", 5, 159)).toBe(0)
  expect(offer(counts, "a@education.test", 5, 161)).toBe(2)
  expect(offer(counts, "a@education.test", 5, 400)).toBe(0)
  expect(offer(counts, "a@education.test", 5, 701)).toBe(3)
})

test("lists that are exempt flow, and count for nobody", () => {
  const counts = new RecipientCounts()
  expect(offer(counts, "info-owner@Listes.education.test", 100, 100)).toBe(100)
  expect(offer(counts, "a@education.test", 5, 100)).toBe(3)
})

test("limits over the control are whole numbers", () => {
  expect(behaviourFrom({ limits })).toEqual({ limits })
  expect(() => behaviourFrom({ limits: { windows: [] } })).toThrow("limits is { windows:")
  expect(() => behaviourFrom({ limits: { windows: [{ windowSeconds: 60, perClientMax: 0, perSenderMax: 1 }] } })).toThrow("limits is")
})

test("a server says so at RCPT, counts over all domains that have limits, and forgets when it is reset", async () => {
  const server = (domain: string) => ({ address: "127.0.0.1", port: 0, hostname: `mx.${domain}`, domain, anyDomain: true })
  const catcher = new MailCatcher({ node: "academies", listeners: [server("ac-lyon.test"), server("ac-nice.test")] })
  await catcher.listen("127.0.0.1", 0)
  const send = (to: number, domain: string) => sendMessage({
    host: "127.0.0.1", port: catcher.listeners[to]!.port, sender: "a@education.test", recipients: ["x", "y"].map((name) => `${name}@${domain}`),
    data: "Subject: x\r\n\r\nx\r\n",
  }, { hostname: "client.test", localAddress: undefined })
  try {
    for (const domain of ["ac-lyon.test", "ac-nice.test"]) catcher.behaviours.set(domain, { limits })
    expect((await send(0, "ac-lyon.test")).accepted).toHaveLength(2)
    expect(await send(1, "ac-nice.test")).toMatchObject({
      accepted: ["x@ac-nice.test"], refused: [{ recipient: "y@ac-nice.test", code: 450, text: "4.7.1 Too many recipients for now, please try again later" }],
    })
    catcher.behaviours.reset()
    catcher.behaviours.set("ac-nice.test", { limits })
    expect((await send(1, "ac-nice.test")).accepted).toHaveLength(2)
  } finally {
    await catcher.close()
  }
})
