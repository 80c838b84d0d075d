import { engine } from "./engine.ts"
import { handleOf, type KeptLab } from "./kept-labs.ts"
import { secretOf } from "./lab-secret.ts"
import { accessOf, webCommands } from "./lab-access.ts"
import { LabObserver, type NodeCondition } from "./lab-observer.ts"
import { nodeNews } from "./map-news.ts"
import { mapWords } from "./map-words.ts"
import { isAlive, LABELS, ownerFromLabels } from "./ownership.ts"
import { platformOfRun, worldComponents } from "./platform.ts"

export interface NodeStatus extends NodeCondition { name: string; component: string; address: string; ports: Record<string, number>; isWorld: boolean }

/** A kept lab as `lab status --json` gives it. `starting` has no nodes yet; `dead` lost its owner, and `lab down` or `prune` removes it. */
export interface LabStatus {
  name: string
  run: string
  platform: string
  release: string
  state: "starting" | "up" | "dead"
  since: string
  page: string | null
  folder: string
  owner: number
  nodes: NodeStatus[]
}

/** A run of another clone or command on the same engine, known by its labels alone. */
export interface OtherRun { run: string; owner: number; containers: number }

export async function statusOf(lab: KeptLab): Promise<LabStatus> {
  const { note: { name, run, release, startedAt, readyAt, page, owner }, folder, isAlive: lives } = lab
  const platform = platformOfRun(lab.folder)
  const status = { name, run, platform: platform.name, release, since: startedAt, page: lives ? page ?? null : null, folder, owner: owner.pid }
  if (!lives || readyAt === undefined) return { ...status, state: lives ? "starting" : "dead", nodes: [] }
  const handle = await handleOf(lab)
  const { nodes } = await new LabObserver(handle).look()
  const { ports } = accessOf(handle, platform)
  return {
    ...status, state: "up",
    nodes: platform.nodes.map(({ name: node, component }) => ({
      name: node, component, address: handle.nodes[node]?.address ?? "", ...nodes[node]!, isWorld: worldComponents.includes(component),
      ports: Object.fromEntries(ports.filter((one) => one.node === node).map(({ service, port }) => [service, port])),
    })),
  }
}

/** Runs that live on this engine and are no kept lab of this clone. */
export async function otherRuns(known: readonly string[]): Promise<OtherRun[]> {
  const { container: { dockerode } } = await engine()
  const containers = await dockerode.listContainers({ all: true, filters: { label: [LABELS.run] } })
  const runs = new Map<string, OtherRun>()
  for (const { Labels } of containers) {
    const owner = ownerFromLabels(Labels)
    const run = Labels[LABELS.run]!
    if (!owner || known.includes(run) || !isAlive(owner)) continue
    runs.set(run, { run, owner: owner.pid, containers: (runs.get(run)?.containers ?? 0) + 1 })
  }
  return [...runs.values()].sort((a, b) => a.run < b.run ? -1 : 1)
}

const words = {
  fr: {
    none: "aucun laboratoire n'est en place ; recette lab up en démarre un", starting: "démarre", dead: "son propriétaire est mort : recette lab down ou prune le retire",
    up: "en place", world: "le monde autour", other: (one: OtherRun) => `${one.run}  autre exécution sur ce moteur (processus ${one.owner}, ${one.containers} conteneurs) : d'une qualification, ou d'un autre clone`,
    since: "depuis", page: "carte", shell: "interpréteur", end: "le retirer",
  },
  en: {
    none: "no lab is up; recette lab up starts one", starting: "starting", dead: "its owner is dead: recette lab down or prune removes it",
    up: "up", world: "the world around it", other: (one: OtherRun) => `${one.run}  another run on this engine (process ${one.owner}, ${one.containers} containers): a qualification's, or another clone's`,
    since: "since", page: "map", shell: "shell", end: "remove it",
  },
} as const

/** `lab status` for a person: one lab after the other, its servers below it. */
export function statusLines(labs: readonly LabStatus[], others: readonly OtherRun[], lang: "fr" | "en"): string[] {
  const say = words[lang]
  if (labs.length + others.length === 0) return [say.none]
  return [...labs.flatMap(({ name, release, state, since, page, nodes }) => [
    `${name}  ${release}  ${say[state]}, ${say.since} ${since.slice(0, 16).replace("T", " ")} UTC${page === null ? "" : `  ${say.page}${mapWords[lang].colon}${page}`}`,
    ...nodes.filter(({ isWorld }) => !isWorld).map((node) => nodeLine(node, lang)),
    ...nodes.length === 0 ? [] : [`  ${say.world}${mapWords[lang].colon}${nodes.filter(({ isWorld }) => isWorld).map((node) => `${node.name} ${nodeNews(node, lang).text}`).join(", ")}`],
  ]), ...others.map((one) => say.other(one))]
}

function nodeLine(node: NodeStatus, lang: "fr" | "en"): string {
  const { text, queue, detail } = nodeNews(node, lang)
  const ports = Object.entries(node.ports).map(([service, port]) => `${service} 127.0.0.1:${port}`).join(", ")
  return `  ${node.name.padEnd(10)} ${node.component.padEnd(8)} ${text.padEnd(16)} ${node.address.padEnd(15)} ${mapWords[lang].queue} ${queue}`
    + `${ports === "" ? "" : `  ${ports}`}${detail === "" ? "" : `  (${detail})`}`
}

/** How one lab is entered, with the passwords of its accounts: for the terminal of who keeps it, and for nothing else. */
export async function accessLines(lab: KeptLab, lang: "fr" | "en"): Promise<string[]> {
  const [handle, platform] = [await handleOf(lab), platformOfRun(lab.folder)]
  const { web, mail, logins, authorityFile } = accessOf(handle, platform)
  const { name } = lab.note
  const say = mapWords[lang]
  const { colon } = say
  const firstServer = platform.nodes.find(({ component }) => !worldComponents.includes(component))!.name
  return [
    ...lab.note.page === undefined ? [] : [`${say.map}${colon}${lab.note.page}`],
    `${words[lang].shell}${colon}npm run recette -- lab shell ${name} ${firstServer}`,
    ...web.flatMap((one) => [`${say.web}${colon}${one.url} (${one.host}:${one.port})`, `  ${webCommands(one, authorityFile).browser}`, `  ${webCommands(one, authorityFile).curl}`]),
    ...mail.map(({ kind, host, port, tls, certificateName }) => `${say[kind]}${colon}${host}, ${say.port} ${port}, ${say.tls[tls]}, ${say.certificate} ${certificateName}`),
    ...logins.map(({ address, secret, uses }) => `${say.login}${colon}${address}, ${say.password}${colon}${secretOf(handle, secret)} (${uses.map((use) => say[use as "imap" | "submission"]).join(", ")})`),
    `${say.authority}${colon}${authorityFile}`,
    `${words[lang].end}${colon}npm run recette -- lab down ${name}`,
  ]
}
