import type { LabHandle } from "../lab/handle.ts"
import type { RunRecord } from "../lab/run-record.ts"
import type { RunInput } from "../lab/run-request.ts"
import type { Detection, MutantRecord } from "./challenge-record.ts"

/** Puts the loads that the run names on a lab; what they leave lies in the run's folder. */
export type PutLoad = (handle: LabHandle, run: RunRecord) => Promise<void>

/** Loads of a challenge. */
export interface ChallengeLoads {
  /** The names of the loads that prove these requirements, separated by commas; `none` without any. */
  profilesFor: (ids: string[], requirements: RunInput["requirements"]) => string
  put: PutLoad
}

/** What a load showed of one requirement that it proves, as the verdict has it in evidence. */
export interface LoadProof { requirement: string; scenario: string; suite: string; status: string; message: string }

type Outcome = Pick<MutantRecord, "status" | "detectedBy" | "others" | "note">

/** What a load on a mutant says of the requirements that it expects to fail; `unfit` are titles that fail on the release itself. */
export function outcomeOfLoad(proofs: readonly LoadProof[], ids: readonly string[], unfit: readonly string[]): Outcome {
  const nothingFound = { detectedBy: null, others: [], note: "" }
  const expected = proofs.filter(({ requirement }) => ids.includes(requirement))
  const fit = expected.filter(({ scenario }) => !unfit.includes(scenario))
  if (fit.length === 0) {
    const note = expected.length === 0 ? `the load says nothing of ${ids.join(", ")}` : `what the load says of ${ids.join(", ")} fails on the release itself`
    return { ...nothingFound, status: "lab-error", note }
  }
  const killer = fit.find(({ status }) => status === "failed")
  if (killer) return { ...nothingFound, status: "detected", detectedBy: detection(killer) }
  const broken = fit.find(({ status }) => status !== "passed")
  if (broken) return { ...nothingFound, status: "lab-error", note: `${broken.scenario}: ${broken.message || broken.status}` }
  const others = proofs.filter(({ status, scenario }) => status === "failed" && !unfit.includes(scenario)).map(detection)
  return { ...nothingFound, status: "survived", others }
}

function detection({ requirement, scenario, suite, message }: LoadProof): Detection {
  return { requirement, scenario, suite, message: message.split("\n")[0]! }
}
