import type { LabHandle } from "../lab/handle.ts"
import type { Ownership } from "../lab/own-lab.ts"
import { platformNamed } from "../lab/platform.ts"
import type { RunRecord } from "../lab/run-record.ts"
import { loadInRun } from "./load-in-run.ts"
import { loadSet, namesOf, type LoadSetOrder } from "./load-set.ts"
import { profileNamed } from "./profile-list.ts"

/** For a challenge: the loads that prove some requirements, and what puts those of a run on a lab, at their standard scale. */
export function challengedLoads(platform: string, seed: number, owner: Ownership) {
  const definition = platformNamed(platform, "the command line")
  return {
    profilesFor: (only: string[], requirements: NonNullable<LoadSetOrder["requirements"]>) =>
      namesOf(loadSet({ level: "quick", only, requirements }, definition).chosen),
    put: async (handle: LabHandle, run: RunRecord) => {
      for (const name of run.facts["profiles"] as string[]) await loadInRun(profileNamed(name), handle, run, seed, owner)
    },
  }
}
