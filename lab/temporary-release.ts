import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, onTestFinished } from "vitest"

/** A release.yaml that says the least it may, for tests of what comes on top of it. */
export const leastRelease = `schema: recette.release/v1
platform: ariel-pr
version: "1"
date: 2026-01-01
generation: debian-12
`

/** A folder with these files, by path: for tests of what is read from the disk. It goes with the test, or with the file. */
export function temporaryFolder(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), "recette-test-"))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

/** Vitest ends its workers without their exit event; outside a test `onTestFinished` throws. */
function atTheEnd(work: () => void): void {
  try {
    onTestFinished(work)
  } catch {
    afterAll(work)
  }
}
