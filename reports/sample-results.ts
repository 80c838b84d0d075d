import type { Results } from "./results.ts"
import {
  IsolationFile, RequirementsFile, RunFile, ScenariosFile, type Requirement, type Run, type Scenario,
} from "./result-shapes.ts"

/** Builds the results of a sound run, for tests: one requirement LST-01 of level quick, proved by one scenario. */
export function sampleResults({ run = {}, requirements = [{}], scenarios = [{}], complete = true }: SampleParts = {}): Results {
  return {
    run: sampleRun(run),
    requirements: RequirementsFile.parse({
      schema: "recette.requirements/v1", requirements: requirements.map((part) => ({ ...lst01, ...part })),
    }).requirements,
    scenarios: ScenariosFile.parse({
      schema: "recette.scenarios/v1", complete, seed: 42, scenarios: scenarios.map((part) => ({ ...proof, ...part })),
    }),
    substitutions: [], isolation: sampleIsolation(), comparison: null, kills: null, loads: [], missing: [],
  }
}

export interface SampleParts {
  run?: Partial<Run>; requirements?: Partial<Requirement>[]; scenarios?: Partial<Scenario>[]; complete?: boolean
}

export function sampleIsolation(): NonNullable<Results["isolation"]> {
  const probe = { target: "198.51.100.2:25", expected: "refused", answer: "refused", ms: 4, counterMoved: true, passed: true }
  return IsolationFile.parse({
    schema: "recette.isolation/v1", means: "rules", passed: true, failures: [],
    nodes: ["postfix", "sympa"].map((node) => ({
      node, networks: ["recette-lab"], ipv6: "absent",
      probes: [{ ...probe, probe: "outside over IPv4" }, { ...probe, probe: "host", ms: 3 }],
    })),
    controls: [{ ...probe, probe: "outside from an ordinary network", expected: "open", answer: "open" }],
  })
}

function sampleRun(part: Partial<Run>): Run {
  return {
    ...RunFile.parse({
      schema: "recette.run/v1", run: "20261123-214407-k3f9", seed: 42, state: "finished", level: "quick", only: null,
      platform: "ariel-pr", object: "replica",
      release: {
        name: "ariel-pr/2026.1", version: "2026.1", digest: `sha256:${"5c".repeat(32)}`, shipped: true,
        summary: "The release in production",
      },
      baseline: { applicable: false, reason: "the release replaces none", missing: false },
      isolation: "rules", times: { startedAt: "2026-11-23T21:44:07.120Z", labMs: 9_840, scenariosMs: 43_210 },
      leavesOut: [{ fr: "L'antispam et l'antivirus", en: "Antispam and antivirus" }], commit: "b9ba84f00000",
      command: "npm run qualify -- ariel-pr/2026.1",
    }),
    ...part,
  }
}

const lst01 = {
  id: "LST-01", text: { fr: "Chaque abonné reçoit un exemplaire.", en: "Every member receives one copy." },
  source: "RFC 5321", class: "technical", severity: "majeure", level: "quick", confirmed: false, family: "LST",
}

const proof = {
  title: "every member of a list receives one copy", suite: "lists", file: "scenarios/lists.scenario.ts",
  requirements: ["LST-01"], mode: "shared", status: "passed", startedAt: "2026-11-23T21:44:20Z", durationMs: 5_200,
  observed: ["12 of 12 copies"],
}
