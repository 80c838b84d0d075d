import { readdirSync } from "node:fs"
import { join } from "node:path"
import { engine } from "./engine.ts"
import { builderOwner } from "./image-build.ts"
import type { HostAgent } from "./isolation-rules.ts"
import { LABELS } from "./ownership.ts"
import { stateFolder } from "./state-folder.ts"

/** What there is of one process's labs, runs and builds: empty lists once all is gone. */
export interface Leftovers {
  containers: string[]
  builderContainers: string[]
  networks: string[]
  volumes: string[]
  /** Runs of it with a packet filter rule or a veth pair on the host. */
  rules: string[]
  /** Its folders in .recette/tmp, and notes of its runs in .recette/runs. */
  files: string[]
}

export const nothing: Leftovers = { containers: [], builderContainers: [], networks: [], volumes: [], rules: [], files: [] }

/** Everything that `owner` (a process id) made and that is still there; `run` is its run, where it has one. */
export async function leftovers(owner: number, run: string | undefined, agent: HostAgent): Promise<Leftovers> {
  const { container: { dockerode } } = await engine()
  const filters = { label: [`${LABELS.pid}=${owner}`] }
  const [containers, networks, { Volumes }, rules, builderContainers] = await Promise.all([
    dockerode.listContainers({ all: true, filters }), dockerode.listNetworks({ filters }),
    dockerode.listVolumes({ filters }), agent.runs(), buildersOf(owner),
  ])
  return {
    containers: containers.map(({ Names, Id }) => Names[0] ?? Id), builderContainers,
    networks: networks.map(({ Name }) => Name), volumes: (Volumes ?? []).map(({ Name }) => Name),
    rules: rules.filter((each) => each === run),
    files: [
      ...namesIn("tmp").filter((name) => name.startsWith(`${owner}-`)), ...namesIn("runs").filter((name) => name === `${run}.json`),
    ],
  }
}

/** Containers of image builds that `owner` had begun. */
export async function buildersOf(owner: number): Promise<string[]> {
  const { container: { dockerode } } = await engine()
  const builders = await dockerode.listContainers({ all: true, filters: { label: [`${LABELS.role}=builder`] } })
  const owners = await Promise.all(builders.map(async ({ Id }) => {
    const info = await dockerode.getContainer(Id).inspect().catch(() => undefined)
    return { id: Id.slice(0, 12), owner: builderOwner((info?.HostConfig.ExtraHosts as string[] | null | undefined) ?? []) }
  }))
  return owners.filter((one) => one.owner?.pid === owner).map(({ id }) => id)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(join(stateFolder, folder))
  } catch {
    return []
  }
}
