import { inject } from "vitest"
import { labTest } from "./lab-test.ts"
import { MockUpScene } from "./mock-up-scene.ts"

export { expect } from "vitest"

/** The `test` of scenarios on the mock-up platform: `lab` is the running lab, `scene` makes what belongs to this scenario alone. */
export const test = labTest
  .extend("scene", ({ lab, task, record }) => new MockUpScene(lab, { title: task.name, seed: inject("seed"), record }))
