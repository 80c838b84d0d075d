import type { MailboxRequest } from "../../lab/mariadb.ts"
import type { ListRequest } from "../../lab/sympa.ts"
import { InputError } from "../../lab/failure.ts"
import { prepareOn, type LoadServers, type PreparedStream } from "../prepare.ts"
import type { LoadProfile } from "../load-profile.ts"

/** What a platform must have before a load may be put on it: `platform.json` beside the manifests. */
export interface WhatMustExist {
  schema: "recette.load-platform/v1"
  mailboxes: MailboxRequest[]
  lists: (ListRequest & { address: string; members: string[] })[]
}

const listRobot = "listes.education.test"

/** Says what preparing a profile would make, by preparing it on servers that only note it down. */
export async function whatMustExist(profile: LoadProfile, given: { seed: number; mark: string }): Promise<{ prepared: PreparedStream[]; exists: WhatMustExist }> {
  const exists: WhatMustExist = { schema: "recette.load-platform/v1", mailboxes: [], lists: [] }
  const servers: LoadServers = {
    mariadb: { createMailbox: async (request) => void exists.mailboxes.push(request) },
    sympa: {
      createList: async (request) => {
        const list = { address: `${request.name}@${listRobot}`, name: request.name, robot: listRobot }
        exists.lists.push({ ...request, address: list.address, members: [] })
        return list
      },
      subscribe: async ({ address }, people) => void exists.lists.find((one) => one.address === address)!.members.push(...people.map((one) => one.address)),
    },
    secret: () => {
      throw new InputError(`The profile ${profile.name} writes with a password that only a lab's own release has`, {
        where: "load/prepare.ts", remedy: "put it on a lab (--lab), or take a profile of the list platforms",
      })
    },
  }
  return { prepared: await prepareOn(servers, profile, given), exists }
}
