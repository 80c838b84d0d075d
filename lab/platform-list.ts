import { platformNamed, shippedPlatforms } from "./platform.ts"
import { shippedReleases } from "./release.ts"
import { projectFolder } from "./state-folder.ts"

/** Names of platforms in the job posting of the team (2022). What MIAMI and MAM are is said nowhere. */
const namesOfThePosting = ["ARIEL PR", "ARIEL SY", "CONFINEMENT", "INDICATEURS", "MIAMI", "MAM"]

const words = {
  own: { fr: "définition d'une équipe", en: "a team's own definition" },
  unbound: {
    fr: (name: string) => `${name} : nom que rien ne lie ici à une plateforme ; une définition qui dit names: [${name}] le lie`,
    en: (name: string) => `${name}: a name that nothing here binds to a platform; a definition that says names: [${name}] binds it`,
  },
  bound: { fr: "noms", en: "names" },
} as const

/**
 * Every platform with its names, its nodes and its shipped releases, as text or as JSON, and the team's names that no
 * definition binds. `definitions` are paths of definitions of a team's own.
 */
export async function platformList(
  { lang, json = false }: { lang: "fr" | "en"; json?: boolean }, definitions: readonly string[] = [],
): Promise<string> {
  const releases = await shippedReleases(projectFolder)
  const platforms = [...shippedPlatforms(), ...definitions.map((path) => platformNamed(path, "the command line"))]
  const rows = platforms.map(({ name, names, summary, nodes, domains, flows, suites, profiles, leavesOut, shipped, file }) => ({
    name, names, summary: summary[lang], shipped, file, nodes: nodes.map((node) => node.name), domains,
    flows: flows.map(({ what, ...flow }) => ({ ...flow, what: what[lang] })), suites, profiles,
    leavesOut: leavesOut.map((one) => one[lang]),
    releases: releases.filter(({ platform }) => platform === name)
      .map(({ version, date, generation, summary: text, digest }) => ({ version, date, generation, summary: text, digest })),
  }))
  const unbound = namesOfThePosting.filter((name) => !platforms.some(({ names }) => names.includes(name)))
  if (json) return JSON.stringify({ platforms: rows, unboundNames: unbound }, null, 2)
  const colon = lang === "fr" ? " : " : ": "
  return [...rows.flatMap(({ name, names, summary, shipped, file, releases: known }) => [
    `${name}${colon}${summary}${names.length > 0 ? ` (${words.bound[lang]}${colon}${names.join(", ")})` : ""}`,
    ...shipped ? [] : [`  ${words.own[lang]}${colon}${file}`],
    ...known.map(({ version, date, generation, summary: text }) => `  ${name}/${version}  ${date}  ${generation}  ${text}`),
  ]), ...unbound.map((name) => words.unbound[lang](name))].join("\n")
}
