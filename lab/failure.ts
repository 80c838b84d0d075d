/** What a failure says beside its first sentence: the place, the cure, and the error that caused it. */
export interface FailureDetails { where: string; remedy: string; cause?: unknown }

/** The message is one sentence; `where` names a node, file or log; `remedy` is an instruction. */
abstract class Failure extends Error {
  readonly where: string
  readonly remedy: string
  constructor(message: string, { where, remedy, cause }: FailureDetails) {
    super(`${message}\n  where: ${where}\n  what to do: ${remedy}`, { cause })
    this.where = where
    this.remedy = remedy
  }
}

/** The lab itself failed: nothing is said about the release (exit 3, or status `lab-error` once something was judged). */
export class LabFailure extends Failure { override readonly name = "LabFailure" }

/** What the user gave is wrong (exit 2): an unknown key, a missing file, a cycle, an unknown platform. */
export class InputError extends Failure { override readonly name = "InputError" }
