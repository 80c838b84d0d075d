import type { Load } from "./load-shapes.ts"
import { html, type Fragment } from "./markup.ts"
import { speak, table } from "./page-parts.ts"
import type { Language } from "./result-shapes.ts"
import { decimal, durationWords, number } from "./words.ts"

/** Electors of the ministerial committee in 2018: what a load below that is extrapolated to. */
const whole = 1_023_211

/** What a load supposes, what the academies did meanwhile, and of how much of the electorate it speaks; nothing of one that is always the same. */
export function supposedBody({ summary, assumptions, extrapolated, world, streams, ledger }: Load, lang: Language): Fragment {
  if (assumptions.length === 0) return null
  const say = speak(lang)
  const changes = world?.changes ?? []
  return html`${summary ? html`<p>${summary[lang]}</p>
` : null}${extrapolated ? html`<p><strong>${extrapolated.sentence[lang]}</strong></p>
` : null}${extrapolatedTable({ streams, ledger, extrapolated }, lang)}
${table(say("Ce que cette charge suppose", "What this load assumes"), [say("Hypothèse", "Assumption"), say("Valeur", "Value"), "Source"],
    assumptions.map(({ what, value, source }) => [what[lang], value, source]))}
${changes.length === 0 ? null : html`<p>${say("Le monde, pendant la charge : ", "The world during the load: ")}${changes.map(({ academies, behaviour, fromSeconds, untilSeconds }) =>
    `${academies.join(", ")} ${JSON.stringify(behaviour)} ${fromSeconds} s – ${untilSeconds} s`).join(" ; ")}. ${
    say(`Refus pour un temps : ${number(world!.refusals, lang)}.`, `Refused for a while: ${number(world!.refusals, lang)}.`)}</p>`}`
}

function extrapolatedTable({ streams, ledger, extrapolated }: Pick<Load, "streams" | "ledger" | "extrapolated">, lang: Language): Fragment {
  const say = speak(lang)
  if (!extrapolated) return null
  // By the electorate and not by the list: a small one waits behind the large ones, and all of them grow with it.
  const factor = whole / extrapolated.measured
  const rows = streams.filter(({ target, audienceRecipients }) => target !== "direct" && audienceRecipients > 0).flatMap(({ name, audience, audienceRecipients }) => {
    const all = ledger?.figures?.audiences.find((one) => one.name === audience)?.reached.find(({ percent }) => percent === 100)
    return all?.maxUs == null || all.never > 0 ? [] : [[
      name, number(audienceRecipients, lang), durationWords(all.maxUs / 1_000, lang), durationWords(all.maxUs / 1_000 * factor, lang),
    ]]
  })
  if (rows.length === 0) return null
  return table(say("Listes : mesuré, et extrapolé en proportion", "Lists: measured, and extrapolated in proportion"), [
    say("Flux", "Stream"), say("Abonnés", "Members"), say("Tous servis après (mesuré)", "All served after (measured)"),
    say(`Pour ${number(whole, lang)} électeurs (extrapolé)`, `For ${number(whole, lang)} electors (extrapolated)`),
  ], rows)
}

/** The steps of a rising rate and the knee. */
export function rampTable({ ramp }: Load, lang: Language): Fragment {
  if (!ramp) return null
  const say = speak(lang)
  const knee = ramp.steps.find(({ stream }) => stream === ramp.knee)
  const isOpen = ramp.steps.every(({ kept }) => kept)
  return html`<p><strong>${knee === undefined ? say("Le premier palier déjà n'a pas été tenu", "The first step was not kept already")
    : say(`Dernier palier tenu : ${decimal(knee.perSecond, lang)} par seconde`, `Last step kept: ${decimal(knee.perSecond, lang)} a second`)}</strong>${
    isOpen ? say(" ; le coude est au-delà.", "; the knee lies beyond.") : "."}</p>
${table(say("Paliers", "Steps"), [say("Palier", "Step"), say("Demandé, par s", "Asked, per s"), say("Atteint, par s", "Reached, per s"), "99 %", say("Tenu", "Kept")],
    ramp.steps.map(({ stream, perSecond, reachedPerSecond, p99Ms, kept, why }) => [
      stream, decimal(perSecond, lang), decimal(reachedPerSecond, lang), p99Ms === null ? "–" : durationWords(p99Ms, lang), kept ? say("oui", "yes") : say(`non : ${why?.fr ?? ""}`, `no: ${why?.en ?? ""}`),
    ]))}`
}
