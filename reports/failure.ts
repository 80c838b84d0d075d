/**
 * A report could not be made. `exitCode` is what the front door ends with: 2 when what was asked is wrong
 * (not a run's folder, runs of two digests, an expired waiver), 3 or 4 when the files cannot be read or written.
 * Same shape as the lab's failures, declared here because this room imports no other.
 */
export class ReportFailure extends Error {
  override readonly name = "ReportFailure"
  readonly where: string
  readonly remedy: string
  readonly exitCode: 2 | 3 | 4
  constructor(message: string, { where, remedy, exitCode = 2, cause }: ReportFailureDetails) {
    super(`${message}\n  where: ${where}\n  what to do: ${remedy}`, { cause })
    this.where = where
    this.remedy = remedy
    this.exitCode = exitCode
  }
}

interface ReportFailureDetails { where: string; remedy: string; exitCode?: 2 | 3 | 4; cause?: unknown }
