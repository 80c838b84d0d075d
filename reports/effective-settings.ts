/** One setting that differs: `before` is null where it is new, `after` where it is gone. */
export interface SettingChange { node: string; setting: string; before: string | null; after: string | null }

/**
 * What changed in the settings that the components really run with, node by node, ordered by node and setting.
 * Both sides are the JSON of `effective/<node>.json`, of any depth: `{ a: { b: 1 } }` is the setting `a/b`.
 * A node that only one side has is shown with all its settings.
 */
export function compareEffectiveSettings(
  baseline: Record<string, unknown>, release: Record<string, unknown>,
): SettingChange[] {
  return sortedUnion(baseline, release).flatMap((node) => {
    const before = flat(baseline[node])
    const after = flat(release[node])
    return sortedUnion(before, after)
      .map((setting) => ({ node, setting, before: before[setting] ?? null, after: after[setting] ?? null }))
      .filter((change) => change.before !== change.after)
  })
}

function flat(value: unknown, path = ""): Record<string, string> {
  if (value === undefined) return {}
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) return { [path]: value.join(", ") }
  if (typeof value !== "object" || value === null) return { [path]: String(value) }
  const settings: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [name, inner] of Object.entries(value)) {
    Object.assign(settings, flat(inner, path ? `${path}/${name}` : name))
  }
  return settings
}

function sortedUnion(one: object, other: object): string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort()
}
