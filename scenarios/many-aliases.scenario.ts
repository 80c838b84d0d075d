import { aliasTables, lookUp, type AliasSource } from "./alias-look-ups.ts"
import { expect, test } from "./test.ts"

// Fifty thousand aliases in each source. Times of one run are compared with each other; none is a bound by itself.

/**
 * Aliases asked for in one measurement, half of them known. The quickest of so many measurements counts, for what else a machine
 * does only adds to them; none begins once they have taken so long together (without an index, one takes a minute).
 */
const askedCount = 400
const roundsMax = 12
const measuringUsMax = 15_000_000
/** Of all aliases, one in so many is followed to its target, all over the source. */
const everyNth = 10
/** Of each source, so many get a message. */
const mailedCount = 10

test("among fifty thousand aliases of each source those that are asked for lead each to its own target, and a look-up takes hardly longer than among fifty",
  { meta: { requirements: ["ALI-35"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const [aliasesCount, fewCount, ratioMax] = await Promise.all(
      ["aliasesCount", "fewAliasesCount", "lookupRatioMax"].map((name) => scene.bound("ALI-35", name)))
    const aliases = (source: AliasSource, first: number, end: number) => Array.from({ length: end - first }, (_, index) => first + index)
      .map((number) => ({ address: scene.address(`${source}-${number}`), target: `${source}.${number}.${scene.token}@ac-nantes.test` }))
    const add = { directory: addToDirectory, database: addToDatabase }
    const sources = Object.keys(aliasTables) as AliasSource[]
    const sender = await scene.office("ce.dgesco")

    async function addToDirectory(some: ReturnType<typeof aliases>): Promise<void> {
      await lab.directory.load(some.map(({ address, target }) => ({ addresses: [address], targets: [target] })))
    }
    async function addToDatabase(some: ReturnType<typeof aliases>): Promise<void> {
      await lab.mariadb.insert("INSERT INTO staff.alias (source, target) VALUES ?", some.map(({ address, target }) => [address, target]), "many aliases")
    }
    const quickest = async (source: AliasSource, among: number) => {
      const asked = aliases(source, 0, among).filter((_, index) => index % Math.ceil(2 * among / askedCount) === 0)
      const keys = Array.from({ length: askedCount }, (_, index) => index % 2 === 0 ? asked[index % asked.length]!.address : scene.address(`nobody-${index}`))
      const times: number[] = []
      while (times.length < roundsMax && times.reduce((sum, time) => sum + time, 0) < measuringUsMax) {
        times.push((await lookUp(lab.postfix, source, keys)).microseconds)
      }
      return Math.min(...times) / askedCount
    }

    for (const source of sources) await add[source](aliases(source, 0, fewCount!))
    const few = { directory: await quickest("directory", fewCount!), database: await quickest("database", fewCount!) }
    for (const source of sources) await add[source](aliases(source, fewCount!, aliasesCount!))
    const many = { directory: await quickest("directory", aliasesCount!), database: await quickest("database", aliasesCount!) }

    for (const source of sources) {
      scene.observe(`${source}: ${Math.round(few[source])} µs a look-up among ${fewCount}, ${Math.round(many[source])} among ${aliasesCount}`)
    }
    try {
      for (const source of sources) expect(many[source] / few[source], `${source}, times as long`).toBeLessThanOrEqual(ratioMax!)
      for (const source of sources) {
        const spread = aliases(source, 0, aliasesCount!).filter((_, index) => index % everyNth === 0)
        const { targets, microseconds } = await lookUp(lab.postfix, source, spread.map(({ address }) => address))
        scene.observe(`${source}: ${spread.length} of ${aliasesCount} looked up in ${Math.round(microseconds / 1_000)} ms`)
        const wrong = spread.filter(({ address, target }) => targets.get(address) !== target)
        const shown = wrong.slice(0, 3).map(({ address, target }) => `${address} leads to ${targets.get(address)}, not ${target}`)
        expect(wrong.length, `${source}: ${targets.size} found; ${shown.join("; ")}`).toBe(0)
      }
      const mailed = sources.flatMap((source) => aliases(source, 0, aliasesCount!).filter((_, index) => index % (aliasesCount! / mailedCount) === 0))
      const mail = await scene.send({ from: sender, to: mailed.map(({ address }) => address) })
      await expect(mail).toHaveReachedExactly(scene, mailed.map(({ target }) => target))
    } finally {
      await lab.mariadb.query("DELETE FROM staff.alias WHERE source LIKE ?", [`database-%.${scene.token}@education.test`])
      await lab.directory.comeBackWhole()
    }
  })
