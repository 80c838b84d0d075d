import { platforms } from "./platform.ts"
import { shippedReleases } from "./release.ts"
import { projectFolder } from "./state-folder.ts"

/** Every platform with its nodes and its shipped releases, as text or as JSON. */
export async function platformList({ lang, json = false }: { lang: "fr" | "en"; json?: boolean }): Promise<string> {
  const releases = await shippedReleases(projectFolder)
  const rows = platforms.map(({ name, summary, nodes }) => ({
    name, summary: summary[lang], nodes: nodes.map((node) => node.name),
    releases: releases.filter(({ platform }) => platform === name)
      .map(({ version, date, generation, summary: text, digest }) => ({ version, date, generation, summary: text, digest })),
  }))
  const lines = rows.flatMap(({ name, summary, releases: known }) => [`${name}: ${summary}`,
    ...known.map(({ version, date, generation, summary: text }) => `  ${name}/${version}  ${date}  ${generation}  ${text}`)])
  return json ? JSON.stringify(rows, null, 2) : lines.join("\n")
}

