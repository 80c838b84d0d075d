import { join } from "node:path"
import { ctrfReport } from "./ctrf.ts"
import { junitReport } from "./junit.ts"
import { pageReport } from "./page.ts"
import { readRun } from "./results.ts"
import type { Language } from "./result-shapes.ts"
import { summaryReport } from "./summary.ts"
import { verdictOf, type Verdict } from "./verdict.ts"
import { writeWhole } from "./whole-file.ts"

/**
 * Reads a run's folder, judges it, and writes `verdict.json` and `report/` (junit.xml, ctrf.json, summary.md,
 * index.html) into it; each file is whole or absent. The same folder gives the same bytes.
 * Throws a ReportFailure where the folder cannot be read (exit 2 or 3) or written (3, or 4 where something was judged).
 */
export async function writeReport(folder: string, lang: Language): Promise<Verdict> {
  const results = await readRun(folder)
  const verdict = verdictOf(results, lang)
  const files: [string, string][] = [
    ["verdict.json", `${JSON.stringify(verdict, null, 2)}\n`],
    ["report/junit.xml", junitReport(results, verdict, lang)],
    ["report/ctrf.json", ctrfReport(results, verdict, lang)],
    ["report/summary.md", summaryReport(results, verdict, lang)],
    ["report/index.html", pageReport(results, verdict, lang)],
  ]
  const refused = { remedy: "make room there, then `recette report` on this run", exitCode: verdict.verdict === "none" ? 3 as const : 4 as const }
  for (const [name, content] of files) await writeWhole(join(folder, name), content, refused)
  return verdict
}
