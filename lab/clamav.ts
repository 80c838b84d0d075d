import type { LabHandle } from "./handle.ts"
import { InsideContainer, StartedInsideContainer, type LabPlace } from "./inside-container.ts"
import type { NodeConfiguration } from "./node-configuration.ts"
import { settingLines } from "./override-files.ts"
import type { NodeDefinition } from "./platform.ts"

/** Nothing of it is published: rspamd asks it, inside. */
export const clamavServices = {} as const

const startupMsMax = 60_000

/**
 * ClamAV's daemon as the release configures it: its files lie at `/etc/clamav/<path>`. `set` and `unset` are options of
 * clamd.conf, by name. The signatures are the image's own: EICAR's test file, and one text that stands for a virus.
 */
export class ClamavContainer extends InsideContainer {
  constructor(image: string, place: LabPlace, node: NodeDefinition, holderId: string, config: NodeConfiguration) {
    super(image, place, node, holderId, { startupMsMax })
    this.withCopyContentToContainer([
      ...config.files.map(({ path, content, mode }) => ({ content, target: `/etc/clamav/${path}`, mode })),
      ...settingLines(config, " "),
    ])
  }
}

/** ClamAV of a running lab. */
export class StartedClamavContainer extends StartedInsideContainer {
  constructor(handle: LabHandle, name = "clamav") {
    super(handle, name)
  }

  /** From soon on, a text that holds `text` (ASCII) is a virus of that name: signatures as a distribution brings them, and RELOAD. */
  async learn(name: string, text: string): Promise<void> {
    const signature = `${name}:0:*:${Buffer.from(text).toString("hex")}\n`
    await this.run(["sh", "-c", 'cat > "/var/lib/clamav/$1.ndb" && chown clamav:clamav "/var/lib/clamav/$1.ndb"', "learn", name], { input: signature })
    await this.run(["perl", "-MIO::Socket::INET", "-e",
      'my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1:3310", Timeout => 5) or die $!; print $server "zRELOAD\\0"; print <$server>'])
  }

  /** Options that clamd.conf sets, by name, as clamd read them. */
  async effectiveSettings(): Promise<Record<string, string>> {
    const lines = (await this.run(["cat", "/etc/clamav/clamd.conf"])).split("\n").map((line) => line.trim())
    return Object.fromEntries(lines.filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
      const [, name = line, value = ""] = /^(\S+)\s+(.*)$/.exec(line) ?? []
      return [name, value]
    }))
  }
}
