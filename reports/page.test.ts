import { describe, expect, test } from "vitest"
import { hostileResults } from "./hostile-results.ts"
import { dark, light, pageStyle } from "./page-style.ts"
import { pageReport } from "./page.ts"
import type { Comparison, Kills } from "./result-shapes.ts"
import type { Results } from "./results.ts"
import { sampleResults } from "./sample-results.ts"
import { verdictOf } from "./verdict.ts"

const render = (results: Results, lang: "fr" | "en" = "en") => pageReport(results, verdictOf(results, lang), lang)

describe("the page", () => {
  test("the same results give the same bytes", () => {
    expect(render(sampleResults())).toBe(render(sampleResults()))
    expect(render(hostileResults(), "fr")).toBe(render(hostileResults(), "fr"))
  })

  test("begins with the verdict and its reasons, then what changed, then the requirements", () => {
    const page = render(sampleResults())
    const order = ['<p class="word">GO</p>', 'id="reasons"', 'id="changes"', 'id="requirements"', 'id="left-out"',
      'id="mutants"', 'id="timings"', 'id="versions"', 'id="substitutions"', 'id="overrides"', 'id="isolation"', 'id="replay"']
    const places = order.map((part) => page.indexOf(part))
    expect(places).not.toContain(-1)
    expect(places).toEqual(places.toSorted((one, other) => one - other))
  })

  test("is in the language that is asked for and says so", () => {
    expect(render(sampleResults(), "fr")).toMatch(/<html lang="fr">[^]*compte rendu de qualification[^]*Chaque abonné reçoit un exemplaire/)
    expect(render(sampleResults())).toMatch(/<html lang="en">[^]*qualification report[^]*Every member receives one copy/)
  })

  test("needs nothing from outside and no script", () => {
    const page = render(sampleResults())
    expect(page).not.toMatch(/<script|<link|<img|https?:|url\(|@import| style=| on\w+=/)
    expect(page).toContain("default-src 'none'; style-src 'sha256-")
  })

  test("shows hostile subjects as text", () => {
    const page = render(hostileResults())
    const tags = new Set([...page.replace(pageStyle, "").matchAll(/<([a-z]\w*)/g)].map(([, tag]) => tag))
    expect([...tags].filter((tag) => ["script", "img", "testcase", "failure", "link", "iframe"].includes(tag!))).toEqual([])
    expect(page.match(/<body/g)).toHaveLength(1)
    expect(page.match(/<\/style>/g)).toHaveLength(1)
    expect(page).toContain("Subject: &lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;")
    expect(page).toContain("Subject: @all &amp;amp; &amp;#60;")
    expect(page).toContain("gnp⟨U+202E⟩⟨U+2066⟩.exe")
    expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/)
  })

  test("shows each status as a word and every table header with its scope", () => {
    const page = render(sampleResults({ requirements: [{}, { id: "ALI-01" }] }))
    expect(page).toContain('<i aria-hidden="true">✓</i>passed</span>')
    expect(page).toContain('<i aria-hidden="true">?</i>not run</span>')
    expect(page.match(/<th /g)?.length).toBe(page.match(/<th scope="(?:col|row)"/g)?.length)
    expect(page).not.toContain("<th>")
  })

  test("has one h1 and no heading that skips a level", () => {
    const heads = [...render(sampleResults()).matchAll(/<h(\d)/g)].map(([, depth]) => Number(depth))
    expect(heads.filter((depth) => depth === 1)).toHaveLength(1)
    expect(heads.every((depth, index) => index === 0 || depth - heads[index - 1]! <= 1)).toBe(true)
  })

  test("a stand-in's page never has the word GO but to say that it is none", () => {
    const page = render(sampleResults({ run: { object: "stand-in" } }))
    expect(page).toContain('<p class="word">The stand-in conforms</p>')
    expect([...page.matchAll(/[^.>]*\bGO\b[^.<]*/g)].map(([text]) => text)).toEqual([
      "What was judged is a stand-in of the platform: this is no GO for the original",
    ])
  })

  test("says what a killed run did not write", () => {
    const results = sampleResults({ run: { state: "running" } })
    const page = render({ ...results, scenarios: null, requirements: null, isolation: null, substitutions: null, missing: ["scenarios.json"] })
    expect(page).toContain("Files that this run did not write: scenarios.json.")
    expect(page).toContain("Nothing was judged: the run did not reach its end.")
  })

  test("never shows the value of a secret", () => {
    const results = sampleResults()
    results.substitutions = [{ file: "sympa/sympa.conf", line: 3, from: "{{secret:sympa-cookie}}", to: "hunter2", kind: "secret" }]
    expect(render(results)).toContain("generated for this lab")
    expect(render(results)).not.toContain("hunter2")
  })
})

