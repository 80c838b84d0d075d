import type { Effect } from "./rules.ts"
import type { Language, Level, Requirement, Run, Scenario, Sentence, Substitutions } from "./result-shapes.ts"
import type { Status } from "./statuses.ts"
import type { Outcome } from "./verdict.ts"

export const verdictWords: Record<Outcome, Sentence> = {
  "go": { fr: "GO", en: "GO" },
  "go-with-reservations": { fr: "GO avec réserves", en: "GO with reservations" },
  "no-go": { fr: "NO-GO", en: "NO-GO" },
  "inconclusive": { fr: "Non concluant", en: "INCONCLUSIVE" },
  "none": { fr: "Pas de verdict", en: "No verdict" },
}

export const statusWords: Record<Status, Sentence> = {
  "passed": { fr: "satisfaite", en: "passed" },
  "failed": { fr: "non satisfaite", en: "failed" },
  "not-run": { fr: "non jouée", en: "not run" },
  "lab-error": { fr: "erreur du labo", en: "lab error" },
  "not-applicable": { fr: "sans objet", en: "not applicable" },
  "known-limit": { fr: "limite connue", en: "known limit" },
  "not-observable": { fr: "non observable", en: "not observable" },
  "waived": { fr: "dérogation", en: "waived" },
}

/** French statuses of several requirements; English ones do not change. */
export const pluralsFr: Record<Status, string> = {
  "passed": "satisfaites", "failed": "non satisfaites", "not-run": "non jouées", "lab-error": "erreurs du labo",
  "not-applicable": "sans objet", "known-limit": "limites connues", "not-observable": "non observables",
  "waived": "dérogations",
}

export const scenarioWords: Record<Scenario["status"], Sentence> = {
  "passed": { fr: "réussi", en: "passed" },
  "failed": { fr: "échoué", en: "failed" },
  "lab-error": { fr: "erreur du labo", en: "lab error" },
  "not-run": { fr: "non joué", en: "not run" },
}

export const severityWords: Record<Requirement["severity"], Sentence> = {
  bloquante: { fr: "bloquante", en: "blocking" },
  majeure: { fr: "majeure", en: "major" },
  mineure: { fr: "mineure", en: "minor" },
}

export const classWords: Record<Requirement["class"], Sentence> = {
  law: { fr: "loi", en: "law" },
  analogy: { fr: "analogie", en: "analogy" },
  technical: { fr: "technique", en: "technical" },
  incident: { fr: "incident", en: "incident" },
  posting: { fr: "fiche de poste", en: "job posting" },
  hypothesis: { fr: "hypothèse", en: "hypothesis" },
}

/** What the letters of a requirement's id stand for. */
export const familyWords: Record<string, Sentence> = {
  ROU: { fr: "Routage", en: "Routing" }, ALI: { fr: "Alias", en: "Aliases" }, LST: { fr: "Listes", en: "Lists" },
  SPM: { fr: "Antispam", en: "Antispam" }, SEC: { fr: "Sécurité", en: "Security" }, MBX: { fr: "Boîtes aux lettres", en: "Mailboxes" },
  LPR: { fr: "Boîtes lprof", en: "lprof mailboxes" }, CNF: { fr: "Confinement", en: "Confinement" },
  ISO: { fr: "Isolement du labo", en: "Isolation of the lab" }, SYN: { fr: "Listes syndicales", en: "Union lists" },
  ELE: { fr: "Élections", en: "Elections" }, PRI: { fr: "Priorités", en: "Priorities" }, IND: { fr: "Indicateurs", en: "Indicators" },
  PERF: { fr: "Performance", en: "Performance" }, REL: { fr: "Fiabilité", en: "Reliability" },
  REC: { fr: "Le labo lui-même", en: "The laboratory itself" }, ACC: { fr: "Accessibilité", en: "Accessibility" },
}

