import { z } from "zod"

/** A sentence in the two languages of the reports. */
export const Bilingual = z.object({ fr: z.string(), en: z.string() })

const Level = z.enum(["quick", "full", "election"])
const Severity = z.enum(["bloquante", "majeure", "mineure"])
const SourceClass = z.enum(["law", "analogy", "technical", "incident", "posting", "hypothesis"])
const PackageDifference = z.object({
  component: z.string(), package: z.string(), locked: z.string(), running: z.string(),
})
const LabOverride = z.object({
  component: z.string(), setting: z.string(), value: z.coerce.string(), why: z.union([Bilingual, z.string()]).default(""),
})

const Release = z.object({
  name: z.string(), version: z.string(), path: z.string().default(""), digest: z.string(),
  shipped: z.boolean().default(false), replaces: z.string().nullable().default(null),
  summary: z.string().default(""), expects: z.array(z.string()).default([]),
})

const Baseline = z.object({
  /** The release compared with; absent: the one that the release replaces. */
  name: z.string().optional(),
  applicable: z.boolean(), reason: z.union([Bilingual, z.string()]).default(""), missing: z.boolean().default(false),
})

const Machine = z.object({
  cores: z.number(), memoryBytes: z.number(), kernel: z.string(), os: z.string(), node: z.string(),
})

/**
 * `run.json`. It grows while a run goes on, so everything but the run's own name may be absent; fields of a later
 * version are ignored.
 */
export const RunFile = z.object({
  schema: z.literal("recette.run/v1"),
  run: z.string().min(1),
  seed: z.number().optional(),
  state: z.enum(["running", "finished", "interrupted", "lab-failed"]),
  level: Level.default("quick"),
  only: z.array(z.string()).nullable().default(null),
  /** The first load's profile; null where none was asked for. Runs of one load name no others. */
  profile: z.string().nullable().default(null),
  profiles: z.array(z.string()).optional(),
  /** Loads of the level that the time given had no room for. */
  leftOut: z.array(z.object({ profile: z.string(), seconds: z.number() })).default([]),
  /** Loads that earlier runs, which were interrupted, put on labs of their own. */
  resumed: z.array(z.object({ run: z.string(), loads: z.array(z.string()) })).default([]),
  platform: z.string().default(""),
  object: z.enum(["replica", "stand-in", "external"]).default("replica"),
  release: Release.optional(),
  baseline: Baseline.optional(),
  generation: z.string().optional(),
  packages: z.record(z.string(), z.record(z.string(), z.string())).default({}),
  packageDifferences: z.array(PackageDifference).default([]),
  effectiveSettings: z.record(z.string(), z.string()).default({}),
  images: z.record(z.string(), z.object({ tag: z.string(), id: z.string() })).default({}),
  engine: z.object({ name: z.string(), version: z.string(), api: z.string() }).optional(),
  isolation: z.enum(["rules", "inspection", "unproved"]).default("unproved"),
  machine: Machine.partial().optional(),
  overrides: z.array(LabOverride).default([]),
  leavesOut: z.array(Bilingual).default([]),
  /** Instants in ISO 8601, durations in ms. */
  times: z.object({
    startedAt: z.string().optional(), labReadyAt: z.string().optional(),
    scenariosEndedAt: z.string().optional(), endedAt: z.string().optional(),
    labMs: z.number().optional(), scenariosMs: z.number().optional(), loadMs: z.number().optional(),
  }).default({}),
  commit: z.string().nullable().default(null),
  command: z.string().default(""),
  failure: z.object({ message: z.string(), where: z.string(), remedy: z.string() }).optional(),
  /** False where the record ends before all queues and spools were empty. */
  drained: z.boolean().optional(),
  lang: z.enum(["fr", "en"]).optional(),
})

const Requirement = z.object({
  id: z.string().min(1), text: Bilingual, source: z.string(), class: SourceClass, severity: Severity, level: Level,
  bounds: z.record(z.string(), z.union([z.number(), z.string()])).default({}),
  confirmed: z.boolean().default(false), family: z.string().default(""),
  proof: z.union([
    z.literal("scenario"),
    z.object({
      load: z.enum([
        "lost", "duplicated", "unexpected", "altered", "refused", "everybody-reached", "pace", "p99", "no-later", "together", "any-order", "not-passed-on", "put-off",
      ]),
      /** The loads that prove it; absent: all of the run. */
      profiles: z.array(z.string()).optional(),
      /** Beginnings of the names of its streams, of those to compare with, and of those that must be under way. */
      streams: z.array(z.string()).optional(), than: z.array(z.string()).optional(), beside: z.array(z.string()).optional(),
    }),
  ]).default("scenario"),
  standing: z.object({
    status: z.enum(["not-applicable", "known-limit", "not-observable"]), reason: Bilingual,
    /** The component's version that can do it. */
    since: z.string().optional(),
  }).optional(),
  /** `expires` is the last day on which the waiver holds, as `2026-12-31`. */
  waiver: z.object({ reason: z.string(), name: z.string(), expires: z.iso.date() }).optional(),
})

