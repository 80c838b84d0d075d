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
    const list = await scene.list("info-personnels", { subscribed: members })
    const [owner, member, stranger] = [
      await scene.loggedIn(list.owner.address), await scene.loggedIn(members[0]!.address), await scene.visitor()]

    await owner.opens(`/review/${list.fixture.name}`)
    for (const { address } of members) expect(await owner.source()).toContain(address)

    const places = [`/review/${list.fixture.name}`, `/export_member/${list.fixture.name}`, `/search/${list.fixture.name}?filter=ac-`,
      `/show_exclude/${list.fixture.name}`, `/reviewbouncing/${list.fixture.name}`]
    for (const visitor of [member, stranger]) {
      await visitor.opens("/home")
      for (const place of places) {
        const { text } = await visitor.requests(place)
        expect(text, place).not.toContain(members[1]!.address)
      }
    }
  })

test("the owner of one list gets nothing of another one's members, messages and settings",
  { meta: { requirements: ["LST-81"] } }, async ({ scene }) => {
    const members = scene.people("ac-toulouse.test", 2)
    const own = await scene.list("info-personnels", { subscribed: [members[0]!] })
    const other = await scene.list("echanges-academies", { subscribed: members })
    const held = await scene.send({ from: members[1]!.address, to: [other.address] })
    await other.moderationKey(held)
    const visitor = await scene.loggedIn(own.owner.address)

    await visitor.opens(`/edit_list_request/${own.fixture.name}/description`)
    expect(await visitor.source(), "settings of their own list").toContain(own.fixture.subject)

    const pages = ["review", "modindex", "subindex", "viewlogs", "reviewbouncing", "export_member", "edit_list_request"]
    for (const page of pages) {
      const { text } = await visitor.requests(`/${page}/${other.fixture.name}${page === "edit_list_request" ? "/sending" : ""}`)
      expect(text, page).not.toContain(members[1]!.address)
      expect(text, page).not.toContain(held.subject)
      expect(text, page).not.toMatch(/name="(single|multiple)_param/)
    }
    await visitor.requests("", { action: "add", list: other.fixture.name, email: own.owner.address, quiet: "on", response_action_confirm: "1" })
    expect(await other.memberAddresses()).toEqual(members.map(({ address }) => address).sort())
  })
