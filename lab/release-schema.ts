import { z } from "zod"
import { AnyRequirementId } from "../fixtures/requirements.ts"
import { certificateKinds } from "./certificate-path.ts"

/** Components that a release may configure; which of them a platform has is said by `lab/platform.ts`. */
export const configurable = ["postfix", "sympa", "dovecot", "mariadb", "rspamd", "clamav", "directory", "web"] as const
/** Folders of a release: one per component, and `dns/` with the zones that are its own (`<zone>.zone`). */
export const releaseFolders = [...configurable, "dns"] as const
export type ReleaseComponentName = (typeof releaseFolders)[number]

export const generations = ["debian-12", "debian-13", "custom"] as const

const Settings = z.record(z.string().min(1), z.string())
  .describe("overrides in the component's own syntax; values are text")
const Names = z.array(z.string().min(1))
const Services = z.record(
  z.string().regex(/^[^\s/]+\/(inet|unix|unix-dgram|fifo|pass)$/, {
    error: "a service of master.cf is written name/type, for example submission/inet",
  }),
  Settings,
)

/** What one node says differently from the others of its component. */
export const NodeOverride = z.strictObject({
  set: Settings.default({}),
  unset: Names.default([]),
})

export const ComponentOverride = z.strictObject({
  image: z.string().min(1).optional().describe("a user's own image instead of the built one"),
  set: Settings.default({}),
  unset: Names.default([]).describe("settings of the files that are taken out again"),
  files: z.record(z.string().min(1), z.string().min(1)).default({})
    .describe("path in the component: source, relative to this release"),
  edit: z.record(z.string().min(1), z.record(z.string().min(1), z.string())).default({})
    .describe("path in the component, brought by any release of the chain: text that stands there once, and what takes its place"),
  nodes: z.record(z.string().min(1), NodeOverride).default({}),
})

const Memory = z.array(z.string().regex(/^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/, { error: "a folder kept in memory is an absolute path" })).default([])
  .describe("folders of its nodes that are kept in memory (tmpfs), empty at each start, for example /var/spool/postfix")

const PostfixOverride = ComponentOverride.extend({
  memory: Memory,
  services: Services.default({}).describe("master.cf services and their -o parameters"),
})

/** What each component may say. */
export const componentOverrides = {
  postfix: PostfixOverride, sympa: ComponentOverride.extend({ memory: Memory }), dovecot: ComponentOverride, mariadb: ComponentOverride,
  rspamd: ComponentOverride, clamav: ComponentOverride, directory: ComponentOverride, web: ComponentOverride,
} as const

const DnsOverride = z.strictObject({ files: ComponentOverride.shape.files, edit: ComponentOverride.shape.edit })

const version = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, {
  error: "a version has letters, digits, points, hyphens and underscores",
})

/**
 * `release.yaml`, version 1. With `extends`, what is absent comes from the release that it starts from;
 * without it, `platform`, `version`, `date` and `generation` are required (checked by `lab/release.ts`).
 */
export const ReleaseFile = z.strictObject({
  schema: z.literal("recette.release/v1"),
  platform: z.string().min(1).optional(),
  version: version.optional(),
  date: z.iso.date({ error: "a date is written 2026-11-15" }).optional(),
  replaces: version.optional().describe("version of the release in production: the default baseline"),
  generation: z.enum(generations).optional(),
  summary: z.string().min(1).optional(),
  extends: z.string().min(1).optional().describe("a shipped release by name, or a path"),
  packages: z.string().min(1).optional().describe("file of exact versions; packages.lock where that file is there"),
  components: z.strictObject({
    ...componentOverrides, dns: DnsOverride,
  }).partial().default({}),
  bindings: z.string().min(1).optional().describe("file of bindings; bindings.yaml where that file is there"),
  secrets: z.array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/, {
    error: "a secret is a name, or component/file",
  })).default([]),
  expects: z.array(AnyRequirementId).optional().describe("mutants: requirements that must fail"),
})
export type ReleaseFile = z.infer<typeof ReleaseFile>

/**
 * `bindings.yaml`, version 1: what the real names of a configuration become in the lab.
 * The word `itself` leaves a text as it is: said once, and listed, instead of being overlooked.
 */
export const BindingsFile = z.strictObject({
  schema: z.literal("recette.bindings/v1"),
  addresses: z.record(z.string(), z.string().min(1)).default({}).describe("IPv4 or IPv6 address: node, or itself"),
  networks: z.record(z.string(), z.string().min(1)).default({})
    .describe("address/prefix: node (its address alone), lab (the lab's network), or itself"),
  hosts: z.record(z.string(), z.string().min(1)).default({})
    .describe("host name, or .domain for all names below it: node, a name under .test, or itself"),
  certificates: z.record(z.string().startsWith("/"), z.enum([...certificateKinds, "itself"])).default({})
    .describe("absolute path: chain, key or authority of the lab, a defective one (lab/certificate-path.ts), or itself"),
})
export type BindingsFile = z.infer<typeof BindingsFile>
