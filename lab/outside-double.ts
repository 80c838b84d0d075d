import { createHash, randomBytes } from "node:crypto"
import { engine } from "./engine.ts"
import { type IsolationPlace, type IsolationRules, requireEngine, vethName } from "./isolation-rules.ts"
import { ProofContainer } from "./proof-container.ts"

export interface Listener { address: string; port: number }

/** The outside that is probed: made by the run on this machine, so that no probe leaves it even where isolation is broken. */
export interface OutsideDouble {
  means: "rules"
  /** The double's own address, of 198.51.100.0/24. */
  address: string
  /** The host's end of the veth pair. */
  router: string
  /** A name that only the double's name server knows; its answer is the double's own address. */
  name: string
  /** What the host itself listens on: at its end of the pair, on the lab's bridge, on the outer bridge. */
  hostListeners: { router: Listener; lab: Listener; outer: Listener }
  /** Answers probes from an ordinary container on the engine's default bridge. */
  control: ProofContainer
  /** Answers probes from the gateway's namespace. */
  gateway: ProofContainer
  /** What got through to the double so far, by source address. */
  seen(): Promise<{ what: "smtp" | "dns-tcp" | "dns-udp"; from: string }[]>
  /** Removes the double, its veth pair, the probing containers and the agent on the host; the rules stay. */
  remove(): Promise<void>
}

export interface NoDouble { means: "inspection"; reason: string; remove(): Promise<void> }

/**
 * Makes the outside double and everything that probes it. Call it when the gateway runs.
 * Where the host allows no veth pair, or `rules` are none, the reason is returned and the proof is by inspection.
 * `remove()` belongs into a `finally`.
 */
export async function makeDouble(
  place: IsolationPlace, rules: IsolationRules, gatewayId: string,
): Promise<OutsideDouble | NoDouble> {
  if (rules.means === "inspection") return { ...rules, remove: async () => undefined }
  const started: { remove(): Promise<void> }[] = [rules.agent]
  const remove = async () => {
    await Promise.all(started.map((part) => part.remove()))
  }
  try {
    const keep = async <T extends { remove(): Promise<void> }>(part: Promise<T>): Promise<T> => {
      const container = await part
      started.push(container)
      return container
    }
    const parts = await Promise.allSettled([
      keep(doubleContainer(place)), keep(prober(place, "control", "bridge")),
      keep(prober(place, "gateway", `container:${gatewayId}`)),
    ])
    const [double, control, gateway] = parts.map((part) => {
      if (part.status === "rejected") throw part.reason
      return part.value
    }) as [ProofContainer, ProofContainer, ProofContainer]
    const { agent } = rules
    const { run } = place
    const peer = "outside0"
    const joined = await agent.ask<{ address: string; router: string; prefix: number }>({
      join: { run, device: vethName(run), peer, pid: await double.pid(), start: firstBlock(run) },
    })
    const name = `${randomBytes(6).toString("hex")}.outside.test`
    const [{ listeners: [router, lab, outer] }] = await Promise.all([
      agent.ask<{ listeners: Listener[] }>({
        listen: {
          run, controlBridge: await defaultBridge(),
          addresses: [joined.router, place.network.hostAddress, place.outerNetwork.hostAddress],
        },
      }),
      double.ask({ configure: { device: peer, ...joined, name } }),
    ])
    return {
      means: "rules", address: joined.address, router: joined.router, name, control, gateway, remove,
      hostListeners: { router: router!, lab: lab!, outer: outer! },
      seen: async () => (await double.ask<{ seen: Awaited<ReturnType<OutsideDouble["seen"]>> }>({ seen: true })).seen,
    }
  } catch (error) {
    await requireEngine()
    await remove()
    const reason = `no outside double: ${(error as Error).message.split("\n")[0]}`
    return { means: "inspection", reason, remove: async () => undefined }
  }
}

function doubleContainer({ run, owner, image }: IsolationPlace): Promise<ProofContainer> {
  return ProofContainer.start({
    run, owner, image, purpose: "outside", program: "outside.ts",
    hostConfig: { NetworkMode: "none", CapDrop: ["ALL"], CapAdd: ["NET_ADMIN", "NET_BIND_SERVICE"] },
  })
}

function prober({ run, owner, image }: IsolationPlace, purpose: string, networkMode: string): Promise<ProofContainer> {
  return ProofContainer.start({
    run, owner, image, purpose, program: "probe.ts", hostConfig: { NetworkMode: networkMode, CapDrop: ["ALL"] },
  })
}

/** Parallel runs begin their search for a free block (the n-th /30) at different places. */
export function firstBlock(run: string): number {
  return createHash("sha256").update(run).digest()[0]! % 64
}

/** Interface of the engine's default bridge, which the control comes from. */
async function defaultBridge(): Promise<string> {
  const { container: { dockerode } } = await engine()
  const { Options } = await dockerode.getNetwork("bridge").inspect() as { Options?: Record<string, string> }
  return Options?.["com.docker.network.bridge.name"] ?? "docker0"
}
