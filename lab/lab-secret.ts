import { readFileSync } from "node:fs"
import { LabFailure } from "./failure.ts"
import type { LabHandle } from "./handle.ts"

/** One secret of the lab, by its name. Read at each use: nothing keeps it. */
export function secretOf({ secretsFile }: Pick<LabHandle, "secretsFile">, name: string): string {
  let secrets: Record<string, string>
  try {
    secrets = JSON.parse(readFileSync(secretsFile, "utf8")) as Record<string, string>
  } catch (cause) {
    throw new LabFailure(`The secrets of this lab cannot be read: ${(cause as Error).message}`, {
      where: secretsFile, remedy: "see whether the lab still runs; its owner removes that file at the end", cause,
    })
  }
  const secret = secrets[name]
  if (secret === undefined) {
    throw new LabFailure(`The lab has no secret ${name}`, {
      where: secretsFile, remedy: `the release writes {{secret:${name}}} in a file of its own (for an account of MariaDB: mariadb/schema/*.sql)`,
    })
  }
  return secret
}
