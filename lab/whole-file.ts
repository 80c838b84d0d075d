import { mkdir, rename, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { LabFailure } from "./failure.ts"

/**
 * Writes a file whole or not at all: a temporary name beside it, then a rename.
 * Objects are written as JSON with two spaces. Throws a LabFailure that names the file where the disk refuses.
 */
export async function writeWhole(path: string, content: string | object, mode = 0o644): Promise<void> {
  const text = typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`
  const temporary = `${path}.${process.pid}.part`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, text, { mode })
    await rename(temporary, path)
  } catch (cause) {
    throw new LabFailure(`${path} could not be written: ${(cause as Error).message}`, {
      where: dirname(path), remedy: "make room there, or name another folder with --out", cause,
    })
  }
}
