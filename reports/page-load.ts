import type { Load } from "./load-shapes.ts"
import { html, type Fragment, type Markup } from "./markup.ts"
import { courseBody } from "./page-course.ts"
import { factList, speak, table, type Section } from "./page-parts.ts"
import { rampTable, supposedBody } from "./page-profile.ts"
import type { Results, RunLoad } from "./results.ts"
import type { Language } from "./result-shapes.ts"
import { durationWords, fateWords, decimal, number, percent } from "./words.ts"

/** The loads of the run: what was asked and reached, what became of every recipient, how long it took, and whether it counts. */
export function loadSection({ run: { leftOut }, requirements, loads }: Results, lang: Language): Section {
  const say = speak(lang)
  const title = say("Charge", "Load")
  const omitted = leftOut.length === 0 ? null : html`<p>${say("Laissées de côté, le temps donné (--budget) n'y suffisait pas : ", "Left out, for the time given (--budget) had no room for them: ")}${
    leftOut.map(({ profile, seconds }) => `${profile} (${durationWords(seconds * 1_000, lang)})`).join(", ")}</p>`
  if (loads.length === 0 && leftOut.length === 0 && !requirements?.some(({ proof }) => proof !== "scenario")) {
    return { id: "load", title, body: html`<p>${say("Rien de ce qui est exigé de cette plate-forme ne se prouve par une charge : il n'y en a pas eu.",
      "Nothing that is required of this platform is proved by a load: there was none.")}</p>` }
  }
  if (loads.length === 0) return { id: "load", title, body: omitted ?? html`<p>${say("Aucune charge n'a été demandée (--profile none, --only).", "No load was asked for (--profile none, --only).")}</p>` }
  return { id: "load", title, body: html`${omitted}${loads.map((one) => html`${loads.length > 1 ? html`<h3>${one.profile}</h3>
` : null}${loadBody(one, lang)}
`)}` }
}

function loadBody({ profile, load, series = null }: RunLoad, lang: Language): Fragment {
  if (load === null) return html`<p>${speak(lang)(`La charge ${profile} n'a rien laissé.`, `The load ${profile} left nothing.`)}</p>`
  return html`${supposedBody(load, lang)}${headFacts(load, lang)}
${honestyBody(load, lang)}
${courseBody(load, series, lang)}
${streamsTable(load, lang)}
${rampTable(load, lang)}
${audienceTables(load, lang)}
${cpuTable(load, lang)}`
}

function headFacts({ profile, startedUs, sentUs, drainedUs, cpu, ledger }: Load, lang: Language): Markup {
  const say = speak(lang)
  const since = (us: number | null) => us === null || startedUs === null ? "–" : durationWords((us - startedUs) / 1_000, lang)
  const total = ledger?.figures?.total
  return factList([
    [say("Profil", "Profile"), profile],
    [say("Tout envoyé après", "All sent after"), since(sentUs)],
    [say("Plate-forme vide après", "Platform empty after"), since(drainedUs)],
    [say("Destinataires", "Recipients"), total ? number(total.recipients, lang) : "–"],
    [say("Générateur, du temps processeur de la plate-forme", "Generator, of the platform's processor time"), cpu ? percent(cpu.generatorPercent, lang) : "–"],
    [say("Serveurs d'arrivée, de même", "Receiving servers, likewise"), cpu ? percent(cpu.catchersPercent, lang) : "–"],
  ])
}

/** Whether the load says anything, and if not why. */
function honestyBody({ failure, honest, honesty, ledger }: Load, lang: Language): Markup {
  const say = speak(lang)
  const reasons = [
    ...(failure ? [`${failure.message} (${say("où", "where")}${say(" : ", ": ")}${failure.where}${say(" ; que faire : ", "; what to do: ")}${failure.remedy})`] : []),
    ...honesty.filter(({ held }) => !held).map(({ sentence }) => sentence[lang]),
    ...(ledger?.gaps ?? []).map(({ what, where, missing }) => `${what} (${where}${missing === null ? "" : say(`, ${missing} manquent`, `, ${missing} missing`)})`),
  ]
  if (reasons.length === 0 && honest) {
    return html`<p>${say("Le relevé est complet, et la mesure a tenu ce qu'elle devait : débit, échantillons, part du processeur.",
      "The record is whole, and the measurement kept to what it must: rate, samples, share of the processor.")}</p>`
  }
  return html`<p><strong>${say("Cette charge ne permet pas de tout juger", "This load does not allow to judge everything")}</strong></p>
<ul class="plain">${reasons.map((reason) => html`<li>${reason}</li>`)}</ul>`
}

