import { directorySettings, ldifLine, parseLdif, type LdifEntry } from "./directory-settings.ts"
import { LabFailure } from "./failure.ts"
import type { LabHandle } from "./handle.ts"
import { InsideContainer, StartedInsideContainer, type LabPlace } from "./inside-container.ts"
import type { NodeConfiguration } from "./node-configuration.ts"
import { settingLines } from "./override-files.ts"
import type { NodeDefinition } from "./platform.ts"

/** Nothing of it is published: the edge asks it, inside. */
export const directoryServices = {} as const
/** Where it listens inside the lab. */
export const directoryPorts = { ldap: 389 } as const

const startupMsMax = 60_000
/** Entries given to slapadd at once: some megabytes. */
const entriesPerLoad = 10_000
const configuration = "/etc/ldap/slapd.d"
/** As root of its machine, which a release's configuration lets do everything (`manage`). */
const asRoot = ["-Q", "-Y", "EXTERNAL", "-H", "ldapi:///"]
const aliasesBase = "ou=aliases,dc=education,dc=test"
const data = "/var/lib/ldap"
/** Where data lie while the directory has none or others, and where those are made that it will have. */
const [aside, next] = [`${data}.aside`, `${data}.next`]
/** The entry without which the edge decides nothing. */
const sentinel = "sentinelle"

/** An entry of the directory that leads mail on: all its addresses, all its targets. */
export interface DirectoryAlias {
  addresses: readonly string[]
  targets: readonly string[]
  /** Switched off: it leads nowhere. */
  isOff?: boolean
}

/**
 * OpenLDAP's slapd as the release configures it: its files lie at `/etc/ldap/<path>`, `config.ldif` is the whole
 * configuration and `data/*.ldif` what an empty directory is loaded with. `set` and `unset` are attributes of cn=config
 * (`olcSizeLimit`) or of a database (`mdb/olcDbMaxSize`); a set attribute has that one value.
 */
export class DirectoryContainer extends InsideContainer {
  constructor(image: string, place: LabPlace, node: NodeDefinition, holderId: string, config: NodeConfiguration) {
    super(image, place, node, holderId, { startupMsMax })
    this.withCopyContentToContainer([
      ...config.files.map(({ path, content, mode }) => ({ content, target: `/etc/ldap/${path}`, mode })),
      ...settingLines(config, ": "),
    ])
  }
}

/** The directory of a running lab. Its data are written by root of its machine. */
export class StartedDirectoryContainer extends StartedInsideContainer {
  constructor(handle: LabHandle, name = "directory") {
    super(handle, name)
  }

  /** Makes an entry; its first address is its name. Known at once. */
  async createAlias(alias: DirectoryAlias): Promise<void> {
    await this.addAliases([alias])
  }

  /** Makes an entry for each alias. Throws where there is none: a caller that gives none has made a mistake. */
  async addAliases(aliases: readonly DirectoryAlias[]): Promise<void> {
    if (aliases.length === 0) throw new LabFailure("Nothing to write: no alias was given", { where: `node ${this.node.name}`, remedy: "give at least one" })
    await this.write("ldapadd", aliases.map(entryOf).join("\n"))
  }

  /** Takes entries out by their first address. */
  async removeAliases(addresses: readonly string[]): Promise<void> {
    await this.write("ldapdelete", addresses.map((address) => `${dnOf(address)}\n`).join(""))
  }

  /** Takes the sentinel out, as a load does that begins, and puts it back, as one does that has ended well. */
  async setComplete(isComplete: boolean): Promise<void> {
    if (isComplete) await this.createAlias({ addresses: [sentinel], targets: [sentinel] })
    else await this.removeAliases([sentinel])
  }

  /**
   * Loads thousands of entries at once, as the weekly load does, after putting what it holds aside for `comeBackWhole`:
   * written one by one they take minutes. They go into a copy, with which it starts again: slapadd must not write where
   * slapd runs (slapadd(8)), which then finds some of it by one index and not by another (seen with 2.5).
   */
  async load(aliases: readonly DirectoryAlias[]): Promise<void> {
    await this.run(["sh", "-euc", `[ -e ${aside} ] || cp --archive ${data} ${aside}
      cp --archive ${data} ${next}
      mkdir ${next}.d
      slapcat -n 0 -F ${configuration} | sed 's#^olcDbDirectory: ${data}$#olcDbDirectory: ${next}#' | slapadd -n 0 -F ${next}.d`])
    for (let start = 0; start < aliases.length; start += entriesPerLoad) {
      const input = aliases.slice(start, start + entriesPerLoad).map(entryOf).join("\n")
      await this.run(["slapadd", "-q", "-n", "1", "-F", `${next}.d`], { input })
    }
    await this.run(["sh", "-euc", `rm ${data}/*; mv ${next}/* ${data}; rm --recursive ${next} ${next}.d`])
    await this.restart()
  }

  /** Starts it again with nothing in it, not even its base, as after a disk was lost; `comeBackWhole` gives it back what it had. */
  async comeUpEmpty(): Promise<void> {
    await this.run(["sh", "-euc", `mkdir ${aside}; mv ${data}/* ${aside}; mv /etc/ldap/data ${aside}`])
    await this.restart()
  }

  /** Starts it again with what it held before `comeUpEmpty` or `load`. */
  async comeBackWhole(): Promise<void> {
    await this.run(["sh", "-euc", `rm ${data}/*; [ ! -e ${aside}/data ] || mv ${aside}/data /etc/ldap; mv ${aside}/* ${data}; rmdir ${aside}`])
    await this.restart()
  }

  /** Entries below the aliases that a filter of RFC 4515 finds, as root sees them. */
  async search(filter: string): Promise<LdifEntry[]> {
    return parseLdif(await this.run(["ldapsearch", ...asRoot, "-LLL", "-o", "ldif-wrap=no", "-b", aliasesBase, filter], { often: true }))
  }

  /** Attributes in force (slapcat of cn=config), as a release names them. */
  async effectiveSettings(): Promise<Record<string, string>> {
    return directorySettings(await this.run(["slapcat", "-n", "0", "-F", configuration, "-o", "ldif-wrap=no"]))
  }

  private async restart(): Promise<void> {
    await this.stop()
    await this.startAgain()
  }

  private async write(command: "ldapadd" | "ldapdelete", input: string): Promise<void> {
    await this.run([command, ...asRoot], { often: true, input })
  }
}

function entryOf({ addresses, targets, isOff = false }: DirectoryAlias): string {
  return [
    ldifLine("dn", dnOf(addresses[0]!)), "objectClass: mailAlias\n", ldifLine("cn", addresses[0]!),
    ...addresses.map((address) => ldifLine("mailLocalAddress", address)),
    ...targets.map((target) => ldifLine("aliasTarget", target)), `aliasState: ${isOff ? "off" : "active"}\n`,
  ].join("")
}

/** What has a meaning in a name is written by its number (RFC 4514, section 2.4). */
function dnOf(address: string): string {
  return `cn=${address.replaceAll(/[^\w.@-]/g, (sign) => [...Buffer.from(sign)].map((octet) => `\\${octet.toString(16).padStart(2, "0")}`).join(""))},${aliasesBase}`
}
