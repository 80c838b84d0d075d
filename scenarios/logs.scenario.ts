import { readFileSync } from "node:fs"
import { join } from "node:path"
import { isJudged, unexpectedLines } from "./component-log.ts"
import { expect, test } from "./test.ts"

// What the components themselves say. This suite begins once all others have ended; with `--only`, it judges what ran.

test("no component has logged an error or a warning that nobody expected",
  { meta: { requirements: ["REC-03"], mode: "exclusive" }, concurrent: false }, async ({ lab, scene, distribution }) => {
    const owner = lab.hasLists ? (await distribution()).list.owner : await scene.office("ce.dgrh")
    const author = await scene.office("ce.dsi")
    const mail = await scene.send({ from: author, to: [author.address, scene.stranger(), owner.address] })
    await expect(mail).toHaveReachedExactly(scene, mail.recipients)

    const logs = Object.values(lab.handle.nodes).filter(({ component }) => isJudged(component)).map(({ name, component }) =>
      ({ name, component, log: readFileSync(join(lab.handle.resultsFolder, "logs", `${name}.log`), "utf8") }))

    expect(logs.filter(({ log }) => log === "").map(({ name }) => name), "nodes without a log").toEqual([])
    const unexpected = logs.flatMap(({ name, component, log }) => unexpectedLines(component, log).map((line) => `${name}, ${line}`))
    expect(unexpected, unexpected.join("\n")).toEqual([])
  })
