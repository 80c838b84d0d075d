import { inject, test as base } from "vitest"
import { AcademyPool } from "./academy-pool.ts"
import "./matchers.ts"
import { Scene, type SceneRecord } from "./scene.ts"
import { Services } from "./services.ts"

export { expect } from "vitest"

/**
 * The scenarios' own `test`. A scenario begins with its title and the requirements that it proves, in this form:
 * `test("…", { meta: { requirements: ["LST-14"] } }, async ({ scene, lab }) => { … })`.
 * `lab` is the running lab; `scene` makes the people, lists and messages of this scenario alone.
 */
export const test = base
  .extend("lab", { scope: "worker" }, ({}, { onCleanup }) => {
    const services = new Services(inject("handle"))
    onCleanup(() => services.close())
    return services
  })
  .extend("pool", { scope: "worker" }, () => new AcademyPool())
  .extend("scene", ({ lab, pool, task }, { onCleanup }) => {
    const record: SceneRecord = { ids: [], observed: [] }
    Object.assign(task.meta, record)
    const scene = new Scene(lab, { title: task.name, seed: inject("seed"), pool, record })
    onCleanup(() => scene.end())
    return scene
  })
