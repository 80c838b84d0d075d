import { castOf, putsOff } from "./alias-cast.ts"
import { expect, test } from "./test.ts"

// A source of aliases that answers, and does not know what it should: it came up empty, or its load is not over. Nothing is
// decided from it.

test("a directory that came up with nothing in it has its addresses put off, and is believed again once it is whole",
  { meta: { requirements: ["ALI-31"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const { directory } = await castOf(scene)
    await putsOff(scene, directory, () => lab.directory.comeUpEmpty(), () => lab.directory.comeBackWhole())
  })

test("a directory whose load is not over is not believed, neither in what it knows nor in what it does not",
  { meta: { requirements: ["ALI-31"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const { directory, database } = await castOf(scene)
    const outside = scene.stranger()
    const contractor = scene.address("prestataire")
    await lab.mariadb.createAlias(contractor, outside)

    await putsOff(scene, directory, async () => {
      await lab.directory.setComplete(false)
      await lab.directory.removeAliases([directory.known])
    }, async () => {
      const mailbox = await scene.send({ from: scene.stranger(), to: [database.mailbox] })
      expect(mailbox, "a mailbox may have moved, and the directory would say so").toHaveBeenPutOff()
      await lab.directory.createAlias({ addresses: [directory.known], targets: [directory.target] })
      const early = await scene.send(directory.letters[0]!)
      expect(early, "an entry that is there already, before the load's end").toHaveBeenPutOff()
      await lab.directory.setComplete(true)
    })
    const mail = await scene.send({ from: scene.stranger(), to: [contractor] })

    await expect(mail).toHaveReachedExactly(scene, [outside])
  })

test("a database of aliases that came up empty has its addresses put off, and is believed again once it is whole",
  { meta: { requirements: ["ALI-32"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const { database } = await castOf(scene)

    await putsOff(scene, database, async () => {
      await lab.mariadb.query("CREATE TABLE staff.alias_empty LIKE staff.alias")
      await lab.mariadb.query("RENAME TABLE staff.alias TO staff.alias_aside, staff.alias_empty TO staff.alias")
    }, async () => {
      await lab.mariadb.query("RENAME TABLE staff.alias TO staff.alias_empty, staff.alias_aside TO staff.alias")
      await lab.mariadb.query("DROP TABLE staff.alias_empty")
    })
  })

test("a database of aliases whose load is not over is not believed, neither in what it knows nor in what it does not",
  { meta: { requirements: ["ALI-32"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const { database } = await castOf(scene)
    await putsOff(scene, database,
      async () => void await lab.mariadb.query("DELETE FROM staff.alias WHERE source = 'sentinelle'"),
      async () => void await lab.mariadb.query("INSERT INTO staff.alias (source, target) VALUES ('sentinelle', 'sentinelle')"))
  })
