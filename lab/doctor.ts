import { existsSync } from "node:fs"
import { statfs } from "node:fs/promises"
import { availableParallelism, freemem, totalmem } from "node:os"
import { join } from "node:path"
import { presentBaseImage } from "./base-image.ts"
import { imagesOf } from "./components.ts"
import { runCost, type Cost } from "./run-cost.ts"
import { engine } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import { shippedPlatforms } from "./platform.ts"
import type { Text } from "./progress.ts"
import { settings } from "./settings.ts"
import { projectFolder } from "./state-folder.ts"


/** One thing that a run needs. `missing` stops a run or costs it time; `hint` is worth knowing. */
export interface Check {
  name: Text
  state: "ok" | "missing" | "hint"
  found: Text
  /** What to do; absent where nothing is to be done. */
  remedy?: Text
}

export interface Diagnosis { schema: "recette.doctor/v1"; checks: Check[]; cost: Cost }

/** What the engine says of itself, and the components that it has images of. `undefined`: none answers. */
interface EngineFacts { name: string; version: string; api: string; root: string; images: Set<string>; base: boolean }

const memoryBytesMin = 3 * 2 ** 30
const coresMin = 2
const imageLabel = "recette.image"
const nodeMajorMin = 24
const linuxTools = ["flock", "setpriv", "unshare", "tar"]
const searchPath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]

/** Looks at what a run needs, changes nothing, and works where no engine answers. */
export async function examine(): Promise<Diagnosis> {
  const facts = await engineFacts()
  const components = componentNames()
  const missing = components.filter((component) => !facts?.images.has(component))
  const cost = runCost({ engine: facts !== undefined, base: facts?.base ?? false, missing })
  const checks = [
    nodeCheck(), toolsCheck(), settingsCheck(), engineCheck(facts), baseCheck(facts), imagesCheck(components, missing),
    await diskCheck(facts, cost.diskBytes), memoryCheck(), coresCheck(),
  ]
  return { schema: "recette.doctor/v1", checks, cost }
}

/** What `recette doctor` prints: the diagnosis as text, or as JSON. */
export async function doctor({ lang, json = false }: { lang: "fr" | "en"; json?: boolean }): Promise<string> {
  const diagnosis = await examine()
  return json ? JSON.stringify(diagnosis, null, 2) : renderDiagnosis(diagnosis, lang)
}

const words = {
  ok: { fr: "ok      ", en: "ok      " },
  missing: { fr: "MANQUE  ", en: "MISSING " },
  hint: { fr: "conseil ", en: "hint    " },
  cost: { fr: "Ce que coûtera un run (niveau quick)", en: "What a run will cost (level quick)" },
} as const

export function renderDiagnosis({ checks, cost }: Diagnosis, lang: "fr" | "en"): string {
  const lines = checks.flatMap(({ name, state, found, remedy }) => [
    `${words[state][lang]}${name[lang]}${lang === "fr" ? " : " : ": "}${found[lang]}`,
    ...(remedy ? [`          ${remedy[lang]}`] : []),
  ])
  return [...lines, "", words.cost[lang], ...cost.lines.map((line) => `  ${line[lang]}`)].join("\n")
}

async function engineFacts(): Promise<EngineFacts | undefined> {
  try {
    const { container: { dockerode } } = await engine()
    const version = await dockerode.version()
    const { DockerRootDir: root } = await dockerode.info() as { DockerRootDir: string }
    const images = await dockerode.listImages({ filters: { label: [imageLabel] } })
    return {
      name: version.Platform?.Name || "Docker", version: version.Version, api: version.ApiVersion, root,
      images: new Set(images.flatMap(({ Labels }) => Labels?.[imageLabel] ?? [])),
      base: await presentBaseImage("debian-12") !== undefined,
    }
  } catch (error) {
    if (error instanceof LabFailure) return undefined
    throw error
  }
}

/** The images that a lab of any platform needs; that of a benchmark is none. */
function componentNames(): string[] {
  return [...new Set(shippedPlatforms().flatMap(imagesOf))].sort()
}

function nodeCheck(): Check {
  const name = { fr: "Node.js", en: "Node.js" }
  const found = same(`${process.version}, ${process.execPath}`)
  if (Number(process.versions.node.split(".")[0]) >= nodeMajorMin) return { name, state: "ok", found }
  return { name, state: "missing", found, remedy: {
    fr: "lancez la commande par npm run recette -- doctor : elle prend le Node.js du projet",
    en: "run the command as npm run recette -- doctor: it takes the project's Node.js",
  } }
}

