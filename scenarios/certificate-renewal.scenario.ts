import { ImapFlow } from "imapflow"
import { exchangeCertificates, runRenewalHook } from "../lab/certificate-renewal.ts"
import type { Credentials } from "../lab/dovecot.ts"
import { eventually } from "../lab/eventually.ts"
import type { StartedInsideContainer } from "../lab/inside-container.ts"
import type { StartedPostfixContainer } from "../lab/postfix.ts"
import { decentMessage } from "./raw-message.ts"
import { SmtpDialog } from "./smtp-dialog.ts"
import { expect, test } from "./test.ts"
import { edgeDoors, mailboxDoors, type TlsDoor } from "./tls-door.ts"

// A certificate is renewed as the release does it, while people are connected and others come.

/** Who comes at once, to be served by several processes. */
const comersCount = 4
const newCertificateMsMax = 10_000
/** Dovecot 2.4 ends what is left of its old processes 6 s after a reload (master/service-list.c; 2.3 after 60 s). */
const oldProcessesMsMax = 7_000

/**
 * Renews the certificate of a node. Meanwhile somebody comes to each door again and again; afterwards whoever comes must
 * be shown the new one. Few come then: a process of Postfix ends by itself after 100 (max_use), and would be followed by
 * one that reads the new certificate although nobody had told it to. Returns why who came was not served or did not
 * believe the certificate at the last of their attempts, each reason once.
 */
async function renew(node: StartedInsideContainer, doors: readonly TlsDoor[], attempts = 1): Promise<string[]> {
  const options = { ca: node.handle.certificateAuthority }
  const turnedAway = new Set<string>()
  const come = async (door: TlsDoor, attempt = 1): Promise<string | undefined> => {
    const { certificate, error } = await door.shake(options)
      .catch((reason: Error) => ({ certificate: undefined, error: reason }))
    if (error && attempt < attempts) return come(door, attempt + 1)
    if (error) turnedAway.add(error.message)
    return certificate?.fingerprint256
  }
  const before = await Promise.all(doors.map((door) => come(door)))
  let isUnderWay = true
  const comeAgain = async (door: TlsDoor) => {
    do await come(door)
    while (isUnderWay)
  }

  await exchangeCertificates(node)
  const coming = Promise.all(doors.map(comeAgain))
  const hook = await runRenewalHook(node)
  isUnderWay = false
  await coming
  await eventually("whoever comes is shown the new certificate", async () => {
    const shown = await Promise.all(doors.flatMap((door) => Array.from({ length: comersCount }, async () => come(door))))
    return shown.every((fingerprint) => fingerprint !== undefined && !before.includes(fingerprint))
  }, { withinMs: newCertificateMsMax, everyMs: 1_000 })

  expect(hook.exitCode, `what the release runs after a renewal: ${hook.stderr}`).toBe(0)
  return [...turnedAway]
}

test("when the edge's certificate is renewed, open sessions end well, nobody is turned away, and who comes sees the new one",
  { meta: { requirements: ["SEC-04"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.cabinet")
    const stranger = scene.stranger()
    const ids = [scene.nextId(), scene.nextId()]
    const incoming = await SmtpDialog.open(lab.postfix.smtpFor())
    await incoming.say("EHLO client.internet.test")
    await incoming.say("STARTTLS")
    expect(await incoming.startTls(lab.postfix.smtpFor().tls)).toBeUndefined()
    await incoming.say("EHLO client.internet.test")
    const submitted = await SmtpDialog.asAccount(lab.postfix.submissionFor(owner))
    const sessions = [incoming, submitted]
    const started = [await incoming.startMessage(stranger, [owner.address]), await submitted.startMessage(owner.address, [stranger])]

    const turnedAway = await renew(lab.postfix, edgeDoors(lab))
    const taken = await Promise.all(sessions.map(async (session, index) => session.sendRaw(
      `${decentMessage({ id: ids[index]!, from: index === 0 ? stranger : owner.address, to: index === 0 ? owner.address : stranger })}.\r\n`)))
    for (const session of sessions) session.close()

    expect(started.map(({ code }) => code)).toEqual([354, 354])
    expect(taken.map(({ code, text }) => `${code} ${text}`)).toEqual([expect.stringMatching(/^250/), expect.stringMatching(/^250/)])
    expect(turnedAway).toEqual([])
    await scene.awaitCopies(ids[0]!, [owner.address])
    await scene.awaitCopies(ids[1]!, [stranger])
  })

test("when the mailboxes' certificate is renewed, who is reading reads on, nobody is turned away twice, and who comes sees the new one",
  { meta: { requirements: ["SEC-40"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dgrh")
    const reader = new ImapFlow(lab.dovecot.imapFor(owner))
    let isCutOff = false
    reader.on("error", () => isCutOff = true)
    reader.on("close", () => isCutOff = true)
    await reader.connect()
    await reader.mailboxOpen("INBOX")
    await logIn(lab.postfix, owner)

    // A session that has not reached the accounts' process when Dovecot is reloaded is ended with BYE ("Server shutting
    // down"): its client comes again at once (RFC 9051, section 7.1.5).
    const turnedAway = await renew(lab.dovecot, mailboxDoors(lab), 2)
    await eventually("who is reading is cut off", async () => isCutOff, { withinMs: oldProcessesMsMax }).catch(() => undefined)
    const refusedLogins = await logIn(lab.postfix, owner)
    const mail = await scene.send({ from: owner, to: [owner.address] })
    await scene.awaitCopies(mail.id, [owner.address])
    await reader.noop().catch(() => isCutOff = true)
    const seen = await reader.search({ header: { "X-Recette-Id": mail.id } }).catch(() => false as const)
    const wasCutOff = isCutOff
    reader.close()

    expect(wasCutOff, "the session that was open").toBe(false)
    expect(seen || []).toHaveLength(1)
    expect(turnedAway).toEqual([])
    expect(refusedLogins, "logins at the edge, which asks the mailbox server").toEqual([])
  })

/** Logs in on port 587 several times at once, so that several processes of the edge ask Dovecot. Returns the refusals. */
async function logIn(edge: StartedPostfixContainer, account: Credentials): Promise<string[]> {
  const logins = await Promise.allSettled(Array.from({ length: comersCount }, async () => SmtpDialog.asAccount(edge.submissionFor(account))))
  return logins.flatMap((login) => {
    if (login.status === "rejected") return [String(login.reason)]
    login.value.close()
    return []
  })
}
