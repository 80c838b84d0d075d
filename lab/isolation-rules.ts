import { createHash } from "node:crypto"
import { engine } from "./engine.ts"
import type { NetworkHandle } from "./handle.ts"
import type { Owner } from "./ownership.ts"
import { ProofContainer } from "./proof-container.ts"
import type { HostRequest } from "./world/host-agent.ts"
import type { RuleCounter } from "./world/packet-filter.ts"

/** What the isolation of one run is made from. `image` is the world's. */
export interface IsolationPlace {
  run: string
  owner: Owner
  image: string
  network: NetworkHandle
  outerNetwork: NetworkHandle
}

/** Rules in force, or the reason why this engine's host takes none: then the isolation is shown by inspection only. */
export type IsolationRules =
  | { means: "rules"; agent: HostAgent }
  | { means: "inspection"; reason: string }

/**
 * Sets the packet filter rules of the run: from the lab's bridge the host and the outside are rejected, from the outer
 * bridge everything but replies. Call it before the first container joins a network.
 * Where the host takes no rules (no right to, no packet filter) the reason is returned; throws a LabFailure only where
 * no engine answers. The agent goes on running for the proof: end it with `agent.remove()`, or by `removeRun`.
 */
export async function setRules({ run, owner, image, network, outerNetwork }: IsolationPlace): Promise<IsolationRules> {
  let agent: HostAgent | undefined
  try {
    agent = await HostAgent.start({ run, owner, image })
    await agent.ask({ set: { run, lab: network.bridge, outer: outerNetwork.bridge } })
    return { means: "rules", agent }
  } catch (error) {
    await requireEngine()
    await agent?.remove()
    return { means: "inspection", reason: `no packet filter rules: ${(error as Error).message.split("\n")[0]}` }
  }
}

/** A silent engine is a failed lab, never a reason for "by inspection only". */
export async function requireEngine(): Promise<void> {
  await (await engine()).container.dockerode.ping()
}

/** The one container of ours on the host's network: these three rights and no other, not privileged. */
export class HostAgent {
  private readonly container: ProofContainer
  private constructor(container: ProofContainer) {
    this.container = container
  }

  /** `purpose` tells two agents of one run apart, for example that of the start from that of the end. */
  static async start(
    { run, owner, image, purpose = "host" }: { run: string; owner: Owner; image: string; purpose?: string },
  ): Promise<HostAgent> {
    return new HostAgent(await ProofContainer.start({
      run, owner, image, purpose, program: "host-agent.ts",
      // SYS_PTRACE: Debian 13's ip opens /proc/<pid>/ns/net, which only who may trace that process is let to (proc(5)).
      hostConfig: {
        NetworkMode: "host", PidMode: "host", CapDrop: ["ALL"], CapAdd: ["NET_ADMIN", "NET_RAW", "SYS_PTRACE"], ReadonlyRootfs: true,
        Tmpfs: { "/run": "size=1m" },
      },
    }))
  }

  async ask<T extends object>(request: HostRequest): Promise<T> {
    return this.container.ask<T>(request)
  }

  /** Packets that each rule of the run has rejected so far; a rule that is not there is not in the list. */
  async counters(run: string): Promise<RuleCounter[]> {
    return (await this.ask<{ counters: RuleCounter[] }>({ counters: { run } })).counters
  }

  /** Removes rules and veth pairs of these runs. */
  async removeRules(runs: readonly string[]): Promise<void> {
    await this.ask({ remove: { runs: runs.map((run) => ({ run, device: vethName(run) })) } })
  }

  /** Ids of runs that have a rule or a veth pair on this host, alive or dead. */
  async runs(): Promise<string[]> {
    return (await this.ask<{ runs: string[] }>({ list: true })).runs
  }

  get id(): string {
    return this.container.id
  }

  async remove(): Promise<void> {
    await this.container.remove()
  }
}

/** Name of the host's end of a run's veth pair: at most 15 characters (IFNAMSIZ, linux/if.h), the same for the same run. */
export function vethName(run: string): string {
  return `rct-${createHash("sha256").update(run).digest("hex").slice(0, 10)}`
}