function toolsCheck(): Check {
  const name = { fr: "outils du système", en: "system tools" }
  const absent = linuxTools.filter((tool) => !searchPath.some((folder) => existsSync(join(folder, tool))))
  if (absent.length === 0) return { name, state: "ok", found: same(linuxTools.join(", ")) }
  return { name, state: "missing", found: { fr: `absents : ${absent.join(", ")}`, en: `absent: ${absent.join(", ")}` }, remedy: {
    fr: "sudo apt-get install util-linux tar", en: "sudo apt-get install util-linux tar",
  } }
}

function settingsCheck(): Check {
  const name = { fr: "réglages", en: "settings" }
  settings() // refuses unknown names and wrong values
  const file = ["recette.env", ".recette.env"].find((path) => existsSync(join(projectFolder, path)))
  return { name, state: "ok", found: file ? same(file) : {
    fr: "aucun fichier ; proxy, autorité interne et miroirs : voir .recette.env.example",
    en: "no file; proxy, internal authority and mirrors: see .recette.env.example",
  } }
}

function engineCheck(facts: EngineFacts | undefined): Check {
  const name = { fr: "moteur de conteneurs", en: "container engine" }
  if (facts) return { name, state: "ok", found: same(`${facts.name} ${facts.version}, API ${facts.api}`) }
  const forbidden = settings().installEngine === "no"
  return { name, state: "missing", found: { fr: "aucun ne répond", en: "none answers" }, remedy: forbidden
    ? {
      fr: "RECETTE_INSTALL_ENGINE=no : démarrez-le vous-même (sudo apt-get install docker.io), ou donnez DOCKER_HOST",
      en: "RECETTE_INSTALL_ENGINE=no: start it yourself (sudo apt-get install docker.io), or give a DOCKER_HOST",
    }
    : {
      fr: "sur Debian et Ubuntu, en root ou avec sudo sans mot de passe, npm run qualify l'installe ; sinon, donnez DOCKER_HOST",
      en: "on Debian and Ubuntu, as root or with password-less sudo, npm run qualify installs it; elsewhere, give a DOCKER_HOST",
    } }
}

function baseCheck(facts: EngineFacts | undefined): Check {
  const name = { fr: "image de base", en: "base image" }
  if (facts?.base) return { name, state: "ok", found: same("debian:bookworm-slim") }
  return { name, state: "hint", found: { fr: "pas encore là", en: "not there yet" }, remedy: {
    fr: "la première commande la prend d'un registre, ou la fait avec mmdebstrap (root)",
    en: "the first command takes it from a registry, or makes it with mmdebstrap (root)",
  } }
}

function imagesCheck(components: string[], missing: string[]): Check {
  const name = { fr: "images des composants", en: "component images" }
  const there = components.filter((component) => !missing.includes(component)).join(", ")
  if (missing.length === 0) return { name, state: "ok", found: same(there) }
  return { name, state: "hint", found: {
    fr: `à construire : ${missing.join(", ")}`, en: `to be built: ${missing.join(", ")}`,
  }, remedy: { fr: "la première commande les construit", en: "the first command builds them" } }
}

async function diskCheck(facts: EngineFacts | undefined, neededBytes: number): Promise<Check> {
  const name = { fr: "disque", en: "disk" }
  const folder = [facts?.root, "/var/lib"].find((path) => path !== undefined && existsSync(path)) ?? "/"
  const { bavail, bsize } = await statfs(folder)
  const freeBytes = bavail * bsize
  const found = { fr: `${gib(freeBytes)} libres, ${folder}`, en: `${gib(freeBytes)} free, ${folder}` }
  if (freeBytes >= neededBytes) return { name, state: "ok", found }
  return { name, state: "missing", found, remedy: {
    fr: `faites de la place : ${gib(neededBytes)} sont nécessaires`, en: `make room: ${gib(neededBytes)} are needed`,
  } }
}

function memoryCheck(): Check {
  const name = { fr: "mémoire", en: "memory" }
  const found = { fr: `${gib(freemem())} libres sur ${gib(totalmem())}`, en: `${gib(freemem())} free of ${gib(totalmem())}` }
  if (freemem() >= memoryBytesMin) return { name, state: "ok", found }
  return { name, state: "hint", found, remedy: {
    fr: `moins de ${gib(memoryBytesMin)} libres : fermez ce qui en prend`,
    en: `less than ${gib(memoryBytesMin)} free: close what takes it`,
  } }
}

function coresCheck(): Check {
  const name = { fr: "processeur", en: "processor" }
  const cores = availableParallelism()
  const found = { fr: `${cores} cœurs`, en: `${cores} cores` }
  if (cores >= coresMin) return { name, state: "ok", found }
  return { name, state: "hint", found, remedy: {
    fr: `les durées sont prévues pour ${coresMin} cœurs`, en: `times are meant for ${coresMin} cores`,
  } }
}

function same(text: string): Text {
  return { fr: text, en: text }
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}
