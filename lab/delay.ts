import { InputError } from "./failure.ts"
import type { LabPlace } from "./inside-container.ts"
import { ProofContainer } from "./proof-container.ts"

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

/**
 * Leads the connections of one node to a port of another through a delay, for as long as the lab lives. Called before
 * the components start: a connection that is open already would not be delayed. Root's own connections are not.
 */
export async function startDelay(
  { from, to, port, delayMs }: Delay,
  { place: { run, owner }, image, holders, addresses }: {
    place: LabPlace; image: string; holders: Readonly<Record<string, { id: string }>>; addresses: Readonly<Record<string, string>>
  },
): Promise<void> {
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
}
