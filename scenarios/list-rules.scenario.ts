import { copiesOf } from "./copies.ts"
import { headerLinesOf, headersOf } from "./raw-message.ts"
import { listDomain } from "./scene.ts"
import type { SceneList } from "./scene-list.ts"
import { expect, test } from "./test.ts"

// What a list guards against: storms, loops, keys used twice, what is closed, and addresses that nobody should see.

const addressesOf = (people: readonly { address: string }[]) => people.map(({ address }) => address)
const handleOf = ({ address, fixture }: SceneList) => ({ address, name: fixture.name, robot: listDomain })

test("two lists that are members of each other hand a message on once, and it does not come back",
  { meta: { requirements: ["LST-32"] } }, async ({ scene, lab }) => {
    const both = scene.people("ac-lyon.test")
    const [here, there] = [scene.people("ac-lyon.test", 2), scene.people("ac-nice.test", 2)]
    const list = await scene.list("groupe-annuaire", { subscribed: [...both, ...here] })
    const other = await scene.list("correspondants-messagerie", { subscribed: [...both, ...there] })
    await lab.sympa.subscribe(handleOf(list), [{ address: other.address }])
    await lab.sympa.subscribe(handleOf(other), [{ address: list.address }])
    await lab.sympa.subscribe(handleOf(list), [{ address: other.owner.address }])

    const mail = await scene.send({ from: other.owner, to: [list.address] })
    // Two ways, one after the other, each with the time that one may take.
    await scene.awaitCopies(mail.id, addressesOf(here))

    await expect(mail).toHaveReachedExactly(scene, [...addressesOf([...both, ...here, ...both, ...there]), other.owner.address])
  })

test("the key of a message that a moderator has decided on decides nothing any more",
  { meta: { requirements: ["LST-33"] } }, async ({ scene }) => {
    const members = scene.people("ac-nice.test", 2)
    const list = await scene.list("lettre-ministre", { subscribed: members })
    const [distributed, rejected] = await Promise.all([1, 2].map(() => scene.send({ from: list.owner, to: [list.address] })))
    const keys = [await list.moderationKey(distributed!), await list.moderationKey(rejected!)]
    await list.answersModeration(distributed!, "DISTRIBUTE")
    await list.answersModeration(rejected!, "REJECT")
    await expect(distributed!).toHaveReachedExactly(scene, addressesOf(members))

    await Promise.all(keys.map((key) => list.sendCommand(list.moderator, `DISTRIBUTE ${list.fixture.name} ${key}`)))

    await expect(distributed!).toHaveReachedExactly(scene, addressesOf(members))
    await expect(rejected!).toHaveReachedExactly(scene, [])
  })

test("an answer to an institutional list goes to the author alone, whatever Reply-To the message came with",
  { meta: { requirements: ["LST-34"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-dijon.test", 2)
    const list = await scene.list("info-personnels", { subscribed: members })

    const mails = [
      await scene.send({ from: list.owner, to: [list.address], headers: { "Reply-To": list.address } }),
      await scene.send({ from: list.owner, to: [list.address] }),
    ]

    for (const mail of mails) {
      await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
      for (const copy of await copiesOf(lab, mail.id)) {
        const answered = headersOf(await copy.raw())["reply-to"] ?? ""
        expect(answered).toContain(list.owner.address)
        expect(answered).not.toContain(list.address)
      }
    }
  })

test("in a working group the author's own Reply-To is respected",
  { meta: { requirements: ["LST-35"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-dijon.test", 2)
    const list = await scene.list("groupe-annuaire", { subscribed: members })
    const elsewhere = scene.stranger()

    const mail = await scene.send({ from: members[0]!.address, to: [list.address], headers: { "Reply-To": elsewhere } })

    await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
    for (const copy of await copiesOf(lab, mail.id)) expect(headersOf(await copy.raw())["reply-to"]).toBe(elsewhere)
  })

test("no header of a copy names another member",
  { meta: { requirements: ["LST-36"] } }, async ({ distribution }) => {
    const { list, copies } = await distribution()

    expect(copies.length).toBeGreaterThan(0)
    for (const copy of copies) {
      const head = headerLinesOf(await copy.raw()).join("\n").toLowerCase()
      const named = [...list.members].filter((address) => address.toLowerCase() !== copy.recipient && head.includes(address.toLowerCase()))
      expect(named, `named to ${copy.recipient}`).toEqual([])
    }
  })

test("members whose addresses are odd but legal get one copy each",
  { meta: { requirements: ["LST-37"] } }, async ({ scene }) => {
    const { token } = scene
    const odd = [`jean.d'arc.${token}`, `anne+liste.${token}`, `a_b-c.${token}`, `${token}=bureau`, `${token}.${"x".repeat(63 - token.length)}`]
      .map((local) => ({ address: `${local}@ac-besancon.test` }))
    const list = await scene.list("info-personnels", { subscribed: odd })

    const mail = await scene.send({ from: list.owner, to: [list.address] })

    await expect(mail).toHaveReachedExactly(scene, addressesOf(odd))
  })

/** Forms without Auto-Submitted: X.400 gateways, and notices that come without a return address (RFC 3834, section 3.3). */
const automaticWithoutSayingSo: { headers?: Record<string, string>; sender?: "" }[] = [
  { headers: { "Content-Identifier": "Auto-replied" } },
  { headers: { "X400-Content-Identifier": "Auto Reply to votre message" } },
  { sender: "" },
  { sender: "", headers: { Precedence: "junk", "X-Autoreply": "yes" } },
]
/** What a person's program writes, and an automate's as well: none of these says that a message is automatic. */
const personal: Record<string, string>[] = [
  { "Auto-Submitted": "no" }, { "X-Auto-Response-Suppress": "All" }, { Precedence: "bulk" }, { "Content-Identifier": "Absent" },
]

test("automatic mail of several makers is not redistributed, and a person's is",
  { meta: { requirements: ["LST-38"] } }, async ({ scene }) => {
    const members = scene.people("ac-nantes.test", 2)
    const list = await scene.list("groupe-annuaire", { subscribed: members })
    const [author] = addressesOf(members)
    const forms: Record<string, string>[] = [
      { "Auto-Submitted": "auto-replied (vacation)", Precedence: "bulk" },
      { "Auto-Submitted": "auto-replied (zimbra; vacation)", Precedence: "bulk" },
      { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "X-MS-Exchange-Generated-Message-Source": "Mailbox Rules Agent" },
      { "Auto-Submitted": "auto-notified; owner-email=\"x@example.test\"" },
      { "Auto-Submitted": "Auto-Replied" },
    ]

    const letter = { from: author!, to: [list.address], subject: "Absent" }
    const automatic = await Promise.all([...forms.map((headers) => ({ headers })), ...automaticWithoutSayingSo]
      .map((form) => scene.send({ ...letter, ...form })))
    const written = await Promise.all(personal.map((headers) => scene.send({ ...letter, headers })))

    for (const mail of written) await expect(mail).toHaveReachedExactly(scene, addressesOf(members))
    for (const mail of automatic) await expect(mail).toHaveReachedExactly(scene, [])
  })
