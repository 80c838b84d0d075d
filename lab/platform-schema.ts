import { z } from "zod"
import { AnyRequirementId, BothLanguages } from "../fixtures/requirements.ts"

/** Components that a lab can make a platform's server of. */
export const serverComponents = ["postfix", "sympa", "dovecot", "mariadb", "rspamd", "clamav", "directory"] as const
/** Parts of the world around a platform that it may ask for; the lab's DNS is always there. */
export const worldParts = ["academies", "internet", "browser", "generator"] as const
/** In a flow: the world around the platform. */
export const outside = "outside"

const kebab = (what: string) => z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, {
  error: `${what} is written in small letters and digits, with hyphens, for example ariel-pr`,
})
const hostname = z.string().regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+test$/, {
  error: "a host name is fully qualified, in small letters, below .test, for example mx1.ariel-pr.test",
})
const domain = z.string().regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+test$/, {
  error: "a mail domain of a lab is below .test, for example education.test",
})
const family = z.string().regex(/^[A-Z]{2,8}$/)

/** `fixtures/platforms/<name>.yaml`, or a team's own file, version 1. */
export const PlatformFile = z.strictObject({
  schema: z.literal("recette.platform/v1"),
  name: kebab("a platform's name"),
  names: z.array(z.string().trim().min(1)).default([])
    .describe("names of the team's own that mean this platform, for example ARIEL PR; said by the team, never guessed"),
  summary: BothLanguages.describe("one sentence"),
  world: z.array(z.enum(worldParts)).default([...worldParts]).describe("parts of the world around it; absent: all"),
  nodes: z.array(z.strictObject({
    name: kebab("a node's name").describe("also its alias on the lab's network, its log's name and its key in lab.json"),
    component: z.enum(serverComponents),
    hostname: hostname.describe("served by the lab's DNS"),
  })).min(1).describe("its servers"),
  domains: z.array(domain).min(1).describe("mail domains that it serves"),
  flows: z.array(z.strictObject({
    from: z.string().min(1).describe("a node, or outside"),
    to: z.string().min(1).describe("a node, or outside"),
    port: z.int().min(1).max(65_535),
    what: BothLanguages,
  })).default([]).describe("who speaks to whom, as it is meant"),
  requirements: z.array(z.union([family, AnyRequirementId])).default([])
    .describe("families or ids that hold for it, beside those whose `platforms` in the register names it"),
  suites: z.array(kebab("a suite's name")).default([]).describe("scenario files of this project that are run on it"),
  profiles: z.array(kebab("a profile's name")).default([]).describe("load profiles that may be put on it; a quick qualification puts the first one, a higher level all. None: no load"),
  release: z.string().min(1).optional().describe("release whose files its nodes take where none is named: a shipped one, or a folder, relative to this file"),
  web: z.array(z.strictObject({
    node: z.string().min(1),
    url: z.url({ protocol: /^https?$/ }).describe("as its users type it"),
  })).default([]).describe("web interfaces, for whoever tries a lab by hand"),
  logins: z.array(z.strictObject({
    address: z.email(),
    secret: z.string().min(1).describe("the release's secret that is its password"),
    uses: z.array(z.enum(["imap", "submission"])).min(1).default(["imap", "submission"]),
  })).default([]).describe("accounts that its releases make, for whoever tries a lab by hand"),
  leavesOut: z.array(BothLanguages).default([]).describe("what a verdict on it leaves out for now, whatever the level"),
})
export type PlatformFile = z.infer<typeof PlatformFile>
