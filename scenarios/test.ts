import { inject } from "vitest"
import { AcademyPool } from "./academy-pool.ts"
import { distribute, type Distribution } from "./distribution.ts"
import { labTest } from "./lab-test.ts"
import "./matchers.ts"
import { Scene } from "./scene.ts"

export { expect } from "vitest"

/**
 * The scenarios' own `test`. A scenario begins with its title and the requirements that it proves, in this form:
 * `test("…", { meta: { requirements: ["LST-14"] } }, async ({ scene, lab }) => { … })`.
 * `lab` is the running lab; `scene` makes the people, lists and messages of this scenario alone; `distribution()` is one
 * message that a list has distributed, for claims that only read its copies.
 */
export const test = labTest
  .extend("pool", { scope: "worker" }, () => new AcademyPool())
  .extend("sharedDistribution", { scope: "worker" }, ({ lab, pool }): (() => Promise<Distribution>) => {
    const scene = new Scene(lab, { title: "a distribution", seed: inject("seed"), pool, record: { ids: [], observed: [] } })
    let made: Promise<Distribution> | undefined
    return () => made ??= distribute(scene)
  })
  .extend("distribution", ({ sharedDistribution, record }) => async (): Promise<Distribution> => {
    const distribution = await sharedDistribution()
    record.ids.push(distribution.mail.id)
    return distribution
  })
  .extend("scene", ({ lab, pool, task, record }, { onCleanup }) => {
    const scene = new Scene(lab, { title: task.name, seed: inject("seed"), pool, record })
    onCleanup(() => scene.end())
    return scene
  })
