import { createHmac } from "node:crypto"
import { copiesOf } from "./copies.ts"
import { proofOf } from "./mail-proof.ts"
import { headerLinesOf } from "./raw-message.ts"
import { SendingDomain } from "./sending-domain.ts"
import { expect, test } from "./test.ts"

// What an alias leads outside leaves with a sender of ours, that only we can turn back (SRS), and nothing else does.

const secretFile = "/etc/postfix/postsrsd.secret"
const dayMs = 86_400_000
const daysMax = 1_024
const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
const rewritten = /^SRS0=([^=]{4})=([A-Z2-7]{2})=([^=]+)=([^@]+)@education\.test$/i

/** The address that the platform's own secret makes of a sender on a day: a signature, the day, domain and local part. */
function rewrittenAddress(secret: string, sender: string, day: Date): string {
  const [user, domain] = sender.split("@")
  const days = Math.floor(day.getTime() / dayMs) % daysMax
  const stamp = `${digits[days >> 5]}${digits[days & 31]}`
  const signature = createHmac("sha1", secret).update(`${stamp}${domain}${user}`.toLowerCase()).digest("base64").slice(0, 4)
  return `SRS0=${signature}=${stamp}=${domain}=${user}@education.test`
}

test("what an alias leads to an academy leaves with a sender of ours for which SPF passes, and a notice to it reaches the author",
  { meta: { requirements: ["SPM-18"] } }, async ({ scene, lab }) => {
    const [agent] = scene.people("ac-grenoble.test")
    const alias = scene.address("redirection")
    await lab.mariadb.createAlias(alias, agent!.address)
    const author = await SendingDomain.make(scene, "renvoi", { spf: "v=spf1 {ip} -all", dmarc: "v=DMARC1; p=reject", signs: true })
    const { address: ip, hostname: helo } = lab.postfix.node

    const { id } = await author.send({ to: [alias] })
    await scene.awaitCopies(id, [agent!.address])
    const [copy] = await copiesOf(lab, id)
    const raw = await copy!.raw()
    const proof = await proofOf(lab, raw, { ip, helo, sender: copy!.sender! })
    const unchanged = await proofOf(lab, raw, { ip, helo, sender: author.author })
    const notice = await scene.send({ from: agent!.address, sender: "", to: [copy!.sender!], subject: "Undelivered Mail Returned to Sender" })

    expect(rewritten.exec(copy!.sender!)?.slice(3)).toEqual([author.name, "redaction"])
    expect(proof.spf && proof.spf.status.result).toBe("pass")
    expect(proof.dmarc && proof.dmarc.status.result).toBe("pass")
    expect(unchanged.spf && unchanged.spf.status.result, "the author's own sender, from our server").toBe("fail")
    await expect(notice).toHaveReachedExactly(scene, [author.author])
  })

test("our own mail, a list's, a notice and what stays in a mailbox keep their sender",
  { meta: { requirements: ["SPM-20"] } }, async ({ scene, lab, distribution }) => {
    const office = await scene.office("ce.dgrh")
    const [agent] = scene.people("ac-dijon.test")
    const alias = scene.address("partage")
    await lab.mariadb.createAlias(alias, [agent!.address, office.address])
    const stranger = scene.stranger()

    const own = await scene.send({ from: office, to: [alias] })
    const strangers = await scene.send({ from: stranger, to: [alias] })
    const notice = await scene.send({ from: stranger, sender: "", to: [alias] })
    for (const mail of [own, strangers, notice]) await scene.awaitCopies(mail.id, [agent!.address, office.address])
    const senderOf = async ({ id }: { id: string }) => (await copiesOf(lab, id)).find(({ recipient }) => recipient === agent!.address)?.sender
    const inMailbox = (await copiesOf(lab, strangers.id)).find(({ place }) => place === "mailbox")
    const { copies } = await distribution()

    expect(await senderOf(own)).toBe(office.address)
    expect(await senderOf(notice)).toBe("")
    expect(headerLinesOf(await inMailbox!.raw())).toContain(`Return-Path: <${stranger}>`)
    for (const { sender } of copies.filter(({ place }) => place !== "mailbox")) expect(sender).toMatch(/^[^=]+@listes\.education\.test$/)
  })

test("a rewritten address that is forged or a month old is refused, and one of today leads to its author",
  { meta: { requirements: ["SPM-21"] } }, async ({ scene, lab }) => {
    const author = scene.stranger()
    const secret = (await lab.postfix.run(["cat", secretFile])).trim()
    const now = new Date()
    const today = rewrittenAddress(secret, author, now)
    const [academy] = scene.people("ac-nantes.test")
    const notify = (to: string) => scene.send({ from: academy!.address, sender: "", to: [to] })

    const welcome = await notify(today)
    const refused = await Promise.all([
      rewrittenAddress(secret, author, new Date(now.getTime() - 30 * dayMs)), rewrittenAddress("another secret", author, now),
      today.replace(author.split("@")[0]!, "victime"), `SRS0=AAAA=AA=example.test=victime@education.test`,
    ].map(notify))

    await expect(welcome).toHaveReachedExactly(scene, [author])
    for (const mail of refused) {
      expect(mail).toHaveBeenRefused({ code: 550 })
      await expect(mail).toHaveReachedExactly(scene, [])
    }
  })
