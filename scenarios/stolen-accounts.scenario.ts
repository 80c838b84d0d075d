import { eventually } from "../lab/eventually.ts"
import type { Credentials } from "../lab/dovecot.ts"
import { academies } from "../fixtures/academies.ts"
import { secretOf } from "../lab/lab-secret.ts"
import { postfixServices } from "../lab/postfix.ts"
import { AntispamOperator } from "./antispam-operator.ts"
import { lent } from "./academy-pool.ts"
import type { Mail } from "./letter.ts"
import { decentMessage } from "./raw-message.ts"
import { deliveryMsMax, type Scene } from "./scene.ts"
import type { Services } from "./services.ts"
import { expect, test } from "./test.ts"

// An account whose password was stolen is put on hold after a declared bound, and nobody else notices.

const virus = `debut RECETTE-SYNTHETIC${"-VIRUS-SIGNATURE"} fin`
const exploitation = "exploitation@education.test"

/** An account's message to so many people elsewhere. */
async function writesTo(scene: Scene, from: Credentials, count: number): Promise<Mail> {
  return scene.send({ from, to: scene.people(`${scene.token}.example.test`, count).map(({ address }) => address) })
}

/** Of these messages, how many recipients have a copy outside. */
async function reached(scene: Scene, mails: readonly Mail[]): Promise<number> {
  return (await Promise.all(mails.map(({ id }) => scene.services.internet.copiesOf(id)))).flat().length
}

test("an account is put on hold at the first recipient above its bound, also when messages are handed in side by side",
  { meta: { requirements: ["SPM-38"] } }, async ({ scene, lab }) => {
    const max = await scene.bound("SPM-38", "hourRecipientsMax")
    const [patient, hasty] = [await scene.office("ce.dgrh"), await scene.office("ce.dsi")]
    const share = max / 4

    const mails: Mail[] = []
    for (let sent = 0; sent < max; sent += share) mails.push(await writesTo(scene, patient, share))
    const above = await writesTo(scene, patient, 1)
    const crowd = await Promise.all(Array.from({ length: 10 }, () => writesTo(scene, hasty, share)))

    for (const mail of mails) expect(mail).toHaveBeenTaken()
    expect(above).toHaveBeenRefused({ code: 451, enhanced: "4.7.1" })
    const taken = crowd.filter(({ accepted }) => accepted.length > 0)
    expect(taken.length).toBeLessThanOrEqual(4)
    expect(crowd.length - taken.length).toBeGreaterThanOrEqual(6)
    await scene.drain()
    expect([await reached(scene, mails), await reached(scene, [above])]).toEqual([max, 0])
    expect(await reached(scene, crowd)).toBe(taken.length * share)
    const held = await new AntispamOperator(lab).heldAccounts()
    expect([patient, hasty].map(({ address }) => held.get(address))).toEqual([expect.stringMatching(/recipients$/), expect.stringMatching(/recipients$/)])
  })

test("an account of which too many messages are refused is put on hold, and one refusal fewer is not held against it",
  { meta: { requirements: ["SPM-39"] } }, async ({ scene, lab }) => {
    const max = await scene.bound("SPM-39", "hourRefusedMessagesMax")
    const [careless, stolen] = [await scene.office("ce.dgrh"), await scene.office("ce.dsi")]
    const refusals = async (from: Credentials, count: number) => {
      for (let index = 0; index < count; index += 1) {
        expect(await scene.send({ from, to: [scene.stranger()], text: `${index} ${virus}\n` })).toHaveBeenRefused({ code: 554 })
      }
    }

    await refusals(careless, max)
    await refusals(stolen, max + 1)
    const [allowed, held] = [await writesTo(scene, careless, 1), await writesTo(scene, stolen, 1)]

    expect(allowed).toHaveBeenTaken()
    expect(held).toHaveBeenRefused({ code: 451, enhanced: "4.7.1" })
    expect((await new AntispamOperator(lab).heldAccounts()).get(stolen.address)).toBe(`${max + 1} refused messages`)
  })

test("an account that sends from more addresses than declared is put on hold",
  { meta: { requirements: ["SPM-39"] } }, async ({ scene, lab }) => {
    const max = await scene.bound("SPM-39", "clientAddressesCountMax")
    const owner = await scene.office("ce.dgesco")
    const target = scene.stranger()
    const places = academies.filter((academy) => !lent.includes(academy)).map(({ domain }) => domain).slice(0, max + 1)
    const from = async (domain: string) => lab.academies.send({
      from: domain, host: lab.postfix.node.hostname, port: postfixServices.submission, startTls: "required",
      login: { user: owner.address, password: owner.password }, sender: owner.address, recipients: [target],
      data: decentMessage({ id: scene.nextId(), from: owner.address, to: target }),
    })

    const outcomes = []
    for (const domain of places) outcomes.push(await from(domain))
    const again = await from(places[0]!)

    expect(outcomes.map(({ accepted }) => accepted.length)).toEqual([...Array<number>(max).fill(1), 0])
    for (const { refused, failure } of [outcomes.at(-1)!, again]) expect(refused, failure ?? "").toMatchObject([{ code: 451 }])
    expect((await new AntispamOperator(lab).heldAccounts()).get(owner.address)).toBe(`${max + 1} client addresses`)
  })

