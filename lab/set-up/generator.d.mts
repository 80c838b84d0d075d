export interface Generator {
  /** A Go toolchain that builds it. */
  go: string
  /** k6 with k6/x/mail: a static binary. */
  k6: string
  /** What benchmarks hold it against: k6 with net/smtp. */
  naive: string
}

export interface GeneratorRequest {
  env: Record<string, string | undefined>
  /** The project's folder, and `.recette` in it. */
  project: string
  state: string
  /** Does `work` under a name that is shown with its time. */
  step: <Result>(name: string, work: () => Promise<Result>) => Promise<Result>
  say: (text: string) => void
}

/** Makes sure of the load generator: finds or installs Go, and builds k6 once for each state of its sources. */
export function ensureGenerator(request: GeneratorRequest): Promise<Generator>
