import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { basename, join, resolve } from "node:path"
import { InputError } from "./failure.ts"
import { outside, PlatformFile, worldParts } from "./platform-schema.ts"
import { projectFolder } from "./state-folder.ts"
import { parseStrictYaml, type StrictYaml } from "./strict-yaml.ts"

/** A component of a platform: one kind of server. `dns`, `academies`, `internet`, `browser` and `generator` are the world around it. */
export type Component =
  | "postfix" | "sympa" | "dovecot" | "mariadb" | "rspamd" | "clamav" | "directory" | "web"
  | "dns" | "academies" | "internet" | "browser" | "generator"

/** The components that are no part of what is qualified. */
export const worldComponents: readonly Component[] = ["dns", ...worldParts]

export interface NodeDefinition {
  /** Name of the node in this platform; also its alias on the lab network, its log's name and its key in the handle. */
  name: string
  component: Component
  /** Fully qualified host name, served by the lab's DNS. */
  hostname: string
}

/** A platform as its file defines it (platform-schema.ts), with the world around it. */
export interface PlatformDefinition extends Omit<PlatformFile, "schema" | "world" | "nodes"> {
  /** The world's nodes first, then the platform's own. */
  nodes: readonly NodeDefinition[]
  /** Absolute path of its file. */
  file: string
  /** Comes with this project. */
  shipped: boolean
  /** Where each of its suites, requirements and profiles stands, as messages name it. */
  places: Readonly<Record<string, string>>
}

/** The nodes of the world around a platform: its own DNS, the 30 academies' servers, an internet that catches everything, a browser, and k6. */
const worldHosts: Readonly<Record<string, string>> = {
  dns: "dns.lab.test", academies: "academies.lab.test", internet: "mx.internet.test", browser: "browser.lab.test",
  generator: "generator.lab.test",
}

const shippedPlatformsFolder = join(projectFolder, "fixtures", "platforms")
const suffix = ".yaml"
let shipped: readonly PlatformDefinition[] | undefined

/** Every platform that comes with this project, in order of names. Throws InputError for a file that is wrong. */
export function shippedPlatforms(folder = shippedPlatformsFolder): readonly PlatformDefinition[] {
  if (folder === shippedPlatformsFolder && shipped) return shipped
  const read = readdirSync(folder).filter((name) => name.endsWith(suffix)).sort().map((name) => {
    const platform = platformOf(join(folder, name), `fixtures/platforms/${name}`, true)
    if (`${platform.name}${suffix}` === name) return platform
    throw new InputError(`The platform in ${name} says that it is ${platform.name}`, {
      where: `fixtures/platforms/${name}`, remedy: "name the file after the platform",
    })
  })
  if (folder === shippedPlatformsFolder) shipped = read
  return read
}

/**
 * The definition of a platform: a shipped one by name, or a team's own by the path of its file, relative to `from`.
 * Throws InputError naming `where` for one that is not there, and file and line for one that is wrong.
 */
export function platformNamed(name: string, where = "the release", from = process.cwd()): PlatformDefinition {
  const platform = shippedPlatforms().find((one) => one.name === name)
  if (platform) return platform
  if (!isPath(name)) {
    throw new InputError(`There is no platform ${name}`, {
      where, remedy: `use one of ${namesOfShipped()}, or the path of a definition of your own, for example ./${name}.yaml`,
    })
  }
  const file = resolve(from, name)
  const same = shippedPlatforms().find((one) => one.file === file)
  if (same) return same
  if (existsSync(file) && statSync(file).isFile()) return platformOf(file, file, false)
  throw new InputError(`There is no platform ${name}: no such file`, {
    where, remedy: `name the file of the definition (${basename(file)}) by its path, or one of ${namesOfShipped()}`,
  })
}

export function namesOfShipped(): string {
  return shippedPlatforms().map(({ name }) => name).join(", ")
}

/** The definition that a run was made with, as its folder has it. */
export function platformOfRun(folder: string): PlatformDefinition {
  return JSON.parse(readFileSync(join(folder, "platform.json"), "utf8")) as PlatformDefinition
}

/** A platform is named, or its file is: with a slash, or its ending. */
export function isPath(name: string): boolean {
  return /[\\/]/.test(name) || name.endsWith(suffix)
}

function platformOf(file: string, shown: string, isShipped: boolean): PlatformDefinition {
  const yaml = parseStrictYaml(PlatformFile, readFileSync(file, "utf8"), shown)
  const { schema: _, world, nodes, ...rest } = yaml.value
  checkNodes(yaml, shown)
  checkFlows(yaml, shown)
  checkProfiles(yaml, shown)
  checkWeb(yaml, shown)
  if (!isShipped && shippedPlatforms().some(({ name }) => name === rest.name)) {
    throw new InputError(`${rest.name} is the name of a platform that comes with this project`, {
      where: `${shown}:${yaml.lineOf(["name"])}`, remedy: "give yours another name",
    })
  }
  const parts: Component[] = ["dns", ...worldParts.filter((part) => world.includes(part))]
  const around = parts.map((component): NodeDefinition => ({ name: component, component, hostname: worldHosts[component]! }))
  const places = Object.fromEntries((["suites", "requirements", "profiles"] as const).flatMap((key) =>
    rest[key].map((one, index) => [`${key}/${one}`, `${shown}:${yaml.lineOf([key, index])}`])))
  return { ...rest, nodes: [...around, ...nodes], file, shipped: isShipped, places }
}

function checkNodes({ value: { nodes }, lineOf }: StrictYaml<PlatformFile>, file: string): void {
  const taken = { name: new Set(["gateway", outside, ...Object.keys(worldHosts)]), hostname: new Set(Object.values(worldHosts)) }
  for (const [index, node] of nodes.entries()) {
    for (const key of ["name", "hostname"] as const) {
      if (taken[key].has(node[key])) {
        throw new InputError(`${node[key]} is the ${key} of another node, or of a part of the world`, {
          where: `${file}:${lineOf(["nodes", index, key])}`, remedy: `give the node a ${key} of its own`,
        })
      }
      taken[key].add(node[key])
    }
  }
}

/** A load comes from the world around the platform. */
function checkProfiles({ value: { world, profiles }, lineOf }: StrictYaml<PlatformFile>, file: string): void {
  if (profiles.length === 0 || world.includes("generator")) return
  throw new InputError(`A load is put on the platform (${profiles.join(", ")}), and no generator is in the world around it`, {
    where: `${file}:${lineOf(["profiles"])}`, remedy: "take generator into world, or profiles out",
  })
}

function checkWeb({ value: { nodes, web }, lineOf }: StrictYaml<PlatformFile>, file: string): void {
  for (const [index, { node }] of web.entries()) {
    if (nodes.some(({ name }) => name === node)) continue
    throw new InputError(`A web interface is on ${node}, and there is no node ${node}`, {
      where: `${file}:${lineOf(["web", index, "node"])}`, remedy: `use one of ${nodes.map(({ name }) => name).join(", ")}`,
    })
  }
}

function checkFlows({ value: { nodes, flows }, lineOf }: StrictYaml<PlatformFile>, file: string): void {
  const known = [outside, ...nodes.map(({ name }) => name)]
  for (const [index, flow] of flows.entries()) {
    for (const key of ["from", "to"] as const) {
      if (known.includes(flow[key])) continue
      throw new InputError(`A flow leads ${key} ${flow[key]}, and there is no node ${flow[key]}`, {
        where: `${file}:${lineOf(["flows", index, key])}`, remedy: `use one of ${known.join(", ")}`,
      })
    }
  }
}