test("while an account is on hold others go on, and a service account sends more than a person may, up to its own bound",
  { meta: { requirements: ["SPM-40"] } }, async ({ scene, lab }) => {
    const [max, serviceMax] = await Promise.all([scene.bound("SPM-38", "hourRecipientsMax"), scene.bound("SPM-40", "serviceHourRecipientsMax")])
    const [stolen, other] = [await scene.office("ce.dgrh"), await scene.office("ce.dsi")]
    const service = await scene.account(`appli.convocations.${scene.token}@education.test`)
    const application = await scene.account(`appli.notes.${scene.token}@education.test`)

    const held = await writesTo(scene, stolen, max + 1)
    const others = [await writesTo(scene, other, 2), await writesTo(scene, service, serviceMax)]
    const [beyond, undeclared] = [await writesTo(scene, service, 1), await writesTo(scene, application, max + 1)]
    const incoming = await scene.send({ from: scene.stranger(), to: [stolen.address] })

    for (const mail of others) expect(mail).toHaveBeenTaken()
    for (const mail of [held, beyond, undeclared]) expect(mail).toHaveBeenRefused({ code: 451 })
    await expect(incoming).toHaveReachedExactly(scene, [stolen.address])
    await scene.drain()
    expect(await reached(scene, others)).toBe(2 + serviceMax)
    expect((await new AntispamOperator(lab).heldAccounts()).has(other.address)).toBe(false)
  })

test("operators are told once of an account on hold, why and how to let it go, and nothing of what it wrote",
  { meta: { requirements: ["SPM-41"] } }, async ({ scene, lab }) => {
    const max = await scene.bound("SPM-38", "hourRecipientsMax")
    const stolen = await scene.office("ce.dgrh")
    const operators = { address: exploitation, password: secretOf(lab.handle, "mailbox-exploitation") }
    const subject = `Sujet prive ${scene.token}x`
    const to = scene.people(`${scene.token}.example.test`, max + 1).map(({ address }) => address)

    const above = await scene.send({ from: stolen, to, subject, text: `texte-prive-${scene.token}\n` })
    const more = [await writesTo(scene, stolen, 1), await writesTo(scene, stolen, 1)]
    const alert = await scene.receives(operators, `an alert about ${stolen.address}`, ({ parsed }) => parsed.subject?.includes(stolen.address) ?? false)
    // What came later has arrived by the same way.
    await scene.settle([exploitation])

    for (const mail of [above, ...more]) expect(mail).toHaveBeenRefused({ code: 451 })
    expect(alert.parsed.text).toContain(`${max + 1} recipients`)
    expect(alert.parsed.text).toContain(`account release ${stolen.address}`)
    for (const word of [subject, "texte-prive", to[0]!]) expect(alert.raw).not.toContain(word)
    expect((await scene.reads(operators)).filter(({ parsed }) => parsed.subject?.includes(stolen.address))).toHaveLength(1)
  })

test("an account stays on hold through a restart of the antispam until an operator lets it go, which is written down, and sends again",
  { meta: { requirements: ["SPM-42"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const max = await scene.bound("SPM-38", "hourRecipientsMax")
    const stolen = await scene.office("ce.dgrh")
    const operator = new AntispamOperator(lab)
    await writesTo(scene, stolen, max + 1)
    const heldSecond = Number((await lab.rspamd.run(["redis-cli", "TIME"])).split("\n", 1)[0])
    await eventually("what is on hold is on disk", async () => await lastSaveBegan(lab) > heldSecond, { withinMs: deliveryMsMax })

    await lab.rspamd.stop()
    await lab.rspamd.startAgain()
    const still = await writesTo(scene, stolen, 1)
    await operator.releaseAccount(stolen.address, "olivier")
    const [again, full] = [await writesTo(scene, stolen, max), await writesTo(scene, stolen, 1)]

    expect(still).toHaveBeenRefused({ code: 451, enhanced: "4.7.1" })
    expect(again).toHaveBeenTaken()
    expect(full).toHaveBeenRefused({ code: 451 })
    const [line] = (await operator.accountReleases()).filter((one) => one.includes(stolen.address))
    expect(line).toMatch(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:]+Z ${stolen.address} released by olivier, held for ${max + 1} recipients$`))
    await scene.drain()
    expect(await reached(scene, [again])).toBe(max)
  })

/** Second of the epoch in which the last save to disk began: what came after that is not in it, whenever it ended. */
async function lastSaveBegan({ rspamd }: Services): Promise<number> {
  const told = await rspamd.run(["redis-cli", "INFO", "persistence"])
  const figure = (name: string) => Number(new RegExp(`^${name}:(-?\\d+)`, "m").exec(told)?.[1])
  return figure("rdb_last_save_time") - Math.max(0, figure("rdb_last_bgsave_time_sec"))
}
