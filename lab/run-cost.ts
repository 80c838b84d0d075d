import type { Text } from "./progress.ts"

/** What a run still costs on this machine. */
export interface Cost {
  /** Time until the verdict, set-up included, in seconds. */
  seconds: number
  /** Disk that the set-up and one run take, in bytes. */
  diskBytes: number
  /** Memory of a running lab, in bytes. */
  memoryBytes: number
  lines: Text[]
}

const mebibyte = 2 ** 20
const buildsAtOnce = 2

/** Measured once each on 2 cores of a shared machine, a Debian mirror in reach; megabytes are those of the image alone. */
const measured = {
  engine: { seconds: 13, megabytes: 400 },
  base: { seconds: 21, megabytes: 175 },
  images: {
    world: { seconds: 8, megabytes: 230 },
    mariadb: { seconds: 14, megabytes: 450 },
    dovecot: { seconds: 15, megabytes: 160 },
    postfix: { seconds: 9, megabytes: 140 },
    sympa: { seconds: 50, megabytes: 1_020 },
    browser: { seconds: 50, megabytes: 820 },
    rspamd: { seconds: 30, megabytes: 330 },
    clamav: { seconds: 8, megabytes: 265 },
    directory: { seconds: 8, megabytes: 130 },
    // Nearly all of it is the first build of the generator itself, from sources.
    generator: { seconds: 105, megabytes: 50 },
  } as Record<string, { seconds: number; megabytes: number }>,
}

/** An image that nobody has measured yet counts as this. */
const assumedImage = { seconds: 30, megabytes: 400 }

/** One run of ARIEL PR: 220 s on 2 quiet cores, and 55 s for the load; its containers held 599 MiB when it had started. */
const assumed = { runSeconds: 275, runMegabytes: 100, memoryMegabytes: 1_500 }

export function runCost({ engine, base, missing }: { engine: boolean; base: boolean; missing: readonly string[] }): Cost {
  const images = missing.map((component) => measured.images[component] ?? assumedImage)
  const parts = [...(engine ? [] : [measured.engine]), ...(base ? [] : [measured.base])]
  const buildSeconds = Math.max(sum(images, "seconds") / buildsAtOnce, ...images.map(({ seconds }) => seconds), 0)
  const setUpSeconds = Math.round(sum(parts, "seconds") + buildSeconds)
  const diskBytes = (sum([...parts, ...images], "megabytes") + assumed.runMegabytes) * mebibyte
  const memoryBytes = assumed.memoryMegabytes * mebibyte
  const lines = [
    {
      fr: `préparation : ${setUpSeconds} s (durées mesurées une fois, sur 2 cœurs, dépôt Debian proche)`,
      en: `set-up: ${setUpSeconds} s (times measured once, on 2 cores, a Debian mirror near by)`,
    },
    {
      fr: `laboratoire, scénarios et charge : environ ${assumed.runSeconds} s (220 mesurées sur 2 cœurs libres, et 55 pour la charge)`,
      en: `lab, scenarios and load: about ${assumed.runSeconds} s (220 measured on 2 quiet cores, and 55 for the load)`,
    },
    {
      fr: `disque : ${mebibytes(diskBytes)} (tailles d'images mesurées, ${assumed.runMegabytes} MiB supposés pour les résultats)`,
      en: `disk: ${mebibytes(diskBytes)} (sizes of images measured, ${assumed.runMegabytes} MiB assumed for the results)`,
    },
    {
      fr: `mémoire : ${mebibytes(memoryBytes)} pendant le run, supposés (599 MiB mesurés dans les conteneurs au démarrage)`,
      en: `memory: ${mebibytes(memoryBytes)} during the run, assumed (599 MiB measured in its containers at the start)`,
    },
  ]
  return { seconds: setUpSeconds + assumed.runSeconds, diskBytes, memoryBytes, lines }
}

function sum(items: readonly { seconds: number; megabytes: number }[], key: "seconds" | "megabytes"): number {
  return items.reduce((total, item) => total + item[key], 0)
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / mebibyte)} MiB`
}
