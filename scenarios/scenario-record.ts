/** What became of one scenario. `lab-error`: the lab failed, and nothing is said about the release. */
export type ScenarioStatus = "passed" | "failed" | "lab-error" | "not-run"

/** One scenario of `scenarios.json`. */
export interface ScenarioRecord {
  title: string
  /** Subject of its file: `lists` for `lists.scenario.ts`. */
  suite: string
  /** Path of its file in the project. */
  file: string
  requirements: string[]
  /** `exclusive`: it ran alone. */
  mode: "shared" | "exclusive"
  status: ScenarioStatus
  /** ISO 8601; empty for a scenario that did not run. */
  startedAt: string
  durationMs: number
  /** Error texts, the main one first. */
  messages: string[]
  /** `X-Recette-Id` of every message that it sent. */
  ids: string[]
  /** Short facts that it saw. */
  observed: string[]
}

/** Content of `scenarios.json`: written whole after each scenario; `complete` once all selected ones have ended. */
export interface ScenariosFile {
  schema: "recette.scenarios/v1"
  complete: boolean
  seed: number
  scenarios: ScenarioRecord[]
}

/** What the owner of the lab tells the process that runs the scenarios. */
export interface ScenarioOrder {
  /** Absolute path of `lab.json`. */
  handlePath: string
  /** Absolute path of the run's folder. */
  resultsFolder: string
  /** Requirement ids and suite names; `null` for everything. */
  only: readonly string[] | null
  /** Requirement ids whose scenarios are left out. */
  except?: readonly string[]
  seed: number
  /** Scenarios in an order drawn from the seed. */
  shuffle: boolean
}

/** What that process tells its owner. The closing of the channel ends it at once. */
export type ScenarioNews =
  | { kind: "started"; title: string; suite: string }
  | { kind: "finished"; scenario: ScenarioRecord; done: number; total: number }
  | { kind: "ended" }
  | { kind: "broken"; message: string; where: string; remedy: string }
