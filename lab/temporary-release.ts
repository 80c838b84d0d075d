import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

/** A release.yaml that says the least it may, for tests of what comes on top of it. */
export const leastRelease = `schema: recette.release/v1
platform: ariel-pr
version: "1"
date: 2026-01-01
generation: debian-12
`

const made: string[] = []
process.once("exit", () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

/** A folder with these files, by path: for tests of what is read from the disk. It goes when the process ends. */
export function temporaryFolder(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(join(tmpdir(), "recette-test-"))
  made.push(folder)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}
