import { rawSample, samples, type Sample } from "../fixtures/samples/samples.ts"
import { eventually, StillNotTrue } from "../lab/eventually.ts"
import { headersOf } from "./raw-message.ts"
import type { Scene } from "./scene.ts"

/** What became of one sample: refused for good, put off, marked `X-Spam: Yes` (held in a quarantine, where there is one), or delivered without. */
export interface SampleFate { origin: string; fate: "refused" | "put-off" | "marked" | "clean" }

/** Far below the connections that the edge allows one client. */
const atOnce = 10

/** The shortened wait of greylisting, with room. */
const comesAgainMsMax = 20_000

interface Posted { sample: Sample; id: string }

/**
 * Hands over every sample of a kind as a stranger's server would, to one mailbox, and looks what became of each. What is
 * put off comes again, as mail servers do, until it is taken or refused.
 */
export async function sampleFates(scene: Scene, kind: Sample["kind"]): Promise<SampleFate[]> {
  const account = await scene.account(scene.address("echantillons"))
  const now = new Date()
  const fates: SampleFate[] = []
  const taken: Posted[] = []
  const post = async ({ sample, id }: Posted): Promise<boolean> => {
    const { accepted, refused, refusal } = await scene.send(
      { from: sample.sender, sender: sample.sender, to: [account.address], raw: rawSample(sample, { id, now }) }, id)
    if (accepted.length > 0) taken.push({ sample, id })
    else if ((refusal?.reply.code ?? refused[0]?.reply.code ?? 0) >= 500) fates.push({ origin: sample.origin, fate: "refused" })
    else return false
    return true
  }
  let waiting = samples().filter((sample) => sample.kind === kind).map((sample, index): Posted => ({ sample, id: `${scene.token}-s${index}` }))
  const postAll = async (): Promise<boolean> => {
    waiting = await postedInVain(waiting, post)
    return waiting.length === 0
  }
  if (!await postAll()) {
    await eventually("what was put off is taken or refused when it comes again", postAll, { withinMs: comesAgainMsMax, everyMs: 2_000 })
      .catch((error: unknown) => { if (!(error instanceof StillNotTrue)) throw error })
  }
  await scene.settle([account.address])
  const marks = new Map((await scene.services.dovecot.messagesWith(scene.token)).map(({ raw }) => headersOf(raw)).map((headers) => [headers["x-recette-id"], headers["x-spam"]]))
  return [
    ...fates, ...waiting.map(({ sample: { origin } }): SampleFate => ({ origin, fate: "put-off" })),
    ...taken.map(({ sample: { origin }, id }): SampleFate => ({ origin, fate: marks.get(id) === "Yes" ? "marked" : "clean" })),
  ]
}

async function postedInVain(all: readonly Posted[], post: (one: Posted) => Promise<boolean>): Promise<Posted[]> {
  const left = [...all]
  const inVain: Posted[] = []
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let next = left.pop(); next; next = left.pop()) if (!await post(next)) inVain.push(next)
  }))
  return inVain
}

/** Those with one of these fates, as a share of all, in percent. */
export function percentOf(fates: readonly SampleFate[], wanted: readonly SampleFate["fate"][]): number {
  return 100 * fates.filter(({ fate }) => wanted.includes(fate)).length / fates.length
}

/** `refused 60, put-off 3, marked 40, clean 47`, then each sample with one of `shown`, by its origin. */
export function fateCounts(fates: readonly SampleFate[], shown: readonly SampleFate["fate"][] = []): string {
  const counts = (["refused", "put-off", "marked", "clean"] as const).map((fate) => `${fate} ${fates.filter((one) => one.fate === fate).length}`)
  const origins = fates.filter(({ fate }) => shown.includes(fate)).map(({ origin, fate }) => `${origin} ${fate}`)
  return [counts.join(", "), ...origins].join("; ")
}
