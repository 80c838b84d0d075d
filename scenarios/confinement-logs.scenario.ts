import { readFileSync } from "node:fs"
import { join } from "node:path"
import { isJudged, unexpectedLines } from "./component-log.ts"
import { expect, test } from "./confined-test.ts"

// What CONFINEMENT's components themselves say. This suite begins once others have ended; with `--only`, it judges what ran.

test("neither relay nor mailboxes of CONFINEMENT have logged an error or a warning that nobody expected",
  { meta: { requirements: ["REC-03"], mode: "exclusive" }, concurrent: false }, async ({ lab, scene }) => {
    const mail = await scene.send({ from: "notes", recipients: scene.people(1) })
    await expect(mail).toHaveBeenKept(scene)

    const logs = Object.values(lab.handle.nodes).filter(({ component }) => isJudged(component)).map(({ name, component }) =>
      ({ name, component, log: readFileSync(join(lab.handle.resultsFolder, "logs", `${name}.log`), "utf8") }))

    expect(logs.filter(({ log }) => log === "").map(({ name }) => name), "nodes without a log").toEqual([])
    const unexpected = logs.flatMap(({ name, component, log }) => unexpectedLines(component, log).map((line) => `${name}, ${line}`))
    expect(unexpected, unexpected.join("\n")).toEqual([])
  })
