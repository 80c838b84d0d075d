import { claimTitles, countedClaims, judgements, type Finding, type LoadProof } from "./load-claims.ts"
import type { Load } from "./load-shapes.ts"
import type { Results, RunLoad } from "./results.ts"
import { labError } from "./stream-claims.ts"
import type { Requirement, Scenario, Sentence } from "./result-shapes.ts"

/** Suite under which a load's proofs stand beside those of scenarios. */
export const loadSuite = "load"

/**
 * What the loads of a run say of each requirement that they prove, in the shape of scenarios. None where the run was asked
 * for no load, or did not get as far. What the ledger counted is a fact, whatever the rate was: a loss at half the pressure is a loss. That nobody
 * was lost, and how fast or willing the platform was, says something only where the load was honest.
 */
export function loadProofs({ run, requirements, loads }: Results): Scenario[] {
  const there = loads.filter(({ load }) => load !== null || run.state === "finished")
  return (requirements ?? []).flatMap(({ id, proof, bounds }) => proof === "scenario" ? [] : proving(proof, there).map(({ profile, load }) => ({
    title: `load ${profile}: ${claimTitles[proof.load]}`, suite: loadSuite, file: `load/${profile}.json`, requirements: [id],
    mode: "exclusive" as const, startedAt: null, durationMs: durationOf(load), ...findingOf(proof, load, bounds, profile),
  })))
}

/** The loads that a proof means. */
function proving({ profiles }: LoadProof, loads: readonly RunLoad[]): readonly RunLoad[] {
  return loads.filter(({ profile }) => profiles?.includes(profile) ?? true)
}

/** Why the first load of a proof that proves nothing does so, in one sentence that names it among several; null where all prove what they say. */
export function loadDoubt(proof: LoadProof, loads: readonly RunLoad[]): Sentence | null {
  const there = proving(proof, loads)
  for (const { profile, load } of there) {
    const doubt = doubtOf(load)
    if (doubt !== null) return there.length === 1 ? doubt : { fr: `${profile} : ${doubt.fr}`, en: `${profile}: ${doubt.en}` }
  }
  return null
}

function doubtOf(load: Load | null): Sentence | null {
  if (load === null) return { fr: "la charge n'est pas allée à son terme", en: "the load was not run to its end" }
  if (load.failure) return { fr: `la charge a échoué : ${load.failure.message}`, en: `the load failed: ${load.failure.message}` }
  const gap = load.ledger?.gaps[0]
  if (!load.ledger?.figures) {
    const words = gap ? `${gap.what} (${gap.where})` : ""
    return { fr: `le relevé de la charge n'est pas complet : ${words}`, en: `the record of the load is not whole: ${words}` }
  }
  const [broken, ...others] = load.honesty.filter(({ held }) => !held)
  if (load.honest || !broken) return null
  const more = others.length === 0 ? { fr: "", en: "" } : { fr: ` (et ${others.length} autres)`, en: ` (and ${others.length} more)` }
  return { fr: `la charge n'est pas probante : ${broken.sentence.fr}${more.fr}`, en: `the load is not honest: ${broken.sentence.en}${more.en}` }
}

/** Why no load proved a requirement: the run ended before it, none was asked for, or the time given had no room for it. */
export function whyNoLoad(proof: LoadProof, { run, loads }: Results): Sentence {
  if (proving(proof, loads).length > 0) return { fr: "l'essai s'est arrêté avant sa charge", en: "the run ended before its load" }
  const leftOut = run.leftOut.map(({ profile }) => profile).filter((profile) => proof.profiles?.includes(profile) ?? true).join(", ")
  if (leftOut !== "") return { fr: `le temps donné (--budget) ne suffisait pas à la charge ${leftOut}`, en: `the time given (--budget) had no room for the load ${leftOut}` }
  if (loads.length === 0) return { fr: "aucune charge n'a été demandée (--profile none, --only)", en: "no load was asked for (--profile none, --only)" }
  const names = proof.profiles!.join(", ")
  if (proof.profiles!.length > 1) return { fr: `aucune des charges ${names} n'a été demandée`, en: `none of the loads ${names} was asked for` }
  return { fr: `la charge ${names} n'a pas été demandée`, en: `the load ${names} was not asked for` }
}

function findingOf(proof: LoadProof, load: Load | null, bounds: Requirement["bounds"], profile: string): Finding {
  if (load === null) return labError([`load/${profile}.json is missing: the load was not run to its end`])
  if (load.failure) return labError([`the load failed: ${load.failure.message} (where: ${load.failure.where}; what to do: ${load.failure.remedy})`])
  const figures = load.ledger?.figures
  if (!figures) return labError(gapsOf(load))
  const finding = judgements[proof.load]({ figures, load, bounds, proof })
  const isFact = finding.status === "failed" && countedClaims.includes(proof.load)
  if (load.honest || isFact) return finding
  return labError(load.honesty.filter(({ held }) => !held).map(({ sentence }) => `the load is not honest: ${sentence.en}`))
}

function gapsOf({ ledger }: Load): string[] {
  if (!ledger) return ["the ledger is missing: nothing was reconciled"]
  return ledger.gaps.map(({ what, where, missing }) => `the record is not whole: ${what} (${where}${missing === null ? "" : `, ${missing} missing`})`)
}

function durationOf(load: Load | null): number | null {
  return load?.startedUs == null || load.drainedUs === null ? null : Math.round((load.drainedUs - load.startedUs) / 1_000)
}
