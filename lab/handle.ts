import { readFile } from "node:fs/promises"
import { InputError } from "./failure.ts"
import type { Owner } from "./ownership.ts"

/** Everything another process needs to reach a lab that already runs: written as `lab.json` by the owner. */
export interface LabHandle {
  schema: "recette.lab/v1"
  /** Run id, in every label, name and packet filter rule of this lab, for example `20261123-214407-k3f9`. */
  run: string
  seed: number
  owner: Owner
  platform: string
  release: { version: string; digest: string; folder: string }
  network: NetworkHandle
  /** The gateway's second network: a bridge without masquerading, whose only purpose is the published ports. */
  outerNetwork: NetworkHandle
  nodes: Record<string, NodeHandle>
  gateway: { containerId: string; /** `"<node>.<service>"` (for example `postfix.submission`) to a port of 127.0.0.1. */ ports: Record<string, number> }
  /** Absolute path of the run's folder (`results/<run>`). */
  resultsFolder: string
  /** Absolute path of a JSON file, mode 0600, `{ name: secret }`: credentials are passed by this reference, never by value. */
  secretsFile: string
  /** PEM of the authority that signed this lab's certificates. */
  certificateAuthority: string
}

export interface NetworkHandle { id: string; name: string; bridge: string; /** CIDR chosen by the engine. */ subnet: string; /** The host's address on that bridge. */ hostAddress: string }

export interface NodeHandle {
  name: string
  component: string
  /** Holds the network namespace; never stopped while the lab lives. */
  holderId: string
  /** The component's own container, in the holder's namespace. */
  containerId: string
  /** IPv4 inside the lab. */
  address: string
  hostname: string
}

/** The handle that `--lab` names. Throws InputError for a file that is not there, or that is none. */
export async function readHandle(path: string): Promise<LabHandle> {
  const refuse = (what: string, cause?: unknown) => new InputError(what, {
    where: `--lab ${path}`, remedy: "give the path of lab.json in the run folder of a lab that is up (recette lab)", cause,
  })
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw refuse(`The lab's handle cannot be read: ${(cause as Error).message}`, cause)
  })
  const handle = parsed(text)
  if (handle?.schema !== "recette.lab/v1") throw refuse("This file is no lab's handle")
  return handle
}

function parsed(text: string): LabHandle | undefined {
  try {
    return JSON.parse(text) as LabHandle
  } catch {
    return undefined
  }
}
