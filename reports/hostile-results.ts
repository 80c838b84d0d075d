import type { Results } from "./results.ts"
import { sampleResults } from "./sample-results.ts"

/** Subjects that a message can carry and that a report must show as text, nothing more. */
export const hostileSubjects = [
  `<script>alert("1")</script>`, `"><img src=x onerror=alert(1)>`, `]]></failure><testcase name="forged"/>`,
  `</style><body onload=alert(1)>`, "`code` **bold** [link](https://evil.test) ![i](https://evil.test/i.png)",
  "# heading\n- item\n| cell |", "\u001b[31mred\u001b[0m \u0000 \u0008 \ud800 \uffff", "gnp\u202e\u2066.exe", "a\u2028b", "@all &amp; &#60;",
]

/** A run of which every text is hostile, with one failed scenario per subject. */
export function hostileResults(): Results {
  const results = sampleResults({
    requirements: hostileSubjects.map((subject, index) => ({
      id: `LST-0${index}`, text: { fr: subject, en: subject }, source: subject, bounds: { [subject]: subject },
    })),
    scenarios: hostileSubjects.map((subject, index) => ({
      title: subject, suite: subject, requirements: [`LST-0${index}`], status: "failed" as const,
      messages: [`Subject: ${subject}`], ids: [subject], observed: [subject],
    })),
  })
  const subject = hostileSubjects[0]!
  results.run.release!.name = subject
  results.run.command = subject
  results.run.overrides = [{ component: subject, setting: subject, value: subject, why: subject }]
  results.run.packages = { [subject]: { [subject]: subject } }
  results.substitutions = [{ file: subject, line: 1, from: subject, to: subject, kind: "host" }]
  results.isolation!.nodes[0]!.node = subject
  results.run.baseline = { applicable: true, name: subject, reason: subject, missing: false }
  results.comparison = {
    schema: "recette.comparison/v1", state: "compared", command: subject,
    baseline: { name: subject, digest: subject, run: subject, startedAt: subject },
    nodes: hostileSubjects.map((hostile) => ({
      node: hostile, component: hostile, presence: "both", settings: [{ setting: hostile, from: hostile, to: hostile }],
      packages: [{ package: hostile, from: hostile, to: hostile, locked: true }],
    })),
  }
  results.kills = {
    schema: "recette.kills/v1", command: subject,
    mutants: hostileSubjects.map((hostile, index) => ({
      name: hostile, summary: hostile, base: hostile, baseDigest: hostile, expects: [`LST-0${index}`], status: "survived",
      detectedBy: null, run: hostile, startedAt: hostile,
    })),
  }
  return results
}