describe("what changed", () => {
  const baseline = { name: "ariel-pr/2026.1", applicable: true, reason: "", missing: false }
  const against = { name: "ariel-pr/2026.1", digest: "sha256:01", run: "20261120-101500-aaaa", startedAt: "2026-11-20T10:15:00Z" }
  const comparison = (part: Partial<Comparison>): Comparison =>
    ({ schema: "recette.comparison/v1", state: "compared", baseline: against, command: "", nodes: [], ...part })
  const changed = {
    node: "postfix", component: "postfix", presence: "both" as const,
    settings: [{ setting: "message_size_limit", from: "5242880", to: "102400" }, { setting: "smtpd_milters", to: "" }],
    packages: [{ package: "postfix", from: "3.7.11", to: "3.10.5", locked: true }, { package: "bash", from: "5.2", to: "5.3", locked: false }],
  }

  test("no baseline, with the reason in the language of the page", () => {
    expect(render(sampleResults())).toContain("<p>No baseline: the release replaces none.</p>")
    const reason = { fr: "elle n'en nomme pas", en: "it names none" }
    expect(render(sampleResults({ run: { baseline: { applicable: false, reason, missing: false } } }), "fr"))
      .toContain("<p>Pas de version de référence : elle n&#39;en nomme pas.</p>")
  })

  test("a baseline that has not been run here, with the command that runs it", () => {
    const results = { ...sampleResults({ run: { baseline } }), comparison: comparison({ state: "never-run", command: "npm run qualify -- ariel-pr/2026.1" }) }
    expect(render(results)).toMatch(/has not been run on this machine yet[^]*At level quick this is no reservation[^]*<code class="command">npm run qualify -- ariel-pr\/2026\.1</)
    expect(verdictOf(results, "en").verdict).toBe("go")
  })

  test("a baseline that is not found, and a run that ended before it compared", () => {
    const results = sampleResults({ run: { baseline } })
    expect(render({ ...results, comparison: comparison({ state: "not-found" }) })).toContain("Name its folder with --baseline.")
    expect(render(results)).toContain("The run ended before it was compared with ariel-pr/2026.1.")
  })

  test("settings and packages that differ, counted and folded by node", () => {
    const page = render({ ...sampleResults({ run: { baseline } }), comparison: comparison({ nodes: [changed] }) })
    expect(page).toContain("What changes against ariel-pr/2026.1")
    expect(page).toContain("<strong>2 settings</strong> and <strong>2 packages</strong>")
    expect(page).toMatch(/<details open>\n<summary><strong>postfix<\/strong>[^]*message_size_limit[^]*5242880[^]*102400[^]*absent[^]*empty[^]*3\.7\.11[^]*3\.10\.5/)
    expect(page).toContain("as read back during run 20261120-101500-aaaa of 20 November 2026, 10:15 UTC")
  })

  test("many settings stay folded, and nothing that changed is said", () => {
    const settings = Array.from({ length: 13 }, (_, index) => ({ setting: `setting_${index}`, from: "1", to: "2" }))
    expect(render({ ...sampleResults({ run: { baseline } }), comparison: comparison({ nodes: [{ ...changed, settings, packages: [] }] }) }))
      .toMatch(/<details>\n<summary><strong>postfix<\/strong> <span class="quiet">– 13 settings/)
    expect(render({ ...sampleResults({ run: { baseline } }), comparison: comparison({}) }))
      .toContain("No effective setting and no package changes.")
  })
})

