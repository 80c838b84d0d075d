/** One file of a release laid into a node, bound (addresses replaced) and with its secrets filled in. */
export interface ConfigurationFile {
  /** Path relative to the component's folder of the release, for example `main.cf` or `families/x/config.tt2`. */
  path: string
  content: Buffer
  /** Permission bits, for example 0o644; 0o640 where a secret was filled in. */
  mode: number
}

/** What a release says about one node, resolved: what its `XContainer` is made from. */
export interface NodeConfiguration {
  files: readonly ConfigurationFile[]
  /** Overrides on top of the files, in the component's own syntax (ARCHITECTURE: main.cf, sympa.conf, doveconf, server variables). */
  set: Readonly<Record<string, string>>
  unset: readonly string[]
  /** Postfix only: master.cf services to `-o` parameters, for example `{"submission/inet": {smtpd_tls_security_level: "encrypt"}}`. */
  services: Readonly<Record<string, Readonly<Record<string, string>>>>
}
