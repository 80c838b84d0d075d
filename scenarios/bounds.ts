import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { LabFailure } from "../lab/failure.ts"
import { loadRequirements } from "../lab/requirements.ts"

interface WithBounds { id: string; bounds: Record<string, number | string> }

/**
 * A bound of a requirement as applied in this run (`requirements.json`, with the team's overlay); on a lab without a
 * run, that of the register. Throws a LabFailure where the requirement has no such number.
 */
export async function boundOf(resultsFolder: string, id: string, name: string): Promise<number> {
  const path = join(resultsFolder, "requirements.json")
  const { requirements } = existsSync(path)
    ? JSON.parse(readFileSync(path, "utf8")) as { requirements: WithBounds[] }
    : await loadRequirements({})
  const value = requirements.find((one) => one.id === id)?.bounds[name]
  if (typeof value === "number") return value
  throw new LabFailure(`This run has no number for the bound ${name} of ${id}`, {
    where: path, remedy: `give ${id} the bound ${name} in fixtures/requirements.yaml, or in the overlay`,
  })
}
