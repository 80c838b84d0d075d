import { expect, test } from "./test.ts"

// What each person sees of the lists on the web: their own, and nothing of others.

test("everybody sees the lists that they are in or in charge of, and no other",
  { meta: { requirements: ["LST-63", "LST-64"] } }, async ({ scene }) => {
    const [agent] = scene.people("ac-dijon.test")
    const [colleague] = scene.people("ac-dijon.test")
    const info = await scene.list("info-personnels", { included: [agent!] })
    const heads = await scene.list("chefs-etablissement", { included: [colleague!] })
    const names = ({ fixture: { name } }: typeof info) => name
    const [member, owner, moderator] = [
      await scene.loggedIn(agent!.address), await scene.loggedIn(info.owner.address), await scene.loggedIn(heads.moderator.address)]

    for (const visitor of [member, owner, moderator]) await visitor.opens("/my")

    expect(await member.reads()).toMatch(new RegExp(`${names(info)}\\W+Abonné`))
    expect(await owner.reads()).toMatch(new RegExp(`${names(info)}\\W+Propriétaire`))
    expect(await moderator.reads()).toMatch(new RegExp(`${names(heads)}\\W+Modérateur`))
    for (const visitor of [member, owner]) expect(await visitor.source()).not.toContain(names(heads))
  })

test("the index shows a working group to its members and to nobody else",
  { meta: { requirements: ["LST-65"] } }, async ({ scene }) => {
    const [member] = scene.people("ac-normandie.test")
    const [outsider] = scene.people("ac-normandie.test")
    const group = await scene.list("groupe-annuaire", { subscribed: [member!] })
    const open = await scene.list("correspondants-messagerie", { subscribed: [member!] })
    const [insider, agent, stranger] = [
      await scene.loggedIn(member!.address), await scene.loggedIn(outsider!.address), await scene.visitor()]

    for (const visitor of [insider, agent, stranger]) await visitor.opens("/lists")
    expect(await insider.source(), "the index, for a member").toContain(group.fixture.name)
    for (const visitor of [agent, stranger]) {
      expect(await visitor.source(), "a list that is not concealed").toContain(open.fixture.name)
      expect(await visitor.source(), "the index").not.toContain(group.fixture.name)
    }
  })

test("the page of a working group shows it to its members and to nobody else",
  { meta: { requirements: ["LST-95"] } }, async ({ scene }) => {
    const [member, outsider] = scene.people("ac-normandie.test", 2)
    const group = await scene.list("groupe-annuaire", { subscribed: [member!] })
    const [insider, agent, stranger] = [
      await scene.loggedIn(member!.address), await scene.loggedIn(outsider!.address), await scene.visitor()]

    for (const visitor of [insider, agent, stranger]) await visitor.opens(`/info/${group.fixture.name}`)

    const [owner] = group.owner.address.split("@")
    for (const told of [group.fixture.subject, owner!]) {
      expect(await insider.reads(), "for a member").toContain(told)
      for (const visitor of [agent, stranger]) expect(await visitor.source(), "for anybody else").not.toContain(told)
    }
  })

test("an owner sees who the members of a list are; members and strangers do not",
  { meta: { requirements: ["LST-79", "LST-80"] } }, async ({ scene }) => {
    const members = scene.people("ac-grenoble.test", 2)
    const secret = members[1]!.address
    const list = await scene.list("info-personnels", { subscribed: members })
    await list.setBouncing(secret)
    const [owner, member, stranger] = [
      await scene.loggedIn(list.owner.address), await scene.loggedIn(members[0]!.address), await scene.visitor()]

    await owner.opens(`/review/${list.fixture.name}`)
    for (const { address } of members) expect(await owner.source()).toContain(address)

    await stranger.opens("/home")
    for (const page of ["review", "export_member", "search", "reviewbouncing"]) {
      const place = `/${page}/${list.fixture.name}${page === "search" ? "/ac-" : ""}`
      expect((await owner.requests(place)).text, `${place}, for the owner`).toContain(secret)
      for (const visitor of [member, stranger]) expect((await visitor.requests(place)).text, place).not.toContain(secret)
    }
  })

test("who has left a list of agents is told to its owner and to nobody else",
  { meta: { requirements: ["LST-96"] } }, async ({ scene }) => {
    const [leaver, member] = scene.people("ac-dijon.test", 2)
    const [agent] = scene.people("ac-dijon.test")
    const list = await scene.list("info-personnels", { included: [leaver!, member!] })
    const [owner, stays, curious, stranger] = [
      await scene.loggedIn(list.owner.address), await scene.loggedIn(member!.address), await scene.loggedIn(agent!.address), await scene.visitor()]
    await stranger.opens("/home")

    await owner.demands({ action: "del", list: list.fixture.name, email: leaver!.address, quiet: "on" })

    const page = `/show_exclude/${list.fixture.name}`
    expect((await owner.requests(page)).text, "for the owner").toContain(leaver!.address)
    for (const visitor of [stays, curious, stranger]) expect((await visitor.requests(page)).text).not.toContain(leaver!.address)
  })

test("the owner of one list gets nothing of another one's members, messages and settings",
  { meta: { requirements: ["LST-81"] } }, async ({ scene }) => {
    const [bouncing, member, applicant] = scene.people("ac-toulouse.test", 3)
    const list = await scene.list("echanges-academies", { subscribed: [bouncing!, member!] })
    const group = await scene.list("groupe-annuaire", { subscribed: [member!] })
    await list.setBouncing(bouncing!.address)
    const held = await scene.send({ from: bouncing!.address, to: [list.address] })
    await list.moderationKey(held)
    const [owner, other, visitor] = [
      await scene.loggedIn(list.owner.address), await scene.loggedIn(group.owner.address), await scene.loggedIn(applicant!.address)]
    await visitor.demands({ action: "subscribe", list: group.fixture.name, email: applicant!.address })

    const { name } = list.fixture
    const pages = [
      [`/review/${name}`, member!.address], [`/export_member/${name}`, member!.address], [`/reviewbouncing/${name}`, bouncing!.address],
      [`/modindex/${name}`, held.subject], [`/viewlogs/${name}`, 'name="target_type"'], [`/edit_list_request/${name}/sending`, 'name="single_param'],
      [`/subindex/${group.fixture.name}`, applicant!.address],
    ] as const
    for (const [page, secret] of pages) {
      const [inCharge, curious] = page.startsWith("/subindex") ? [other, owner] : [owner, other]
      expect((await inCharge.requests(page)).text, `${page}, for its owner`).toContain(secret)
      expect((await curious.requests(page)).text, page).not.toContain(secret)
    }
    const joins = { action: "add", list: name, email: applicant!.address, quiet: "on" }
    const leaves = { action: "del", list: name, email: member!.address, quiet: "on" }
    for (const demand of [joins, leaves]) await other.demands(demand)
    expect(await list.memberAddresses(), "what the owner of another list demanded").toEqual([bouncing!.address, member!.address].sort())
    for (const demand of [joins, leaves]) await owner.demands(demand)
    expect(await list.memberAddresses(), "what the owner demanded").toEqual([applicant!.address, bouncing!.address].sort())
  })
