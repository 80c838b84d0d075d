import { join } from "node:path"
import { writeWhole } from "../lab/whole-file.ts"
import { Turn } from "../lab/turn.ts"

/**
 * What became of one mutant. `detected`: a scenario that proves an expected requirement failed. `survived`: none did,
 * whatever else failed. `kept`, `not-kept`: a harmless change has, or has not, the verdict and the reservations of the
 * release that it extends. `lab-error`: it could not be judged. `not-run`: the challenge ended before it.
 */
export type MutantStatus = "detected" | "survived" | "kept" | "not-kept" | "lab-error" | "not-run"

/** A scenario that failed on a mutant, as evidence. */
export interface Detection {
  /** The expected requirement; for `others`, the first that the scenario proves. */
  requirement: string
  /** Title of the scenario. */
  scenario: string
  suite: string
  /** First line of what failed. */
  message: string
}

/** One mutant of `challenge.json`. */
export interface MutantRecord {
  name: string
  /** What it changes, one sentence. */
  summary: string
  /** Name of the release that it extends, for example `ariel-pr/2026.1`. */
  base: string
  /** Requirements of which one must fail at least; empty for a harmless change. */
  expects: string[]
  status: MutantStatus
  /** The first scenario that failed for an expected requirement; null unless `detected`. */
  detectedBy: Detection | null
  /** What else failed: for a survivor, scenarios of other requirements; for a harmless change, all that failed. */
  others: Detection[]
  /** Why it is `lab-error` or `not-kept`; empty otherwise. */
  note: string
  /** Nodes that were replaced to lay it into the lab. */
  replaced: string[]
  /** From the change of the lab to the judgement. */
  ms: number
  /** Its folder in the run, with logs, scenarios.json and effective settings: `mutants/relay-for-everybody`. */
  folder: string
}

/** A release that mutants extend, as it was judged first. */
export interface BaseRecord {
  name: string
  digest: string
  /** Its folder in the run, that of an ordinary run. */
  folder: string
  /** `inconclusive` where only a part of the suite was run on it. */
  verdict: string
  /** Titles of scenarios that do not pass on it: they detect nothing. */
  unfit: string[]
}

/** Content of `results/<run>/challenge.json`: written whole after each mutant; `complete` once all are judged. */
export interface ChallengeFile {
  schema: "recette.challenge/v1"
  run: string
  platform: string
  level: "quick" | "full" | "election"
  seed: number
  /** Mutants and requirements of `--only`; null for all. */
  only: string[] | null
  /** Suites that stood for the whole one; null for all. */
  suites: string[] | null
  complete: boolean
  /** ISO 8601; `endedAt` is empty until the end. */
  startedAt: string
  endedAt: string
  bases: BaseRecord[]
  mutants: MutantRecord[]
  score: Score
}

export interface Score { detected: number; defects: number; kept: number; harmless: number }

/** Exit codes of `recette challenge`; 2 and 3 are those of every command. */
export const challengeExitCodes = { allAsExpected: 0, someNot: 1, notAllJudged: 4 } as const

export function scoreOf(mutants: readonly Pick<MutantRecord, "expects" | "status">[]): Score {
  const count = (matches: (one: Pick<MutantRecord, "expects" | "status">) => boolean) => mutants.filter(matches).length
  return {
    detected: count(({ status }) => status === "detected"), defects: count(({ expects }) => expects.length > 0),
    kept: count(({ status }) => status === "kept"), harmless: count(({ expects }) => expects.length === 0),
  }
}

/** 1 where a mutant survived or a harmless change was not kept, else 4 where one was not judged, else 0. */
export function exitCodeOf({ mutants }: Pick<ChallengeFile, "mutants">): number {
  if (mutants.some(({ status }) => status === "survived" || status === "not-kept")) return challengeExitCodes.someNot
  const judged = mutants.length > 0 && mutants.every(({ status }) => status === "detected" || status === "kept")
  return judged ? challengeExitCodes.allAsExpected : challengeExitCodes.notAllJudged
}

/** `challenge.json` of a challenge that goes on. */
export class ChallengeRecord {
  readonly folder: string
  readonly file: ChallengeFile
  /** Several labs write it. */
  private readonly turn = new Turn()
  constructor(folder: string, file: ChallengeFile) {
    this.folder = folder
    this.file = file
  }

  async write(change: Partial<ChallengeFile> = {}): Promise<void> {
    Object.assign(this.file, change, { score: scoreOf(this.file.mutants) })
    await this.turn.take(() => writeWhole(join(this.folder, "challenge.json"), this.file))
  }
}