/** `requirements.json`: the register as applied to this run. */
export const RequirementsFile = z.object({
  schema: z.literal("recette.requirements/v1"), requirements: z.array(Requirement),
})

const Scenario = z.object({
  title: z.string(), suite: z.string(), file: z.string().default(""), requirements: z.array(z.string()),
  mode: z.enum(["shared", "exclusive"]).default("shared"),
  status: z.enum(["passed", "failed", "lab-error", "not-run"]),
  startedAt: z.string().nullish(), durationMs: z.number().nullish(),
  messages: z.array(z.string()).default([]), ids: z.array(z.string()).default([]),
  observed: z.array(z.string()).default([]),
})

/** `scenarios.json`. `complete` is false while scenarios go on. */
export const ScenariosFile = z.object({
  schema: z.literal("recette.scenarios/v1"), complete: z.boolean(), seed: z.number().optional(),
  scenarios: z.array(Scenario),
})

/** `substitutions.json`: what of the release was replaced for the lab. */
export const SubstitutionsFile = z.object({
  schema: z.literal("recette.substitutions/v1"),
  substitutions: z.array(z.object({
    file: z.string(), line: z.number().nullish(), from: z.string(), to: z.string(),
    kind: z.enum(["address", "host", "certificate", "secret", "public-key", "override"]),
  })),
})

const Probe = z.object({
  probe: z.string(), target: z.string(), expected: z.string().default(""), answer: z.string(),
  ms: z.number().nullish(), counterMoved: z.boolean().optional(), passed: z.boolean(),
})

/** `isolation.json`: the proof that nothing leaves, with its control. */
export const IsolationFile = z.object({
  schema: z.literal("recette.isolation/v1"), means: z.enum(["rules", "inspection"]), passed: z.boolean(),
  /** Why it is by inspection only. */
  reason: z.string().optional(),
  failures: z.array(z.object({ node: z.string(), wayOut: z.string(), remedy: z.string() })).default([]),
  nodes: z.array(z.object({
    node: z.string(), networks: z.array(z.string()).default([]),
    ipv6: z.enum(["absent", "present", "not looked at"]).default("not looked at"), probes: z.array(Probe),
  })).default([]),
  controls: z.array(Probe).default([]),
})

const Change = z.object({ from: z.string().optional(), to: z.string().optional() })

/**
 * `comparison.json`: settings in force and packages, against what the baseline was last seen to run with. `from` is the
 * baseline's; it is absent where something is new, as `to` is where it is gone.
 */
export const ComparisonFile = z.object({
  schema: z.literal("recette.comparison/v1"), state: z.enum(["compared", "never-run", "not-found"]),
  baseline: z.object({
    name: z.string(), digest: z.string().nullable(), run: z.string().nullable(), startedAt: z.string().nullable(),
  }),
  /** How to get what is missing. */
  command: z.string().default(""),
  nodes: z.array(z.object({
    node: z.string(), component: z.string(), presence: z.enum(["both", "release", "baseline"]),
    settings: z.array(Change.extend({ setting: z.string() })),
    packages: z.array(Change.extend({ package: z.string(), locked: z.boolean() })),
  })),
})

/** `kills.json`: the platform's mutants, with what the newest challenge that judged each of them found. */
export const KillsFile = z.object({
  schema: z.literal("recette.kills/v1"), command: z.string().default(""),
  mutants: z.array(z.object({
    name: z.string(), summary: z.string().default(""), base: z.string(), baseDigest: z.string().nullable(),
    expects: z.array(z.string()), status: z.enum(["detected", "survived", "kept", "not-kept", "not-measured"]),
    detectedBy: z.object({ requirement: z.string(), scenario: z.string() }).nullable(),
    run: z.string().nullable(), startedAt: z.string().nullable(),
  })),
})

export type Language = "fr" | "en"
export type Sentence = z.infer<typeof Bilingual>
export type Level = z.infer<typeof Level>
export type Run = z.infer<typeof RunFile>
export type Requirement = z.infer<typeof Requirement>
export type Scenario = z.infer<typeof Scenario>
export type Scenarios = z.infer<typeof ScenariosFile>
export type Substitutions = z.infer<typeof SubstitutionsFile>
export type Isolation = z.infer<typeof IsolationFile>
export type Comparison = z.infer<typeof ComparisonFile>
export type Kills = z.infer<typeof KillsFile>