function streamsTable({ streams }: Load, lang: Language): Fragment {
  if (streams.length === 0) return null
  const say = speak(lang)
  return table(say("Ce qui a été envoyé, par flux", "What was sent, by stream"), [
    say("Flux", "Stream"), say("Émetteur", "Sender"), say("Vers", "To"), say("Messages envoyés / demandés", "Messages sent / asked"),
    say("Débit atteint / demandé, par s", "Rate reached / asked, per s"), say("Retard au départ, 99 %", "Late at the start, 99 %"),
  ], streams.map(({ name, senderClass, target, audienceRecipients, asked, achieved }) => [
    name, senderWords[senderClass]?.[lang] ?? senderClass,
    target === "direct" ? say(`${number(audienceRecipients, lang)} personnes`, `${number(audienceRecipients, lang)} people`)
      : audienceRecipients === 0 ? say("une liste, qui ne doit pas le diffuser", "a list, which must not pass it on")
      : say(`liste de ${number(audienceRecipients, lang)}`, `list of ${number(audienceRecipients, lang)}`),
    `${number(achieved.messages, lang)} / ${number(asked.messages, lang)}`, `${decimal(achieved.perSecond, lang)} / ${decimal(asked.perSecond, lang)}`,
    durationWords(achieved.lagP99Ms, lang),
  ]))
}

function audienceTables({ ledger, streams }: Load, lang: Language): Fragment {
  const say = speak(lang)
  const figures = ledger?.figures
  if (!figures) return html`<p>${say("Le grand livre ne conclut pas : rien n'est dit des destinataires.", "The ledger does not conclude: nothing is said of recipients.")}</p>`
  const nameOf = (audience: string) => streams.find((stream) => stream.audience === audience)?.name ?? audience
  const groups = [...figures.audiences.map(({ name, counts, latency }) => ({ name: nameOf(name), counts, latency })),
    { name: say("Tous", "All"), counts: figures.total, latency: figures.latency }]
  const fates = Object.keys(fateWords) as (keyof typeof fateWords)[]
  const time = (us: number | null | undefined) => us == null ? "–" : durationWords(us / 1_000, lang)
  return html`${table(say("Ce que sont devenus les destinataires, comptés un à un", "What became of the recipients, counted one by one"),
    [say("Flux", "Stream"), say("Destinataires", "Recipients"), ...fates.map((fate) => fateWords[fate][lang]), say("Altérés", "Altered")],
    groups.map(({ name, counts }) => [name, number(counts.recipients, lang), ...fates.map((fate) => number(counts.fates[fate], lang)), number(counts.marks.altered, lang)]))}
<p class="quiet">${say("Rendus : l'expéditeur en est averti plus tard. Refusés : l'envoi n'a pas été accepté. Malgré refus : reçus quoique l'envoi ait été refusé, ou laissé sans réponse.",
    "Bounced: the sender was told later. Refused: it was not accepted when it was sent. In spite of it: they have it although it was refused, or left without an answer.")}</p>
${table(say("Temps entre l'heure due d'un message et son arrivée", "Time from when a message was due to its arrival"),
    [say("Flux", "Stream"), say("Médiane", "Median"), "90 %", "99 %", say("Le plus long", "Longest")],
    groups.map(({ name, latency }) => [name, time(latency?.p50Us), time(latency?.p90Us), time(latency?.p99Us), time(latency?.maxUs)]))}
${table(say("Temps jusqu'à ce que cette part des destinataires d'un message l'ait (le plus lent des messages)",
    "Time until this share of a message's recipients had it (slowest message)"),
    [say("Flux", "Stream"), "50 %", "90 %", "99 %", "100 %"],
    figures.audiences.map(({ name, reached }) => [nameOf(name), ...[50, 90, 99, 100].map((share) => {
      const one = reached.find(({ percent: reachedPercent }) => reachedPercent === share)
      return one === undefined || one.never > 0 ? say("jamais atteint", "never reached") : time(one.maxUs)
    })]))}`
}

function cpuTable({ cpu }: Load, lang: Language): Fragment {
  if (!cpu) return null
  const say = speak(lang)
  return table(say(`Temps processeur en ${durationWords(cpu.clockMs, lang)}, par nœud`, `Processor time in ${durationWords(cpu.clockMs, lang)}, per node`),
    [say("Nœud", "Node"), say("Rôle", "Role"), say("Temps", "Time")],
    [...cpu.nodes].sort((one, other) => other.cpuMs - one.cpuMs || (one.node < other.node ? -1 : 1))
      .map(({ node, role, cpuMs }) => [node, roleWords[role]?.[lang] ?? role, durationWords(cpuMs, lang)]))
}

const roleWords: Record<string, { fr: string; en: string }> = {
  generator: { fr: "générateur", en: "generator" }, catcher: { fr: "serveur d'arrivée", en: "receiving server" },
  platform: { fr: "plate-forme", en: "platform" }, world: { fr: "monde alentour", en: "world around it" },
}
const senderWords: Record<string, { fr: string; en: string }> = {
  institution: { fr: "institution", en: "institution" }, minister: { fr: "ministre", en: "minister" }, union: { fr: "syndicat", en: "union" },
  application: { fr: "application", en: "application" }, person: { fr: "personne", en: "person" },
}
