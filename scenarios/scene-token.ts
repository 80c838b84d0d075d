import { markOf } from "../fixtures/mark.ts"
import type { LabHandle } from "../lab/handle.ts"
import { StartedSympaContainer } from "../lab/sympa.ts"

/** How the names of all lists of scenes end: with the token of their scene. */
export const listEnding = /-t[0-9a-z]{8}/

/** Nine letters and digits that no other scene has. */
export function sceneToken(scene: string): string {
  return markOf("t", scene)
}

/**
 * Purges the lists of scenes that are over, so that a round finds the list engine as the first one did: with each
 * hundred lists its index takes some seconds more. No scene may be running in this lab, which may have no list engine.
 */
export async function purgePastLists(handle: LabHandle): Promise<void> {
  for (const { name, component } of Object.values(handle.nodes)) {
    if (component !== "sympa") continue
    const sympa = new StartedSympaContainer(handle, name)
    try {
      await sympa.purgeLists(listEnding)
    } finally {
      await sympa.close()
    }
  }
}
