import { StillNotTrue } from "../lab/eventually.ts"
import { ClaimFailed } from "./claim-failed.ts"

/** Thrown as what it is, so that the reporter can tell it from a failing lab; there is no `.not` of these matchers. */
export function claim(pass: boolean, lines: readonly string[]): { pass: true; message: () => string } {
  if (!pass) throw new ClaimFailed(lines.join("\n  "))
  return { pass, message: () => "these matchers have no .not: claim the contrary with another one" }
}

/** The error text of a wait that was in vain; a failing lab goes through. */
export async function missedWait(wait: () => Promise<void>): Promise<string | undefined> {
  try {
    await wait()
    return undefined
  } catch (error) {
    if (error instanceof StillNotTrue) return error.message
    throw error
  }
}
