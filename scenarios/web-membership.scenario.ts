import type { ReadMail } from "./inbox.ts"
import { headersOf } from "./raw-message.ts"
import { expect, test } from "./test.ts"
import { webRoot } from "./visitor.ts"

// Joining and leaving a list by the web: from the link in a message, with and without login, and what must not be enough.

/** The web addresses that a copy gives to its reader for leaving: in its footer and in its headers. */
const waysOutOf = ({ parsed, raw }: ReadMail) => ({
  footer: /https:\S+/.exec((parsed.text ?? "").split("\n--\n").at(-1)!)?.[0] ?? "",
  header: /<(https:[^>]+)>/.exec(headersOf(Buffer.from(raw, "latin1"))["list-unsubscribe"] ?? "")?.[1] ?? "",
})

test("a member leaves by the page that the footer of a message leads to, and stays on other lists",
  { meta: { requirements: ["LST-88", "LST-68"] } }, async ({ scene }) => {
    const agent = await scene.account(scene.address("agent"))
    const [colleague] = scene.people("ac-dijon.test")
    const list = await scene.list("info-personnels", { subscribed: [agent, colleague!] })
    const other = await scene.list("chefs-etablissement", { subscribed: [agent] })
    const mail = await scene.send({ from: list.owner, to: [list.address] })
    const copy = await scene.receives(agent, "its copy", ({ raw }) => raw.includes(mail.id))
    const { footer, header } = waysOutOf(copy)

    const visitor = await scene.loggedIn(agent.address)
    await visitor.opens(footer)
    await visitor.follows(new RegExp(list.fixture.name))
    await visitor.follows("Se désabonner")
    await visitor.presses("Confirmer")
    await list.awaitLeaving(agent.address)

    // The page of the footer, or, where the platform offers it, the member's own link of one click (SYN-10).
    expect(header, "the headers lead there too").toMatch(new RegExp(`^${webRoot}/(signoff|oneclick)/${list.fixture.name}(/|$)`))
    expect(await other.memberAddresses(), "the other list").toEqual([agent.address])
    const later = await scene.send({ from: list.owner, to: [list.address] })
    await expect(later).toHaveReachedExactly(scene, [colleague!.address])
  })

test("opening an address that serves to leave takes nobody off, logged in or not",
  { meta: { requirements: ["LST-69"] } }, async ({ scene }) => {
    const agent = await scene.account(scene.address("agent"))
    const list = await scene.list("info-personnels", { subscribed: [agent] })
    const mail = await scene.send({ from: list.owner, to: [list.address] })
    const { footer, header } = waysOutOf(await scene.receives(agent, "its copy", ({ raw }) => raw.includes(mail.id)))
    // With scripts: a page must not confirm by itself either.
    const [scanner, visitor] = [await scene.visitor(), await scene.loggedIn(agent.address, { scripts: true })]
    const email = `email=${encodeURIComponent(agent.address)}`
    const links = [footer, header, `${header}?${email}`, `${webRoot}/auto_signoff/${list.fixture.name}?${email}`]

    for (const link of links) {
      expect(await scanner.opens(link)).toBe(200)
      expect(await visitor.opens(link)).toBe(200)
    }

    expect(await list.memberAddresses()).toEqual([agent.address])
    await visitor.opens(header)
    await visitor.presses("Confirmer")
    await list.awaitLeaving(agent.address)
  })

