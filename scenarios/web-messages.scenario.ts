import { eventually } from "../lab/eventually.ts"
import { copiesOf } from "./copies.ts"
import { deliveryMsMax } from "./scene.ts"
import { expect, test } from "./test.ts"
import type { Visitor } from "./visitor.ts"

// Messages on the web: those that wait for a moderator, and those that a list keeps.

const addressesOf = (people: readonly { address: string }[]) => people.map(({ address }) => address)

test("what a moderator distributes on the web reaches every member once, and what they reject nobody",
  { meta: { requirements: ["LST-73", "LST-74"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-orleans-tours.test", 2)
    const list = await scene.list("echanges-academies", { subscribed: members })
    const [good, bad] = [
      await scene.send({ from: members[0]!.address, to: [list.address] }), await scene.send({ from: members[1]!.address, to: [list.address] })]
    await Promise.all([list.moderationKey(good), list.moderationKey(bad)])
    const moderator = await scene.loggedIn(list.moderator.address)

    await moderator.opens(`/modindex/${list.fixture.name}`)
    expect(await copiesOf(lab, good.id), "nothing before the decision").toEqual([])
    await moderator.ticksRow(bad.subject)
    await moderator.presses(/rejeter/i)
    await confirms(moderator)
    await moderator.opens(`/modindex/${list.fixture.name}`)
    await moderator.ticksRow(good.subject)
    await moderator.presses(/distribuer/i)
    await confirms(moderator)

    await expect(good).toHaveReachedExactly(scene, addressesOf(members))
    await expect(bad).toHaveReachedExactly(scene, [])
    await moderator.opens(`/modindex/${list.fixture.name}`)
    for (const { subject } of [good, bad]) expect(await moderator.source(), "nothing waits any more").not.toContain(subject)
  })

test("who is no moderator neither sees nor decides what waits",
  { meta: { requirements: ["LST-75"] } }, async ({ scene }) => {
    const members = scene.people("ac-besancon.test", 2)
    const list = await scene.list("echanges-academies", { subscribed: members })
    const post = async () => scene.send({ from: members[0]!.address, to: [list.address] })
    const [good, bad, mail] = [await post(), await post(), await post()]
    const [goodKey, badKey, key] = [await list.moderationKey(good), await list.moderationKey(bad), await list.moderationKey(mail)]
    const moderator = await scene.loggedIn(list.moderator.address)
    const visitors = [await scene.visitor(), await scene.loggedIn(members[1]!.address), await scene.loggedIn(scene.stranger())]
    const pages = [[`/modindex/${list.fixture.name}`, mail.subject], [`/ajax/viewmod/${list.fixture.name}/${key}`, mail.id]] as const
    const decision = (action: "reject" | "distribute", id: string) => ({ action, list: list.fixture.name, id, quiet: "1" })

    for (const [page, secret] of pages) expect((await moderator.requests(page)).text, `${page}, for a moderator`).toContain(secret)
    await moderator.demands(decision("reject", badKey))
    await moderator.demands(decision("distribute", goodKey))
    const left = (await moderator.requests(pages[0][0])).text
    for (const { subject } of [good, bad]) expect(left, "what a moderator has decided").not.toContain(subject)
    expect(left, "the other still waits").toContain(mail.subject)
    for (const visitor of visitors) {
      await visitor.opens("/home")
      for (const [page, secret] of pages) expect((await visitor.requests(page)).text, page).not.toContain(secret)
      for (const action of ["reject", "distribute"] as const) await visitor.demands(decision(action, key))
    }

    await expect(good, "what a moderator distributed").toHaveReachedExactly(scene, addressesOf(members))
    for (const kept of [mail, bad]) await expect(kept).toHaveReachedExactly(scene, [])
    await list.answersModeration(mail, "DISTRIBUTE")
    await expect(mail, "nobody had rejected it either").toHaveReachedExactly(scene, addressesOf(members))
  })

test("a working group's members read its archive, and nobody else a line of it",
  { meta: { requirements: ["LST-76", "LST-77"] } }, async ({ scene }) => {
    const members = scene.people("ac-montpellier.test", 2)
    const group = await scene.list("groupe-annuaire", { subscribed: members })
    const other = await scene.list("correspondants-messagerie", { subscribed: [scene.people("ac-montpellier.test")[0]!] })
    const mail = await scene.send({ from: members[0]!.address, to: [group.address], text: `Archive ${scene.token} : bonjour.\n` })
    const member = await scene.loggedIn(members[1]!.address)
    await eventually("the archive has the message", async () => {
      await member.opens(`/arc/${group.fixture.name}`)
      return (await member.source()).includes(mail.subject)
    }, { withinMs: deliveryMsMax })

    await member.follows(mail.subject)
    const place = member.page.url()
    expect(await member.reads()).toContain(`Archive ${scene.token}`)

    for (const visitor of [await scene.visitor(), await scene.loggedIn(other.owner.address)]) {
      for (const url of [place, place.replace(/[^/]*$/, ""), `/arc/${group.fixture.name}`, `/arcsearch_form/${group.fixture.name}`,
        `/arcsearch_id/${group.fixture.name}/${encodeURIComponent(mail.messageId.slice(1, -1))}`, `/rss/latest_arc/${group.fixture.name}?count=5`]) {
        await visitor.opens(url)
        for (const text of [mail.subject, `Archive ${scene.token}`]) expect(await visitor.source(), url).not.toContain(text)
      }
    }
  })

test("an institutional list keeps no archive of what it distributed",
  { meta: { requirements: ["LST-78"] } }, async ({ distribution, scene }) => {
    const { list, mail } = await distribution()
    const owner = await scene.loggedIn(list.owner.address)

    await owner.opens(`/info/${list.fixture.name}`)
    expect(await owner.reads(), "the owner is on the list's page").toContain(list.fixture.subject)
    expect(await owner.isOffered(/^\W*archives$/i)).toBe(false)
    for (const place of [`/arc/${list.fixture.name}`, `/latest_arc/${list.fixture.name}?count=9`]) {
      await owner.opens(place)
      expect(await owner.source(), place).not.toContain(mail.subject)
    }
  })

/** Sympa 6.2.76 asks once more before it does what a moderator chose, 6.2.70 does it at once. */
async function confirms(moderator: Visitor): Promise<void> {
  if (await moderator.isOffered("Confirmer")) await moderator.presses("Confirmer")
}
