import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import axe, { type AxeResults } from "axe-core"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { StartedBrowserContainer } from "./browser.ts"
import { FrontDoorProcess } from "./front-door-process.ts"
import { LivingLab } from "./living-lab.ts"

// The report in a real browser, the one of a lab: what a style sheet or a reader's settings do to it is seen nowhere else.

const hostile = `<script>alert("1")</script><img src=x onerror=alert(1)>`
let lab: LivingLab
let browser: Browser
let folder: string
const pages: Record<string, string> = {}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "recette-page-"))
  lab = await LivingLab.start()
  browser = await new StartedBrowserContainer(lab.handle).connect()
  writeRun()
  for (const lang of ["fr", "en"]) {
    await FrontDoorProcess.recette(["report", join(folder, "one"), "--lang", lang]).ended
    await FrontDoorProcess.recette(["report", "--out", folder, "--lang", lang]).ended
    pages[`report, ${lang}`] = readFileSync(join(folder, "one/report/index.html"), "utf8")
    pages[`past runs, ${lang}`] = readFileSync(join(folder, "index.html"), "utf8")
  }
})

afterAll(async () => {
  await browser?.close()
  await lab?.end()
  rmSync(folder, { recursive: true, force: true })
})

describe.each(["report, fr", "report, en", "past runs, fr", "past runs, en"])("%s", (name) => {
  test.each([[1280, "light"], [1280, "dark"], [360, "light"], [360, "dark"]] as const)("axe finds nothing at %i px, %s, and nothing is cut off", async (width, colorScheme) => {
    await using shown = await show(pages[name]!, { width, colorScheme })
    const { page } = shown
    await page.locator("details").evaluateAll((all) => { for (const each of all) each.setAttribute("open", "") })

    await page.evaluate(axe.source)
    const { violations, passes } = await page.evaluate("axe.run()") as AxeResults

    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
    expect(passes.length).toBeGreaterThan(20)
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width)
  })

  test("what mail says runs nowhere", async () => {
    await using shown = await show(pages[name]!, { width: 1280, colorScheme: "light" })
    expect(shown.dialogs).toEqual([])
    expect(await shown.page.locator("script, img").count()).toBe(0)
    expect(await shown.page.locator("body").innerText()).toContain(name.startsWith("report") ? `alert("1")` : "ariel-pr")
  })
})

test("by keyboard alone: the skip link first, each stop is seen, and a requirement folded away opens when it is asked for", async () => {
  await using shown = await show(pages["report, en"]!, { width: 1280, colorScheme: "light" })
  const { page } = shown
  await page.keyboard.press("Tab")
  expect(await page.locator(":focus").textContent()).toBe("Skip to the reasons")
  const outlines = new Set<string>()
  for (let stop = 0; stop < 10; stop += 1) {
    outlines.add(String(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")))
    await page.keyboard.press("Tab")
  }
  expect([...outlines]).toEqual(["solid"])
  await page.locator("#family-ALI > summary").focus()
  await page.keyboard.press("Enter")
  expect(await page.locator("#ALI-01").isVisible()).toBe(true)
})

/** A page of its own, closed by `await using`. axe is let in past the page's policy, which allows no script. */
async function show(html: string, { width, colorScheme }: { width: number; colorScheme: "light" | "dark" }) {
  const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 740 } })
  const page: Page = await context.newPage()
  const dialogs: string[] = []
  page.on("dialog", (dialog) => { dialogs.push(dialog.message()); void dialog.dismiss() })
  await page.setContent(html)
  return { page, dialogs, [Symbol.asyncDispose]: () => context.close() }
}

/** A finished run with something of every status, hostile texts among them. */
function writeRun(): void {
  const requirement = (id: string, more: object = {}) => ({
    id, text: { fr: `Exigence ${hostile}`, en: `Requirement ${hostile}` }, source: hostile, class: "technical", severity: "majeure", level: "quick", ...more,
  })
  const scenario = (id: string, status: string) => ({
    title: `${id} ${hostile}`, suite: "lists", requirements: [id], status, ids: ["tabc-1"], messages: [`Subject: ${hostile}, logs/postfix.log`], observed: [hostile],
  })
  const run = {
    schema: "recette.run/v1", run: "one", seed: 1, state: "finished", profile: "smoke", platform: "ariel-pr", command: "npm run qualify -- ariel-pr",
    release: { name: "ariel-pr/2026.1", version: "2026.1", digest: "sha256:01", summary: hostile },
    baseline: { applicable: true, name: "ariel-pr/2025.4" }, packages: { postfix: { postfix: "3.7.11" } },
    overrides: [{ component: "postfix", setting: "queue_run_delay", value: "2s", why: hostile }],
    times: { startedAt: "2026-11-23T21:44:07Z", endedAt: "2026-11-23T21:46:07Z" },
  }
  const reason = { fr: hostile, en: hostile }
  const files = {
    "run.json": run,
    "requirements.json": {
      schema: "recette.requirements/v1",
      requirements: [requirement("LST-01"), requirement("ALI-01"), requirement("ROU-01"), requirement("SYN-10", { standing: { status: "known-limit", reason } }),
        requirement("ROU-02", { standing: { status: "not-applicable", reason } }), requirement("PERF-09", { proof: { load: "lost" } })],
    },
    "scenarios.json": { schema: "recette.scenarios/v1", complete: true, scenarios: [scenario("LST-01", "failed"), scenario("ALI-01", "passed"), scenario("ROU-01", "lab-error")] },
    "comparison.json": {
      schema: "recette.comparison/v1", state: "compared", baseline: { name: "ariel-pr/2025.4", digest: "sha256:00", run: "zero", startedAt: "2026-11-22T21:44:07Z" },
      nodes: [{ node: "postfix", component: "postfix", presence: "both", settings: [{ setting: "smtpd_banner", from: hostile, to: "x".repeat(300) }],
        packages: [{ package: "postfix", from: "3.7.10", to: "3.7.11", locked: true }] }],
    },
    "load/smoke.json": hostileLoad(),
    "load/smoke/series.json": hostileCourse(),
    "kills.json": {
      schema: "recette.kills/v1", command: "npm run recette -- challenge ariel-pr",
      mutants: [{ name: hostile, summary: hostile, base: "ariel-pr/2026.1", baseDigest: null, expects: ["LST-01"], status: "survived", detectedBy: null, run: "zero", startedAt: "2026-11-22T21:44:07Z" }],
    },
    "substitutions.json": { schema: "recette.substitutions/v1", substitutions: [{ file: "postfix/main.cf", line: 3, from: hostile, to: hostile, kind: "host" }] },
    "isolation.json": {
      schema: "recette.isolation/v1", means: "inspection", reason: hostile, passed: true, nodes: [{ node: "postfix", networks: ["lab"], probes: [] }], controls: [],
    },
  }
  const place = join(folder, "one")
  mkdirSync(join(place, "load/smoke"), { recursive: true })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(place, name), JSON.stringify(content))
}