export const levelWords: Record<Level, Sentence> = {
  quick: { fr: "rapide", en: "quick" },
  full: { fr: "complet", en: "full" },
  election: { fr: "élection", en: "election" },
}

export const objectWords: Record<Run["object"], Sentence> = {
  "replica": { fr: "une réplique", en: "a replica" },
  "stand-in": { fr: "une doublure de la plate-forme", en: "a stand-in of the platform" },
  "external": { fr: "une plate-forme extérieure", en: "an external platform" },
}

export const effectWords: Record<Effect, Sentence> = {
  "no-verdict": { fr: "sans verdict", en: "no verdict" },
  "no-go": { fr: "éliminatoire", en: "decides NO-GO" },
  "inconclusive": { fr: "non jugé", en: "undecided" },
  "reservation": { fr: "réserve", en: "reservation" },
  "go": { fr: "favorable", en: "in favour" },
}

/** What becomes of a recipient of a load (load/ledger/README.md, "Classes"). */
export const fateWords = {
  "delivered-once": { fr: "Une fois", en: "Once" },
  duplicated: { fr: "En double", en: "Repeated" },
  lost: { fr: "Perdus", en: "Lost" },
  unexpected: { fr: "Inattendus", en: "Unexpected" },
  bounced: { fr: "Rendus", en: "Bounced" },
  refused: { fr: "Refusés", en: "Refused" },
  recovered: { fr: "Malgré refus", en: "In spite of it" },
} as const satisfies Record<string, Sentence>

export const substitutionWords: Record<Substitutions["substitutions"][number]["kind"], Sentence> = {
  address: { fr: "adresse", en: "address" },
  host: { fr: "hôte", en: "host" },
  certificate: { fr: "certificat", en: "certificate" },
  secret: { fr: "secret", en: "secret" },
  "public-key": { fr: "clé publique", en: "public key" },
  override: { fr: "réglage du labo", en: "lab override" },
}

const monthsFr = [
  "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
]
const monthsEn = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
]

/** An ISO instant as `23 novembre 2026, 21:44 UTC`, without the machine's time zone; other texts come back unchanged. */
export function instantWords(instant: string | undefined, lang: Language): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d)[\d:.]*Z$/.exec(instant ?? "")
  if (!match) return instant ?? "–"
  const month = (lang === "fr" ? monthsFr : monthsEn)[Number(match[2]) - 1]
  const day = Number(match[3]) === 1 && lang === "fr" ? "1er" : String(Number(match[3]))
  return month ? `${day} ${month} ${match[1]}, ${match[4]} UTC` : instant!
}

/** A duration in ms as `840 ms`, `12.4 s`, `3 min 05 s` or, from two hours on, `2 h 57 min`, with the language's decimal mark. */
export function durationWords(ms: number | null | undefined, lang: Language): string {
  if (ms === null || ms === undefined) return "–"
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1).replace(".", lang === "fr" ? "," : ".")} s`
  const seconds = Math.round(ms / 1000)
  if (seconds >= 7_200) return `${Math.floor(seconds / 3_600)} h ${String(Math.floor(seconds / 60) % 60).padStart(2, "0")} min`
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`
}

/** A whole number in groups of three digits, apart by a narrow space that does not break. */
export function number(value: number, lang: Language): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, lang === "fr" ? "\u202f" : ",")
}

/** In the largest unit of which there is one. */
export function bytesWords(bytes: number, lang: Language): string {
  const units = lang === "fr" ? ["o", "Kio", "Mio", "Gio", "Tio"] : ["B", "KiB", "MiB", "GiB", "TiB"]
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${decimal(bytes / 1024 ** power, lang)} ${units[power]}`
}

export function decimal(value: number, lang: Language): string {
  return String(Math.round(value * 10) / 10).replace(".", lang === "fr" ? "," : ".")
}

export function percent(value: number, lang: Language): string {
  return `${decimal(value, lang)} %`
}
