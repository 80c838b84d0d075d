import { LabFailure } from "./failure.ts"
import type { NodeConfiguration } from "./node-configuration.ts"

/** What `withCopyContentToContainer` takes. */
export interface ContentToCopy { content: string; target: string; mode: number }

/**
 * A release's `set` and `unset` as the plain text that an image's entrypoint applies:
 * `/recette/set` with one `name<separator>value` a line, `/recette/unset` with one name a line.
 * A value of several lines is a LabFailure: no component that takes these files has one.
 */
export function settingLines({ set, unset }: NodeConfiguration, separator: string): ContentToCopy[] {
  const settings = Object.entries(set).map(([name, value]) => {
    if (/[\r\n]/.test(value)) {
      throw new LabFailure(`The value of ${name} has more than one line`, {
        where: "release.yaml, set", remedy: "write it on one line, or bring it in a file of the release",
      })
    }
    return `${name}${separator}${value}\n`
  })
  return [
    { content: settings.join(""), target: "/recette/set", mode: 0o640 },
    { content: unset.map((name) => `${name}\n`).join(""), target: "/recette/unset", mode: 0o644 },
  ]
}
