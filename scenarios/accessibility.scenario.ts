import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { expect, test } from "./test.ts"
import type { Visitor } from "./visitor.ts"

// Accessibility of the lists' pages, as far as a program can judge it (axe). They are Sympa's own, not the team's: all
// that is found is reported, and what Sympa ships with is no fault of a release.

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")
/** What Sympa's own pages have, seen with 6.2.70. */
const shippedFaults = ["color-contrast"]
/** WCAG 2.1 A and AA, which EN 301 549 and the RGAA 4 stand on. */
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]

interface Violation { id: string; impact: string | null; nodes: unknown[] }

async function violationsOn(visitor: Visitor): Promise<{ id: string; text: string }[]> {
  await visitor.page.waitForLoadState("load")
  const found = await visitor.page.evaluate(async ({ source, tags }) => {
    await new Function(source)()
    const { violations } = await (globalThis as unknown as { axe: { run: (options: object) => Promise<{ violations: Violation[] }> } })
      .axe.run({ runOnly: { type: "tag", values: tags } })
    return violations.map(({ id, impact, nodes }) => ({ id, impact, count: nodes.length }))
  }, { source: axe, tags: rules })
  return found.map(({ id, impact, count }) => ({ id, text: `${id} (${impact}, ${count})` }))
}

test("the pages to log in, to find one's lists and to leave a list have no fault that axe finds but those of Sympa",
  { meta: { requirements: ["ACC-01"] } }, async ({ scene }) => {
    const { address } = scene.people("ac-normandie.test")[0]!
    const list = await scene.list("info-personnels", { subscribed: [{ address }] })
    const [stranger, member] = [
      await scene.visitor({ scripts: true }), await scene.loggedIn(address, { scripts: true })]
    const places = [[stranger, "/login"], [stranger, `/signoff/${list.fixture.name}`], [member, "/my"], [member, `/signoff/${list.fixture.name}`]] as const

    const faults: string[] = []
    for (const [visitor, place] of places) {
      await visitor.opens(place)
      const found = await violationsOn(visitor)
      const page = place.replace(list.fixture.name, "…")
      scene.observe(`axe, ${visitor === member ? "member" : "stranger"}, ${page}: ${found.map(({ text }) => text).join(", ") || "nothing"}`)
      faults.push(...found.filter(({ id }) => !shippedFaults.includes(id)).map(({ text }) => `${page}: ${text}`))
    }

    expect(faults).toEqual([])
  })
