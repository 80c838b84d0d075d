import { inject, test as base } from "vitest"
import { MockUpScene } from "./mock-up-scene.ts"
import type { SceneRecord } from "./scene.ts"
import { Services } from "./services.ts"

export { expect } from "vitest"

/** The `test` of scenarios on the mock-up platform: `lab` is the running lab, `scene` makes what belongs to this scenario alone. */
export const test = base
  .extend("lab", { scope: "worker" }, ({}, { onCleanup }) => {
    const services = new Services(inject("handle"))
    onCleanup(() => services.close())
    return services
  })
  .extend("record", ({ task }): SceneRecord => {
    const record: SceneRecord = { ids: [], observed: [] }
    Object.assign(task.meta, record)
    return record
  })
  .extend("scene", ({ lab, task, record }) => new MockUpScene(lab, { title: task.name, seed: inject("seed"), record }))
