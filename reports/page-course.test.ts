import { describe, expect, test } from "vitest"
import { chart } from "./chart.ts"
import type { Load } from "./load-shapes.ts"
import { pageReport } from "./page.ts"
import { sampleLoad } from "./sample-load.ts"
import { sampleResults } from "./sample-results.ts"
import { sampleObservation, sampleSeries } from "./sample-series.ts"
import type { Series } from "./series-shapes.ts"
import { verdictOf } from "./verdict.ts"

const page = (load: Partial<Load> = { observation: sampleObservation }, series: Series | null = sampleSeries(), lang: "fr" | "en" = "en") => {
  const results = { ...sampleResults({ run: { profile: "smoke" } }), loads: [{ profile: "smoke", load: sampleLoad(load), series }] }
  return pageReport(results, verdictOf(results, lang), lang)
}
const plots = (text: string) => text.match(/<svg class="plot"[^]*?<\/svg>/g) ?? []

describe("the course of a load in the report", () => {
  test("four charts over the same time, with nothing to be run and the same bytes each time", () => {
    expect(plots(page())).toHaveLength(4)
    expect(new Set(plots(page()).map((plot) => [...plot.matchAll(/>(\d+:\d\d)</g)].map(([, time]) => time).join())).size).toBe(1)
    expect(page()).toBe(page())
    expect(page()).not.toMatch(/<script| style=|https?:|url\(|NaN|undefined|Infinity/)
  })

  test("says what held the load back, with each fact", () => {
    expect(page()).toContain("<p><strong>Nobody is busy.</strong></p>")
    expect(page()).toContain("<li>bulk/pct of sympa: 40 at most</li>")
    expect(page(undefined, undefined, "fr")).toContain("<strong>Personne n&#39;est occupé.</strong>")
  })

  test("high-water marks of each node, and what the looks cost", () => {
    expect(page()).toMatch(/>postfix<\/th>[^]*?>36 %<[^]*?>61 MiB<[^]*?>1,234<[^]*?>4 KiB</)
    expect(page()).toContain("The observation itself took 0.6 % of one core (600 looks).")
  })

  test("names a node that was not seen to the end", () => {
    const sampling = { ...sampleObservation.sampling, gaps: [{ node: "sympa", why: "perl: not found" }] }
    expect(page({ observation: { ...sampleObservation, sampling } })).toContain("sympa was not seen to the end: perl: not found.")
  })

  test("of a load that was not watched there is nothing", () => {
    expect(page({}, null)).not.toMatch(/<figure|high-water|one core/)
  })

  test("every chart has a name, a description and a table that say the same in words", () => {
    const ids = [...page().matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    for (const plot of plots(page())) {
      const named = /role="img" aria-labelledby="(\S+) (\S+)"/.exec(plot)!
      expect(ids).toContain(named[1])
      expect(ids).toContain(named[2])
      expect(plot).toMatch(/<desc id="\S+">\S[^<]* at most [^<]* at \d+:\d\d\./)
    }
    expect(page()).toContain("bulk/pct: at most 40, at 0:20.")
    expect(page().match(/<summary>The values<\/summary>\n<table/g)).toHaveLength(4)
  })

  test("large counts are short beside the axis, and whole in words", () => {
    const text = page(undefined, sampleSeries({ flow: { due: [1_400_000], accepted: [], delivered: [] } }))
    expect(text).toContain('text-anchor="end">1 M</text>')
    expect(text).toContain("due: at most 1,400,000, at 0:00.")
  })

  test("a machine's figure is of all its cores", () => {
    expect(page()).toContain("whole machine (2 cores): at most 76 %")
  })
})

describe("a chart", () => {
  const order = { id: "c", title: "Waiting", stepSeconds: 10, words: String, lang: "en" as const }
  const rows = (text: string) => text.match(/<tr role="row"><th scope="row"/g)?.length

  test("lines differ by mark and dash, not by colour alone", () => {
    const values = Array.from({ length: 14 }, (_, step) => step)
    const text = chart({ ...order, lines: ["a", "b", "c", "d"].map((name) => ({ name, values })) }).text
    const marks = [1, 2, 3, 4].map((line) => new RegExp(`<g class="line-${line}">.*?class="mark".*? d="([^"]+)"`).exec(text)![1])
    expect(new Set(marks).size).toBe(4)
  })

  test("a gap is no line: what was not seen is not drawn, and is a dash in the table", () => {
    const { text } = chart({ ...order, lines: [{ name: "a", values: [1, 2, null, null, 5, 6] }] })
    expect(/<g class="line-1"><path class="line" d="([^"]+)"/.exec(text)![1]!.match(/M/g)).toHaveLength(2)
    expect(text).toContain('data-name="a">–<')
  })

  test("a table of many steps has rows that one can read, each with the most of its time", () => {
    const values = Array.from({ length: 240 }, (_, step) => step === 130 ? 99 : 1)
    const { text } = chart({ ...order, lines: [{ name: "a", values }] })
    expect(rows(text)).toBe(20)
    expect(text).toMatch(/>20:00<\/th><td role="cell" data-name="a">99</)
  })

  test("nothing seen, or nothing but zero, breaks nothing", () => {
    const unseen = chart({ ...order, lines: [{ name: "a", values: [null, null] }] }).text
    expect(unseen).toContain("a: nothing was seen.")
    expect(unseen).toContain('text-anchor="end">1</text>')
    expect(chart({ ...order, lines: [{ name: "a", values: [0] }] }).text).toContain('text-anchor="end">1</text>')
  })

  test("names are text", () => {
    expect(chart({ ...order, title: "<script>", lines: [{ name: "<img>", values: [1] }] }).text).not.toMatch(/<script|<img/)
  })
})
