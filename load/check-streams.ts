import { list as listFixture } from "../fixtures/lists.ts"
import { InputError } from "../lab/failure.ts"
import type { LoadStream } from "./load-profile.ts"

/** k6 takes no duration below a second, and an owner writes to no working group: its members write to each other. */
export function checkStreams(profile: string, streams: readonly LoadStream[]): void {
  const names = streams.map(({ name }) => name)
  const wrong = streams.length === 0 ? "has no stream"
    : new Set(names).size < names.length ? "has two streams of one name"
    : streams.map((stream, index) => wrongIn(stream) ?? wrongAmong(stream, streams.slice(0, index))).find((one) => one !== undefined)
  if (wrong === undefined) return
  throw new InputError(`The profile ${profile} ${wrong}`, { where: `load/profiles/${profile}.ts`, remedy: "correct that stream" })
}

function wrongIn({ name, target, messages, perSecond, vus }: LoadStream): string | undefined {
  if (!/^[a-z0-9]{1,20}$/.test(name)) return `has a stream ${JSON.stringify(name)}: 1 to 20 small letters and digits make a name`
  if (!Number.isInteger(messages) || messages < 1 || !(perSecond > 0) || !Number.isInteger(vus) || vus < 1) {
    return `asks stream ${name} for ${messages} messages, ${perSecond} a second, from ${vus} users: all must be more than 0`
  }
  if ((messages - 0.5) / perSecond < 1) return `gives stream ${name} less than a second: lower its rate`
  if (target.kind === "list" && listFixture(target.list, { domain: "education.test" }).kind === "groupe-de-travail") {
    return `sends to list ${target.list}, a working group, in which its owner is nobody: use a list of another kind`
  }
  return undefined
}

function wrongAmong({ name, target, senderOf, vus }: LoadStream, earlier: readonly LoadStream[]): string | undefined {
  if (target.kind === "answers" && !earlier.some((one) => one.name === target.to && one.target.kind === "list")) {
    return `answers list ${target.to} in stream ${name}, and no stream before it sends to that list`
  }
  if (target.kind === "answers" && vus < target.people) return `gives ${target.people} people of stream ${name} ${vus} users: each needs one`
  if (senderOf !== undefined && !earlier.some((one) => one.name === senderOf && !["list", "answers"].includes(one.target.kind))) {
    return `takes the sender of ${senderOf} for stream ${name}, and no stream of direct mail before it has that name`
  }
  return undefined
}
