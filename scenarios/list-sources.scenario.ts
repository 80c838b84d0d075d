import { list as listFixture, type ListFixture } from "../fixtures/lists.ts"
import { mailDomain, type Scene } from "./scene.ts"
import { expect, test } from "./test.ts"

// Where members come from: several sources that name the same people, and a source that refuses or is not whole.

const addressesOf = (people: readonly { address: string }[]) => people.map(({ address }) => address)
const fixtureOf = ({ token }: Scene): ListFixture => listFixture("info-personnels", { domain: mailDomain, mark: token })

test("a person whom two sources and a subscription name, in small letters and in capitals, gets one copy",
  { meta: { requirements: ["LST-53"] } }, async ({ scene, lab }) => {
    const [both, capitals, alone] = scene.people("ac-dijon.test", 3)
    const fixture = fixtureOf(scene)
    const owner = await scene.account(fixture.owners[0]!)
    const table = await sourceOf(scene, [both!.address, capitals!.address.toUpperCase(), alone!.address])
    await lab.mariadb.addAgents([both!, capitals!].map((agent) => ({ ...agent, academy: scene.token })))
    const list = await lab.sympa.createList({
      ...fixture, includeSql: { query: `SELECT address FROM ${table}` }, includeAgents: { academy: scene.token },
    })
    await lab.sympa.subscribe(list, [both!])

    const mail = await scene.send({ from: owner, to: [list.address] })

    await expect(mail).toHaveReachedExactly(scene, addressesOf([both!, capitals!, alone!]))
  })

test("a person who is a member by an alias and by the address behind it gets one copy",
  { meta: { requirements: ["LST-54"] } }, async ({ scene, lab }) => {
    const person = await scene.account(scene.address("adjoint"))
    const alias = scene.address("secretariat")
    await lab.mariadb.createAlias(alias, person.address)
    const others = scene.people("ac-dijon.test", 2)
    const list = await scene.list("info-personnels", { subscribed: others })
    await Promise.all([alias, person.address].map((address) => list.addByHand(address)))
    list.members.delete(alias)

    const mail = await scene.send({ from: list.owner, to: [list.address] })

    await expect(mail).toHaveReachedExactly(scene, [...addressesOf(others), person.address])
  })

test("a source that refuses the include costs no member a copy",
  { meta: { requirements: ["LST-50"] } }, async ({ scene, lab }) => {
    const members = addressesOf(scene.people("ac-besancon.test", 3))
    const fixture = fixtureOf(scene)
    const owner = await scene.account(fixture.owners[0]!)
    const table = await sourceOf(scene, members)
    const list = await lab.sympa.createList({ ...fixture, includeSql: { query: `SELECT address FROM ${table}` } })

    await lab.mariadb.query(`DROP TABLE ${table}`)
    const outcome = await lab.sympa.include(list)
    const mail = await scene.send({ from: owner, to: [list.address] })

    expect(outcome.failed).toEqual(["staff"])
    await expect(mail).toHaveReachedExactly(scene, members)
  })

test("a source that is suddenly empty costs no member a copy",
  { meta: { requirements: ["LST-51"] } }, async ({ scene, lab }) => {
    const agents = scene.people("ac-besancon.test", 4)
    const list = await scene.list("info-personnels", { included: agents })

    await lab.mariadb.query("DELETE FROM staff.agent WHERE academy = ?", [list.academy])
    const outcome = await list.includeAgain()
    const mail = await scene.send({ from: list.owner, to: [list.address] })

    expect(outcome.failed).toEqual(["agents"])
    await expect(mail).toHaveReachedExactly(scene, addressesOf(agents))
  })

test("a source that gives half of its agents costs no member a copy, and one departure in eight is followed",
  { meta: { requirements: ["LST-52"] } }, async ({ scene, lab }) => {
    const agents = scene.people("ac-besancon.test", 8)
    const [gone, ...others] = agents
    const list = await scene.list("info-personnels", { included: agents })
    await list.include([{ ...gone!, active: false }])
    const followed = await scene.send({ from: list.owner, to: [list.address] })
    await expect(followed).toHaveReachedExactly(scene, addressesOf(others))

    await lab.mariadb.query("DELETE FROM staff.agent WHERE academy = ? AND active = 1 LIMIT 4", [list.academy])
    const outcome = await list.includeAgain()
    const mail = await scene.send({ from: list.owner, to: [list.address] })

    expect(outcome.failed).toEqual(["agents"])
    await expect(mail).toHaveReachedExactly(scene, addressesOf(others))
  })

test("a source that takes longer than the list engine waits costs no member a copy, and a slow one is followed",
  { meta: { requirements: ["LST-42"] } }, async ({ scene, lab }) => {
    const members = addressesOf(scene.people("ac-dijon.test", 3))
    const fixture = fixtureOf(scene)
    const owner = await scene.account(fixture.owners[0]!)
    const table = await sourceOf(scene, members)
    const list = await lab.sympa.createList({ ...fixture, includeSql: { query: `SELECT address FROM ${table}` } })
    await lab.mariadb.query(`RENAME TABLE ${table} TO ${table}_behind`)
    const slowed = (seconds: number, gone: string) => lab.mariadb.query(
      `CREATE OR REPLACE VIEW ${table} AS SELECT address FROM ${table}_behind WHERE address <> '${gone}' AND SLEEP(${seconds}) = 0`)

    await slowed(5, members[0]!)
    const late = await lab.sympa.include(list)
    await slowed(0.1, members[1]!)
    const inTime = await lab.sympa.include(list)
    const mail = await scene.send({ from: owner, to: [list.address] })

    expect([late.failed, inTime.failed]).toEqual([["staff"], []])
    await expect(mail).toHaveReachedExactly(scene, [members[0]!, members[2]!])
  })

/** A table of this scenario alone that the list engine's account may read, with these addresses. */
async function sourceOf({ token, services }: Scene, addresses: readonly string[]): Promise<string> {
  const table = `sympa.source_${token}`
  await services.mariadb.query(`CREATE TABLE ${table} (address VARCHAR(254) NOT NULL)`)
  await services.mariadb.insert(`INSERT INTO ${table} (address) VALUES ?`, addresses.map((address) => [address]), table)
  return table
}
