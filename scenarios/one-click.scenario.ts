import { createHash } from "node:crypto"
import { copiesOf, type Copy } from "./copies.ts"
import { proofOf } from "./mail-proof.ts"
import { oneClickLink, requestsLink, withLinks } from "./one-click.ts"
import { headersOf } from "./raw-message.ts"
import { expect, test } from "./test.ts"

// Leaving a list by the link of its header, in one click (RFC 8058).

const secondsOfDay = 86_400

test("each copy of a list that one may leave names a link of its own that leaves in one click",
  { meta: { requirements: ["SYN-10"] } }, async ({ distribution }) => {
    const { copies } = await distribution()

    const links = await withLinks(copies)

    expect(copies.length).toBeGreaterThan(1)
    expect(new Set(links.map(({ link }) => link)).size, "links, one for each member").toBe(copies.length)
    for (const { head, link } of links) {
      expect(link, "https, RFC 8058 section 3.1").toMatch(/^https:\/\/listes\.education\.test\//)
      expect(head["list-unsubscribe-post"]).toBe("List-Unsubscribe=One-Click")
    }
  })

test("the headers that leave in one click are covered by a valid signature of the lists' domain",
  { meta: { requirements: ["LST-90"] } }, async ({ lab, distribution }) => {
    const { copies } = await distribution()

    const { address: ip, hostname: helo } = lab.postfix.node
    const outside = copies.filter(({ place }) => place !== "mailbox")

    const proofs = await Promise.all(outside.map(async (copy) =>
      proofOf(lab, await copy.raw(), { ip, helo, sender: copy.sender ?? "" })))

    expect(proofs.length).toBeGreaterThan(0)
    for (const { dkim } of proofs) {
      const covering = dkim.results.filter(({ signingDomain, signingHeaders }) => signingDomain === "listes.education.test"
        && ["list-unsubscribe", "list-unsubscribe-post"].every((name) => signingHeaders?.keys.toLowerCase().split(/[\s:]+/).includes(name)))
      expect(covering.map(({ status }) => status.result), "signatures of both headers").toContain("pass")
    }
  })

test("a list that nobody may leave offers no link that leaves in one click",
  { meta: { requirements: ["LST-94"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-dijon.test", 2)
    const list = await scene.list("lettre-ministre", { subscribed: members })

    const mail = await scene.send({ from: list.owner, to: [list.address] })
    await list.answersModeration(mail, "DISTRIBUTE")

    await expect(mail).toHaveReachedExactly(scene, members.map(({ address }) => address))
    for (const copy of await copiesOf(lab, mail.id)) {
      const head = headersOf(await copy.raw())
      expect(head["list-unsubscribe-post"], "RFC 8058 offer").toBeUndefined()
      expect(head["list-id"], "a copy of the list").toContain(list.fixture.name)
    }
  })

test("the one-click request of a member unsubscribes that member, once",
  { meta: { requirements: ["LST-91"] } }, async ({ scene, lab }) => {
    const members = scene.people("ac-toulouse.test", 2)
    const [leaver, other] = members as [typeof members[0], typeof members[0]]
    const list = await scene.list("info-personnels", { subscribed: members })
    const mail = await scene.send({ from: list.owner, to: [list.address] })
    await scene.awaitCopies(mail.id, members.map(({ address }) => address))
    const link = oneClickLink(headersOf(await copyAt(await copiesOf(lab, mail.id), leaver!.address).raw()))

    await requestsLink(lab, link, "POST")
    await list.awaitLeaving(leaver!.address)
    await list.rejoins(leaver!.address)
    await requestsLink(lab, link, "POST")

    const later = await scene.send({ from: list.owner, to: [list.address] })
    await expect(later).toHaveReachedExactly(scene, [leaver!.address, other!.address])
  })

test("opening the one-click link, as scanners do, unsubscribes nobody",
  { meta: { requirements: ["LST-92"] } }, async ({ lab, distribution }) => {
    const { list, copies, both } = await distribution()
    const link = oneClickLink(headersOf(await copyAt(copies, both[0]!.address).raw()))

    const got = await requestsLink(lab, link, "GET")
    const head = await requestsLink(lab, link, "HEAD")

    expect([got, head].every((status) => status < 400), `answers ${got} and ${head}`).toBe(true)
    expect(await list.memberAddresses()).toContain(both[0]!.address)
  })

test("a one-click link is dead once it is older than seven days",
  { meta: { requirements: ["LST-93"] } }, async ({ scene, lab, distribution }) => {
    const daysMax = await scene.bound("LST-93", "linkDaysMax") as number
    const { list, copies, both } = await distribution()
    const member = both[1]!.address
    const link = oneClickLink(headersOf(await copyAt(copies, member).raw()))
    const since = await list.memberSince(member)
    const today = Number(/\/(\d+)-[^/]+$/.exec(link)?.[1])
    const linkOf = (day: number) => link.replace(/[^/]+$/, ticketOf(member, since, day))

    const statuses = []
    for (const days of [daysMax + 1, 10 * daysMax]) statuses.push(await requestsLink(lab, linkOf(today - days), "POST"))

    expect(today * secondsOfDay * 1_000, "the day that the link names").toBeLessThanOrEqual(Date.now())
    expect(linkOf(today), "made here as the list engine makes it").toBe(link)
    expect(statuses.every((status) => status < 500), `answers ${statuses.join(", ")}`).toBe(true)
    expect(await list.memberAddresses()).toContain(member)
  })

/** What a link ends with: the day, and a hash of the subscription's date, the address and that day (Sympa, List.pm). */
function ticketOf(address: string, since: string, day: number): string {
  return `${day}-${createHash("md5").update(`${since}${address}${day}`).digest("base64url")}`
}

function copyAt(copies: readonly Copy[], address: string): Copy {
  const copy = copies.find(({ recipient }) => recipient === address)
  expect(copy, `a copy at ${address}`).toBeDefined()
  return copy!
}
