import { expect, test } from "vitest"
import type { LabHandle } from "../lab/handle.ts"
import { platformNamed } from "../lab/platform.ts"
import { settableWorld } from "./settable-world.ts"

/** As much of a lab's handle as tells its nodes. */
function handleOf(platform: string): LabHandle {
  const { nodes } = platformNamed(platform)
  return {
    run: "one", nodes: Object.fromEntries(nodes.map((node) => [node.name, { ...node, holderId: "", containerId: "", address: "" }])),
    gateway: { containerId: "", ports: Object.fromEntries(nodes.map(({ name }) => [`${name}.control`, 1])) },
  } as unknown as LabHandle
}

test("what can be put back is what the platform has of the world", () => {
  const names = (platform: string): string[] => settableWorld(handleOf(platform)).map(({ node }) => node.name)
  expect(names("ariel-pr")).toEqual(["dns", "academies", "internet"])
  expect(names("confinement")).toEqual(["dns", "internet"])
})
