/** Static binaries. */
export interface Generator {
  /** k6 with k6/x/mail. */
  k6: string
  /** What benchmarks hold it against: k6 with net/smtp. */
  naive: string
}

export interface GoRequest {
  env: Record<string, string | undefined>
  /** The folder `.recette` of the project. */
  state: string
  /** Does `work` under a name that is shown with its time. */
  step: <Result>(name: string, work: () => Promise<Result>) => Promise<Result>
  say: (text: string) => void
}

export interface GeneratorRequest extends GoRequest {
  /** The project's folder. */
  project: string
}

/** Makes sure of the load generator: builds it once for each state of its sources, with Go found or installed. */
export function ensureGenerator(request: GeneratorRequest): Promise<Generator>

/** Path of a Go that is new enough, found or installed. */
export function ensureGo(request: GoRequest): Promise<string>
