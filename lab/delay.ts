import { InputError } from "./failure.ts"
import type { LabHandle } from "./handle.ts"
import type { LabPlace } from "./inside-container.ts"
import { ProofContainer } from "./proof-container.ts"
import { runningWorldImage } from "./world-image.ts"

/** Every answer that node `from` gets of node `to` on `port` comes `delayMs` later. */
export interface Delay { from: string; to: string; port: number; delayMs: number }

const form = /^([\w-]+):([\w-]+):(\d{1,5})=(\d{1,5})ms$/

/** Reads `sympa:mariadb:3306=20ms`. Throws InputError for another form. */
export function parseDelay(text: string): Delay {
  const [, from, to, port, delayMs] = form.exec(text) ?? []
  if (from && to && port && delayMs) return { from, to, port: Number(port), delayMs: Number(delayMs) }
  throw new InputError(`This is no delay: ${text}`, {
    where: `--delay ${text}`, remedy: "write from:to:port=milliseconds, for example sympa:mariadb:3306=20ms",
  })
}

/** A delay that can be taken away again: `end` breaks the connections that it led. */
export interface StartedDelay { end: () => Promise<void> }

/**
 * Leads the connections of one node to a port of another through a delay, until it ends or for as long as the lab lives. A
 * connection that is open already is not delayed: called before the components start, or before `to` starts again. Root's
 * own connections are not delayed.
 */
export async function startDelay(
  { from, to, port, delayMs }: Delay,
  { place: { run, owner }, image, holders, addresses }: {
    place: Pick<LabPlace, "run" | "owner">; image: string
    holders: Readonly<Record<string, { id: string }>>; addresses: Readonly<Record<string, string>>
  },
): Promise<StartedDelay> {
  const holder = holders[from]
  const address = addresses[to]
  if (!holder || !address) {
    throw new InputError(`The lab has no node ${holder ? to : from}`, { where: "--delay", remedy: `use two of ${Object.keys(holders).join(", ")}` })
  }
  const proxy = await ProofContainer.start({
    run, owner, image, purpose: `delay-${from}-${to}`, program: "delay-proxy.ts",
    hostConfig: { NetworkMode: `container:${holder.id}`, CapDrop: ["ALL"], CapAdd: ["NET_ADMIN", "NET_RAW"], Tmpfs: { "/run": "size=1m" } },
  })
  await proxy.ask({ start: { address, port, delayMs } })
  return {
    end: async () => {
      await proxy.ask({ stop: true })
      await proxy.remove()
    },
  }
}

/** The same in a lab that runs. */
export async function delayAnswers(handle: LabHandle, delay: Delay): Promise<StartedDelay> {
  const nodes = Object.values(handle.nodes)
  return startDelay(delay, {
    place: handle, image: await runningWorldImage(handle),
    holders: Object.fromEntries(nodes.map(({ name, holderId }) => [name, { id: holderId }])),
    addresses: Object.fromEntries(nodes.map(({ name, address }) => [name, address])),
  })
}
