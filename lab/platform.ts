import { InputError } from "./failure.ts"

/** A component of a platform: one kind of server. `dns`, `academies`, `internet`, `browser` and `generator` are the world around it. */
export type Component =
  | "postfix" | "sympa" | "dovecot" | "mariadb" | "rspamd" | "clamav" | "directory" | "web"
  | "dns" | "academies" | "internet" | "browser" | "generator"

/** The components that are no part of what is qualified. */
export const worldComponents: readonly Component[] = ["dns", "academies", "internet", "browser", "generator"]

export interface NodeDefinition {
  /** Name of the node in this platform; also its alias on the lab network, its log's name and its key in the handle. */
  name: string
  component: Component
  /** Fully qualified host name, served by the lab's DNS. */
  hostname: string
}

export interface PlatformDefinition {
  name: string
  /** One sentence, in both languages of the reports. */
  summary: { fr: string; en: string }
  nodes: readonly NodeDefinition[]
  /** What a verdict of this platform leaves out for now, whatever the level. */
  leavesOut: readonly { fr: string; en: string }[]
}

/**
 * The world around every platform: its own DNS, the 30 academies' servers, an internet that catches everything, a browser,
 * and k6, which puts pressure on it.
 */
const worldNodes: readonly NodeDefinition[] = [
  { name: "dns", component: "dns", hostname: "dns.lab.test" },
  { name: "academies", component: "academies", hostname: "academies.lab.test" },
  { name: "internet", component: "internet", hostname: "mx.internet.test" },
  { name: "browser", component: "browser", hostname: "browser.lab.test" },
  { name: "generator", component: "generator", hostname: "generator.lab.test" },
]

export const platforms: readonly PlatformDefinition[] = [
  {
    name: "ariel-pr",
    summary: {
      fr: "Moteur Sympa des listes institutionnelles et gouvernementales",
      en: "Sympa engine for institutional and government lists",
    },
    nodes: [
      ...worldNodes,
      { name: "mariadb", component: "mariadb", hostname: "mariadb1.ariel-pr.test" },
      { name: "dovecot", component: "dovecot", hostname: "bal1.ariel-pr.test" },
      { name: "postfix", component: "postfix", hostname: "mx1.ariel-pr.test" },
      { name: "sympa", component: "sympa", hostname: "sympa1.ariel-pr.test" },
      { name: "rspamd", component: "rspamd", hostname: "rspamd1.ariel-pr.test" },
      { name: "clamav", component: "clamav", hostname: "clamav1.ariel-pr.test" },
    ],
    leavesOut: [
      { fr: "la charge au-delà de la petite (smoke)", en: "load beyond the small one (smoke)" },
      { fr: "annuaire LDAP", en: "LDAP directory" },
      { fr: "voyage dans le temps", en: "time travel" },
    ],
  },
]

/** The definition of a platform. Throws InputError naming `where` for one that this project does not know. */
export function platformNamed(name: string, where = "the release"): PlatformDefinition {
  const platform = platforms.find((one) => one.name === name)
  if (platform) return platform
  throw new InputError(`There is no platform ${name}`, {
    where, remedy: `use one of ${platforms.map((one) => one.name).join(", ")}`,
  })
}
