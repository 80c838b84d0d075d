import type { LabHandle } from "./handle.ts"
import { InsideContainer, StartedInsideContainer, type LabPlace } from "./inside-container.ts"
import type { NodeConfiguration } from "./node-configuration.ts"
import type { NodeDefinition } from "./platform.ts"
import { flattenConfigdump, rspamdOverrides } from "./rspamd-settings.ts"

/** What the gateway publishes: the controller, where a release lets operators ask it from elsewhere. */
export const rspamdServices = { controller: 11334 } as const

const startupMsMax = 60_000

/**
 * rspamd as the release configures it, with the redis of its memory: its files lie at `/etc/rspamd/<path>`, among
 * them `redis.conf`, which is redis's own, and the dump that it may name. `set` and `unset` are written `file:key` (lab/rspamd-settings.ts).
 */
export class RspamdContainer extends InsideContainer {
  constructor(image: string, place: LabPlace, node: NodeDefinition, holderId: string, config: NodeConfiguration) {
    super(image, place, node, holderId, { startupMsMax })
    this.withCopyContentToContainer([
      ...config.files.map(({ path, content, mode }) => ({ content, target: `/etc/rspamd/${path}`, mode })),
      { content: rspamdOverrides(config), target: "/recette/rspamd.conf", mode: 0o644 },
    ])
  }
}

/** rspamd of a running lab. */
export class StartedRspamdContainer extends StartedInsideContainer {
  constructor(handle: LabHandle, name = "rspamd") {
    super(handle, name)
  }

  /** Settings in force (rspamadm configdump), as a release names them: `actions.conf:reject`. Secrets are left out. */
  async effectiveSettings(): Promise<Record<string, string>> {
    const settings = flattenConfigdump(await this.run(["rspamadm", "configdump", "--json"]))
    return Object.fromEntries(Object.entries(settings).filter(([name]) => !/[:/](password|enable_password)$/.test(name)))
  }
}