describe("what failed", () => {
  const failing = () => sampleResults({
    requirements: [{}, { id: "ROU-02" }, { id: "ALI-01" }],
    scenarios: [
      { title: "no relay", requirements: ["ROU-02", "LST-01"], status: "failed", ids: ["tabc1-1", "tabc1-2"], messages: ["taken, logs/postfix.log"] },
      { title: "aliases", requirements: ["ALI-01"] }, { title: "copies", requirements: ["LST-01"] },
    ],
  })

  test("comes first, with its messages, its log, how to find them and how to replay it alone", () => {
    const page = render(failing())
    expect(page.indexOf('id="LST-01"')).toBeLessThan(page.indexOf('id="ALI-01"'))
    expect(page).toContain("Messages: <code>tabc1-1 tabc1-2</code>")
    expect(page).toContain('<a href="../logs/postfix.log"><code>logs/postfix.log</code></a>')
    expect(page).toContain("grep -nE 'tabc1' logs/*.log")
    expect(page).toContain("npm run qualify -- ariel-pr/2026.1 --seed 42 --only ROU-02</code>")
    expect(page).toMatch(/What to do[^]*Correct the release/)
  })

  test("is said once where one scenario fails two requirements", () => {
    const page = render(failing())
    expect(page.match(/taken, logs/g)).toHaveLength(1)
    expect(page).toContain('no relay <a href="#LST-01">see LST-01</a>')
  })

  test("every anchor of the page leads somewhere, and no id is there twice", () => {
    const page = render(failing())
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!)
    expect(ids).toEqual([...new Set(ids)])
    expect([...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => decodeURIComponent(id!)).filter((id) => !ids.includes(id))).toEqual([])
  })
})

describe("mutants", () => {
  const kill = (part: Partial<Kills["mutants"][number]>): Kills["mutants"][number] => ({
    name: "relay-for-everybody", summary: "A relay for everybody", base: "ariel-pr/2026.1", baseDigest: "sha256:01", expects: ["LST-01"],
    status: "detected", detectedBy: { requirement: "LST-01", scenario: "" }, run: "earlier", startedAt: "2026-11-20T10:15:00Z", ...part,
  })
  const kills = (...mutants: Kills["mutants"]): Kills => ({ schema: "recette.kills/v1", command: "npm run recette -- challenge ariel-pr", mutants })

  test("stand with the requirement whose scenarios detect them, measured or only declared", () => {
    const page = render({ ...sampleResults(), kills: kills(kill({}),
      kill({ name: "seen-elsewhere", detectedBy: { requirement: "ROU-02", scenario: "no relay" } }),
      kill({ name: "not-seen", status: "survived", detectedBy: null }),
      kill({ name: "not-tried", status: "not-measured", detectedBy: null, run: null, startedAt: null })) })
    expect(page).toContain("Mutants detected: relay-for-everybody<")
    expect(page).toContain("Mutants detected by another requirement: seen-elsewhere<")
    expect(page).toContain("Mutants that survive: not-seen<")
    expect(page).toContain("Mutants declared, not measured here: not-tried<")
    expect(page).toMatch(/Defects detected: 2 of 3[^]*Measured from 20 November 2026[^]*1 declared mutant was not measured[^]*challenge ariel-pr/)
  })

  test("a run that did not look", () => {
    expect(render(sampleResults())).toContain("The run did not record what is known of mutants.")
  })
})

describe("colours", () => {
  test.each([["light", light], ["dark", dark]] as const)("every text of the %s page has a contrast of 4.5 or more", (_, colours) => {
    const grounds = { go: ["goWash", "paper"], stop: ["stopWash", "paper"], doubt: ["doubtWash", "paper"], still: ["stillWash"], link: ["paper"],
      quiet: ["paper", "card", "goWash", "doubtWash"],
      ink: ["paper", "card", "goWash", "stopWash", "doubtWash", "stillWash"] } as const
    const weak = Object.entries(grounds).flatMap(([text, under]) => under.map((ground) =>
      ({ text, ground, contrast: contrastOf(colours[text as keyof typeof light], colours[ground]) })))
    expect(weak.filter(({ contrast }) => contrast < 4.5)).toEqual([])
  })

  test("contrast is measured as WCAG 2.1 does", () => {
    expect(contrastOf("#000000", "#ffffff")).toBe(21)
    expect(contrastOf("#777777", "#ffffff")).toBeCloseTo(4.48, 2)
  })
})

function contrastOf(one: string, other: string): number {
  const [bright, dim] = [luminanceOf(one), luminanceOf(other)].sort((first, second) => second - first)
  return (bright! + 0.05) / (dim! + 0.05)
}

function luminanceOf(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}