test("without login a member leaves only after confirming a mail that they alone are sent",
  { meta: { requirements: ["LST-70"] } }, async ({ scene }) => {
    const agent = await scene.account(scene.address("agent"))
    const list = await scene.list("correspondants-messagerie", { subscribed: [agent] })
    const [visitor, stranger] = [await scene.visitor(), await scene.visitor()]

    await stranger.opens(`/signoff/${list.fixture.name}`)
    await stranger.fills(/adresse e-?mail/i, agent.address)
    await stranger.presses(/désabonne/i)
    await stranger.presses("Confirmer")
    const mail = await scene.receives(agent, "a request to confirm", ({ raw }) => /\/auth\//.test(raw))
    const link = /https:\S+\/auth\/\S+/.exec(mail.parsed.text ?? "")?.[0] ?? ""
    await stranger.opens(link.replace(/\/auth\/\w+/, "/auth/0123456789abcdef"))
    if (await stranger.isOffered("Confirmer")) await stranger.presses("Confirmer")
    await visitor.opens(link)

    expect(await list.memberAddresses(), "asked for, and the link opened").toEqual([agent.address])
    await visitor.presses("Confirmer")
    await list.awaitLeaving(agent.address)
    expect(await stranger.source(), "the stranger is not told the key").not.toContain(/auth\/(\w+)/.exec(link)?.[1])
  })

test("a one-click request that the platform has not issued takes nobody off",
  { meta: { requirements: ["LST-71"] } }, async ({ scene }) => {
    const agent = await scene.account(scene.address("agent"))
    const list = await scene.list("info-personnels", { subscribed: [agent] })
    const mail = await scene.send({ from: list.owner, to: [list.address] })
    const { header } = waysOutOf(await scene.receives(agent, "its copy", ({ raw }) => raw.includes(mail.id)))
    const forger = await scene.visitor()
    await forger.opens("/home")
    const oneClick = { "List-Unsubscribe": "One-Click" }
    const places = [
      // Where each copy has a link of its own, one that nobody was sent.
      header.replace(webRoot, "").replace(/(\/oneclick\/.*-).*$/, "$1AAAAAAAAAAAAAAAAAAAAAA"), `/signoff/${list.fixture.name}?email=${agent.address}`,
      `/auto_signoff/${list.fixture.name}?email=${agent.address}`,
      `/auth/0123456789abcdef/signoff/${list.fixture.name}?email=${agent.address}`,
    ]

    for (const place of places) {
      await forger.requests(place, oneClick)
      await forger.requests(place, { ...oneClick, email: agent.address, response_action: "confirm", response_action_confirm: "1" })
    }

    expect(await list.memberAddresses()).toEqual([agent.address])
  })

test("nobody leaves a government letter by the web",
  { meta: { requirements: ["LST-72"] } }, async ({ scene }) => {
    const { address } = scene.people("ac-rennes.test")[0]!
    const letter = await scene.list("lettre-ministre", { subscribed: [{ address }] })
    const visitor = await scene.loggedIn(address)

    await visitor.opens(`/info/${letter.fixture.name}`)
    const isOffered = await visitor.isOffered("Se désabonner")
    for (const action of ["signoff", "auto_signoff"]) {
      await visitor.opens(`/${action}/${letter.fixture.name}?email=${address}`)
      if (await visitor.isOffered("Confirmer")) await visitor.presses("Confirmer")
    }

    expect(isOffered).toBe(false)
    expect(await letter.memberAddresses()).toEqual([address])
  })

test("who asks to join a working group is a member once its owner has accepted, and not before",
  { meta: { requirements: ["LST-66"] } }, async ({ scene }) => {
    const { address: applicant } = scene.people("ac-nantes.test")[0]!
    const [member] = scene.people("ac-nantes.test")
    const group = await scene.list("groupe-annuaire", { subscribed: [member!] })
    const [visitor, owner] = [await scene.loggedIn(applicant), await scene.loggedIn(group.owner.address)]

    await visitor.opens(`/subscribe/${group.fixture.name}`)
    await visitor.presses(/abonne/i)
    await visitor.presses("Confirmer")
    expect(await group.memberAddresses(), "asked for").toEqual([member!.address])
    await owner.opens(`/subindex/${group.fixture.name}`)
    await owner.ticksRow(applicant)
    await owner.presses(/^abonner/i)
    if (await owner.isOffered("Confirmer")) await owner.presses("Confirmer")

    expect(await group.memberAddresses(), "accepted").toEqual([member!.address, applicant].sort())
  })

test("nobody joins an institutional list or a government letter by the web",
  { meta: { requirements: ["LST-67"] } }, async ({ scene }) => {
    const { address } = scene.people("ac-lille.test")[0]!
    const [member] = scene.people("ac-lille.test")
    const lists = await Promise.all([
      scene.list("info-personnels", { subscribed: [member!] }), scene.list("lettre-ministre", { subscribed: [member!] })])
    const visitor = await scene.loggedIn(address)

    for (const { fixture: { name } } of lists) {
      await visitor.opens(`/info/${name}`)
      expect(await visitor.isOffered("S'abonner"), name).toBe(false)
      await visitor.opens(`/subscribe/${name}`)
      if (await visitor.isOffered(/abonne/i)) await visitor.presses(/abonne/i)
      if (await visitor.isOffered("Confirmer")) await visitor.presses("Confirmer")
      await visitor.requests("", { action: "subscribe", list: name, email: address, response_action_confirm: "1" })
    }

    for (const list of lists) expect(await list.memberAddresses(), list.address).toEqual([member!.address])
  })
