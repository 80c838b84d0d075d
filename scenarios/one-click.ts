import { request } from "node:https"
import { LabFailure } from "../lab/failure.ts"
import { ClaimFailed } from "./claim-failed.ts"
import type { Copy } from "./copies.ts"
import { headersOf } from "./raw-message.ts"
import type { Services } from "./services.ts"

const answerMsMax = 20_000
/** The body of a one-click request (RFC 8058, section 3.2). */
const oneClickBody = "List-Unsubscribe=One-Click"

/** The https link of List-Unsubscribe that may be asked with POST; a message that offers none is a failed claim. */
export function oneClickLink(head: Readonly<Record<string, string>>): string {
  const link = /<(https:[^>]+)>/.exec(head["list-unsubscribe"] ?? "")?.[1]
  if (link === undefined || head["list-unsubscribe-post"] === undefined) {
    throw new ClaimFailed(`A copy offers no one-click link: List-Unsubscribe: ${head["list-unsubscribe"] ?? "none"}; `
      + `List-Unsubscribe-Post: ${head["list-unsubscribe-post"] ?? "none"}`)
  }
  return link
}

/** Head and link of each copy. */
export async function withLinks(copies: readonly Copy[]): Promise<{ head: Record<string, string>; link: string }[]> {
  return Promise.all(copies.map(async (copy) => {
    const head = headersOf(await copy.raw())
    return { head, link: oneClickLink(head) }
  }))
}

/**
 * Asks for a link as a mailbox provider does: no session, no cookie, no redirect followed. Returns the HTTP status.
 * Throws a LabFailure where the web server is gone.
 */
export async function requestsLink({ sympa, handle }: Services, link: string, method: "POST" | "GET" | "HEAD"): Promise<number> {
  const { hostname, pathname, search } = new URL(link)
  const form = { "content-type": "application/x-www-form-urlencoded", "content-length": oneClickBody.length }
  return new Promise((resolve, reject) => {
    const asked = request({
      ...sympa.endpointFor("https"), method, path: pathname + search, servername: hostname, ca: handle.certificateAuthority,
      headers: { host: hostname, ...(method === "POST" ? form : {}) }, timeout: answerMsMax, agent: false,
    }, (answer) => {
      answer.resume()
      answer.once("end", () => resolve(answer.statusCode ?? 0))
    })
    asked.once("timeout", () => asked.destroy(new Error(`no answer within ${answerMsMax} ms`)))
    asked.once("error", (cause) => reject(new LabFailure(`${method} ${link} got no answer: ${cause.message}`, {
      where: "node sympa, logs/sympa.log", remedy: "see whether nginx and wwsympa run there", cause,
    })))
    asked.end(method === "POST" ? oneClickBody : undefined)
  })
}
