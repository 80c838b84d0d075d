import { inject, test as base } from "vitest"
import type { SceneRecord } from "./scene.ts"
import { Services } from "./services.ts"

/** What the `test` of every platform begins with: `lab` is the running lab, `record` what is told of a scenario in the run. */
export const labTest = base
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
