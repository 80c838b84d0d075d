import { join } from "node:path"
import { expect, test } from "vitest"
import { temporaryFolder } from "../lab/temporary-release.ts"
import { peaksIn } from "./observed-peaks.ts"

test("each part of an observation has its own most, and what was seen last before it", async () => {
  const look = (node: string, atUs: number, memoryBytes: number, diskBytes?: number) => JSON.stringify({ node, atUs, memoryBytes, diskBytes })
  const lines = [
    look("sympa", 1, 900, 50), look("sympa", 2, 100), look("mariadb", 3, 70), look("sympa", 4, 300), look("sympa", 6, 200, 80), look("sympa", 9, 999, 999),
  ]
  const path = join(temporaryFolder({ "observation.ndjson": `${lines.join("\n")}\n` }), "observation.ndjson")
  const spans = [{ name: "rest", fromUs: 3, untilUs: 3 }, { name: "first", fromUs: 4, untilUs: 8 }]

  expect(await peaksIn(path, spans, ["sympa", "mariadb", "clamav"])).toEqual([
    { span: "rest", node: "sympa", memoryBytes: 100, diskBytes: 50 },
    { span: "rest", node: "mariadb", memoryBytes: 70, diskBytes: null },
    { span: "rest", node: "clamav", memoryBytes: null, diskBytes: null },
    { span: "first", node: "sympa", memoryBytes: 300, diskBytes: 80 },
    { span: "first", node: "mariadb", memoryBytes: 70, diskBytes: null },
    { span: "first", node: "clamav", memoryBytes: null, diskBytes: null },
  ])
})
