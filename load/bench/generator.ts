import { sweep } from "../../lab/clean-up.ts"
import { ClosedContainer } from "../../lab/closed-container.ts"
import { InputError } from "../../lab/failure.ts"
import { ensureImages } from "../../lab/images.ts"
import { thisOwner } from "../../lab/ownership.ts"
import { newRunId } from "../../lab/run-record.ts"
import { settings } from "../../lab/settings.ts"
import { stopSignal, unlessStopped } from "../../lab/stop-signal.ts"
import type { BenchContext, BenchOutcome } from "../bench.ts"
import { figuresOf, measureCosts } from "../generator-cost.ts"
import { measureRates, rateFigures } from "../generator-rate.ts"

const sessions = [10, 100]
const pairsMax = 100

/**
 * What a message costs the generator beside others who send the same, and whether it keeps a rate; in one container
 * without a network. Bounded: so many pairs of so many messages, each command at most three minutes. Ctrl-C removes the
 * container, and leaves the pairs that were finished.
 */
export async function run({ repeats, say }: BenchContext): Promise<BenchOutcome> {
  if (repeats < 1 || repeats > pairsMax) {
    throw new InputError(`${repeats} pairs cannot be measured`, { where: "the command line", remedy: `give --times 1 to ${pairsMax}` })
  }
  const stop = stopSignal(settings().ancestors, say)
  await unlessStopped(stop, sweep())
  const { images } = await ensureImages([{ component: "bench", generation: "debian-12", packages: null }], { onStep: say, signal: stop })
  const place = await ClosedContainer.start({ run: newRunId(), owner: thisOwner(), image: images["bench"]!.tag })
  try {
    const versions = {
      k6: await place.said(["k6", "version"]), postfix: await place.said(["postconf", "-dh", "mail_version"]),
      node: await place.said(["node", "--version"]),
    }
    const request = { pairs: repeats, sessions, stop, onStep: say }
    const costs = await measureCosts({ measure: (command, env) => unlessStopped(stop, place.measure(command, env)) }, request)
    const rates = await measureRates({ said: (command) => unlessStopped(stop, place.said(command)) }, request)
    return {
      figures: [...figuresOf(sessions, costs), ...rateFigures(rates)], versions, measurements: [...costs, ...rates],
    }
  } finally {
    await place.remove()
  }
}
