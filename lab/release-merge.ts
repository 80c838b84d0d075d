import { InputError } from "./failure.ts"
import type { PlatformDefinition } from "./platform.ts"
import type { ReleaseLayer } from "./release-layer.ts"
import type { Bindings, Origin, ReleaseComponent, ReleaseContent, ReleaseNode } from "./release-model.ts"
import { configurable, releaseFolders, type ReleaseComponentName } from "./release-schema.ts"

type Components = Partial<Record<ReleaseComponentName, ReleaseComponent>>

/**
 * Joins the components of all layers, the first of which starts the chain. Of two files with one path the later stays;
 * a later `set` takes the place of an earlier `set` or `unset` of that name, and a later `unset` that of a `set`.
 * Every component of the platform is there, also when no layer says anything about it.
 */
export function mergeComponents(layers: readonly ReleaseLayer[], platform: PlatformDefinition): Components {
  const own = new Set<string>(platform.nodes.map((node) => node.component))
  const components: Components = {}
  for (const name of releaseFolders) {
    if (own.has(name)) components[name] = { files: new Map(), set: {}, unset: [], services: {}, nodes: {}, memory: [], origins: {} }
  }
  for (const layer of layers) {
    for (const name of releaseFolders) {
      checkComponent(layer, name, own, platform)
      const component = components[name]
      if (component) addLayer(component, name, layer, platform)
    }
  }
  return components
}

function checkComponent(
  layer: ReleaseLayer, name: ReleaseComponentName, own: Set<string>, platform: PlatformDefinition,
): void {
  if (own.has(name)) return
  const said = layer.release.value.components[name] !== undefined
  const [firstFile] = layer.files.get(name)?.values() ?? []
  if (!said && !firstFile) return
  const names = configurable.filter((one) => own.has(one))
  throw new InputError(`The platform ${platform.name} has no component ${name}`, {
    where: said ? `${layer.file}:${layer.release.lineOf(["components", name])}` : firstFile!.source,
    remedy: `configure one of ${names.join(", ")}, or remove this part`,
  })
}

function addLayer(
  component: ReleaseComponent, name: ReleaseComponentName, layer: ReleaseLayer, platform: PlatformDefinition,
): void {
  for (const [path, file] of layer.files.get(name) ?? []) layFile(component.files, path, file)
  const override = layer.release.value.components[name]
  if (!override) return
  const at = (...path: string[]): Origin => ({ file: layer.file, line: layer.release.lineOf(["components", name, ...path]) })
  for (const [path, edits] of Object.entries(override.edit)) {
    for (const [from, to] of Object.entries(edits)) editFile(component.files, path, { from, to, name, origin: at("edit", path, from) })
  }
  if (!("set" in override)) return
  if (override.image !== undefined) component.image = override.image
  if ("memory" in override) component.memory = [...new Set([...component.memory, ...override.memory])]
  addSettings(component, override, component.origins, "", at)
  for (const [service, parameters] of Object.entries("services" in override ? override.services : {})) {
    component.services[service] = { ...component.services[service], ...parameters }
    for (const key of Object.keys(parameters)) component.origins[`services/${service}/${key}`] = at("services", service, key)
  }
  for (const [node, settings] of Object.entries(override.nodes)) {
    checkNode(node, name, platform, at("nodes", node))
    const target = component.nodes[node] ??= { set: {}, unset: [] }
    addSettings(target, settings, component.origins, `nodes/${node}/`, (...path) => at("nodes", node, ...path))
  }
}

function addSettings(
  target: ReleaseNode, { set, unset }: ReleaseNode,
  origins: Record<string, Origin>, prefix: string, at: (...path: string[]) => Origin,
): void {
  for (const [index, key] of unset.entries()) {
    const origin = at("unset", String(index))
    if (key in set) {
      throw new InputError(`${key} is set and unset in the same place`, {
        where: `${origin.file}:${origin.line}`, remedy: "keep one of the two",
      })
    }
    delete target.set[key]
    if (!target.unset.includes(key)) target.unset.push(key)
    origins[`${prefix}unset/${key}`] = origin
  }
  for (const [key, value] of Object.entries(set)) {
    target.set[key] = value
    target.unset = target.unset.filter((one) => one !== key)
    origins[`${prefix}set/${key}`] = at("set", key)
  }
}

function checkNode(node: string, component: string, platform: PlatformDefinition, origin: Origin): void {
  const names = platform.nodes.filter((one) => one.component === component).map((one) => one.name)
  if (names.includes(node)) return
  throw new InputError(`The platform ${platform.name} has no node ${node} of component ${component}`, {
    where: `${origin.file}:${origin.line}`, remedy: `use one of ${names.join(", ")}`,
  })
}

/** A file in the place of a folder, or the reverse, would give a configuration that nobody wrote. */
function layFile(files: Map<string, ReleaseContent>, path: string, file: ReleaseContent): void {
  const clash = [...files.keys()].find((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`))
  if (clash) {
    throw new InputError(`${path} and ${clash} cannot both be there: one is a file and a folder at once`, {
      where: file.source, remedy: "rename one of the two",
    })
  }
  files.set(path, file)
}

/** A text that has moved on, or stands there twice, would be changed in a place that nobody meant. */
function editFile(
  files: Map<string, ReleaseContent>, path: string, { from, to, name, origin }: { from: string; to: string; name: string; origin: Origin },
): void {
  const where = `${origin.file}:${origin.line}`
  const file = files.get(path)
  if (!file) {
    throw new InputError(`There is no file ${name}/${path} to edit`, { where, remedy: `use one of ${[...files.keys()].sort().join(", ")}` })
  }
  const parts = file.content.toString("latin1").split(Buffer.from(from).toString("latin1"))
  if (parts.length !== 2) {
    throw new InputError(`The text ${from} stands ${parts.length - 1} times in ${name}/${path}, not once`, {
      where, remedy: `take a text that ${file.source} holds once`,
    })
  }
  files.set(path, { ...file, content: Buffer.from(parts.join(Buffer.from(to).toString("latin1")), "latin1") })
}

/** Bindings of all layers, the later over the earlier, entry by entry. */
export function mergeBindings(layers: readonly ReleaseLayer[]): Bindings {
  const merged: Bindings = { addresses: {}, networks: {}, hosts: {}, certificates: {}, origins: {} }
  for (const { bindings } of layers) {
    if (!bindings) continue
    const { file, yaml: { value, lineOf } } = bindings
    for (const kind of ["addresses", "networks", "hosts", "certificates"] as const) {
      Object.assign(merged[kind], value[kind])
      for (const from of Object.keys(value[kind])) merged.origins[`${kind}/${from}`] = { file, line: lineOf([kind, from]) }
    }
  }
  return merged
}