/** A load that lost one and was not honest, with hostile names. */
function hostileLoad(): object {
  const counts = (recipients: number) => ({
    recipients, fates: { "delivered-once": recipients - 1, duplicated: 0, lost: 1, unexpected: 0, bounced: 0, refused: 0, recovered: 0 },
    marks: { altered: 0, contradicted: 0 }, extraCopies: 0, duplicatedUnanswered: 0,
  })
  const latency = { samples: 2_000, minUs: 9_000, p50Us: 400_000, p90Us: 900_000, p99Us: 1_200_000, maxUs: 71_000_000 }
  const reached = [50, 90, 99, 100].map((percent) => ({ percent, messages: 1, never: percent === 100 ? 1 : 0, medianUs: 1_000_000, maxUs: 2_000_000 }))
  const path = [{ node: "postfix", key: "4X", line: hostile }]
  return {
    schema: "recette.load/v1", profile: "smoke", run: "l1", startedUs: 1, sentUs: 2_000_001, drainedUs: 9_000_001, failure: null,
    streams: [{ name: hostile, senderClass: "institution", target: "direct", audience: hostile, audienceRecipients: 2_000,
      asked: { messages: 2_000, perSecond: 28 }, achieved: { messages: 1_999, accepted: 1_999, perSecond: 14, lagP99Ms: 3, lagMaxMs: 4 } }],
    observation: {
      sampling: { looks: 9, percentOfCore: 1, gaps: [{ node: hostile, why: hostile }] },
      nodes: [{ node: hostile, cpuPercent: 99, memoryBytes: 1e9, descriptors: 12_345, diskBytes: null }],
      bottleneck: { kind: "process", sentence: { fr: hostile, en: hostile }, evidence: [{ fr: hostile, en: hostile }] },
    },
    droppedIterations: 1, ending: "passed", honest: false,
    cpu: { nodes: [{ node: "postfix", role: "platform", cpuMs: 90_000 }, { node: "generator", role: "generator", cpuMs: 900 }],
      clockMs: 60_000, platformMs: 90_000, generatorPercent: 1, catchersPercent: 0 },
    honesty: [{ check: "dropped", stream: null, held: false, is: 1, must: 0, sentence: { fr: hostile, en: hostile } }],
    ledger: { conclusion: "reconciled", gaps: [], figures: {
      messages: 2_000, total: counts(2_000), latency, foreign: { acceptances: 0 }, audiences: [{ name: hostile, counts: counts(2_000), latency, messages: 2_000, reached }],
      examples: [{ offence: "lost", recipients: 1, first: [{ id: "l1.a.1.1", recipient: hostile, fate: "lost", altered: false, stream: hostile, audience: hostile,
        copies: 0, told: "accepted", bounce: null, transactions: [], path }] }],
    } },
  }
}

/** Its course: queues and nodes with hostile names, something not seen, figures of many digits. */
function hostileCourse(): object {
  const row = (value: (step: number) => number | null) => Array.from({ length: 200 }, (_, step) => value(step))
  return {
    schema: "recette.series/v1", profile: "smoke", startUs: 1, stepSeconds: 60, steps: 200,
    flow: { due: row(() => 90_000), accepted: row(() => 80_000), delivered: row((step) => step * 300) },
    latency: { p50Ms: row((step) => step * 9_000), p90Ms: row(() => null), p99Ms: row((step) => step * 50_000) },
    queues: [{ node: hostile, queue: hostile, depth: row((step) => step * 7_777) }, { node: "x".repeat(80), queue: "active", depth: row((step) => step) }],
    nodes: [{ node: hostile, role: hostile, cpuPercent: row((step) => step) }], machine: { cores: 64, busyPercent: row(() => 100) },
  }
}
