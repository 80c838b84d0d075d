import { once } from "node:events"
import { request } from "node:http"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { countsOf, stateOf, type LabCondition } from "./lab-observer.ts"
import { layoutOf } from "./map-layout.ts"
import { markup } from "./map-markup.ts"
import { mapNews } from "./map-news.ts"
import { serveMap } from "./map-server.ts"
import { sampleLab, sampleMap } from "./sample-map.ts"
import { temporaryFolder } from "./temporary-release.ts"

const hostileLine = `connect <script>alert("1")</script>\u001b[31m from nowhere`
let looks = 0
let page: Awaited<ReturnType<typeof serveMap>>
const condition: LabCondition = { takenAt: "2026-11-29T09:00:00.000Z", nodes: { edge: { state: "running", queue: { deferred: 2 } }, gateway: { state: "running" } } }

beforeEach(async () => {
  looks = 0
  const folder = temporaryFolder({ "logs/edge.log": `${"first line\n".repeat(80)}${hostileLine}\n`, "lab.json": "secret", "logs/owner.log": "not a node" })
  page = await serveMap({ ...sampleMap(sampleLab("maquette", folder)), lang: "en", observer: { look: async () => { looks += 1; return condition } } })
})
afterEach(async () => page[Symbol.asyncDispose]())

/** As any program may ask: with a path that no browser would send, a Host of its own. */
async function ask(path: string, { method = "GET", host }: { method?: string; host?: string } = {}): Promise<{ code: number; body: string; headers: Record<string, unknown> }> {
  const asked = request(page.url, { path, method, ...host === undefined ? {} : { headers: { host } } }).end()
  const [answer] = await once(asked, "response") as [import("node:http").IncomingMessage]
  let body = ""
  for await (const chunk of answer) body += String(chunk)
  return { code: answer.statusCode!, body, headers: answer.headers }
}

describe("the server of a lab's page", () => {
  test("is on 127.0.0.1, and its pages ask for nothing elsewhere", async () => {
    expect(page.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    const { code, body, headers } = await ask("/")
    expect(code).toBe(200)
    expect(headers["content-security-policy"]).toContain("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
    expect([...body.matchAll(/(?:src|href)="([^"#?]+)"/g)].map(([, target]) => target)).toEqual(["data:,", "map.css", "map.js"])
    expect(body).not.toMatch(/ on\w+=| style=/)
  })

  test.each(["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])("refuses %s", async (method) => {
    expect(await ask("/", { method })).toMatchObject({ code: 405, headers: { allow: "GET" } })
  })

  test.each(["rebound.example:80", "127.0.0.1", "127.0.0.1.nip.example"])("answers nothing to the Host %j", async (host) => {
    const { code, body } = await ask("/", { host })
    expect(code).toBe(403)
    expect(body).not.toContain("maquette")
  })

  test.each(["/lab.json", "/log/owner", "/log/../lab", "/log/..%2Flab", "/log/__proto__", "/log/edge.log", "/map/map.js", "/../recette.ts"])("knows no %s", async (path) => {
    expect(await ask(path)).toMatchObject({ code: 404, body: "there is nothing of that name\n" })
  })

  test("gives the last lines of a node's log as text, without control characters", async () => {
    const { body, headers } = await ask("/log/edge")
    expect(headers).toMatchObject({ "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" })
    expect(body.split("\n")).toHaveLength(60)
    expect(body).toMatch(/connect <script>alert\("1"\)<\/script>\[31m from nowhere$/)
  })

  test("looks at the lab while somebody watches, and not else", async () => {
    await ask("/")
    expect(looks).toBe(0)
    const watching = request(`${page.url}events?lang=fr`).end()
    const [answer] = await once(watching, "response") as [import("node:http").IncomingMessage]
    let said = ""
    answer.on("data", (chunk) => { said += String(chunk) })
    await expect.poll(() => said).toContain("data: ")
    expect(JSON.parse(/^data: (.*)$/m.exec(said)![1]!)).toMatchObject({ at: "09:00:00", nodes: { edge: { text: "● en marche", queue: "2 (deferred 2)", queueShort: "2 en file" } } })
    watching.destroy()
    const seen = looks
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    expect(looks).toBeLessThanOrEqual(seen + 1)
  })
})

test("a value in a page is text, also in an attribute", () => {
  expect(markup`<p title="${`"><script>`}">${[`<b>`, markup`<i>`]}</p>`.text).toBe(`<p title="&#34;&#62;&#60;script&#62;">&#60;b&#62;<i></p>`)
})

test("the world is as well as its worst part", () => {
  const nodes = { dns: { state: "running" }, internet: { state: "stopped" }, gateway: { state: "running" }, edge: { state: "gone", queue: null } } as const
  const news = mapNews({ takenAt: condition.takenAt, nodes }, "en").nodes
  expect(news["outside"]).toMatchObject({ state: "stopped", text: "■ stopped" })
  expect(news["edge"]).toMatchObject({ text: "× gone", queue: "unknown", queueShort: "" })
  expect(news["dns"]).toMatchObject({ queue: "no queue" })
})

test("queues are counted by folder, and the engine's words for a container are ours", () => {
  expect(countsOf("     12 deferred\n      1 active\n")).toEqual({ deferred: 12, active: 1 })
  expect(countsOf("")).toEqual({})
  expect(["running", "paused", "exited", "created", "restarting", "removing", undefined].map(stateOf)).toEqual(["running", "frozen", "stopped", "stopped", "stopped", "gone", "gone"])
})

describe.each(["across", "down"] as const)("the layout %s", (form) => {
  const { platform } = sampleMap(sampleLab("ariel-pr", join("/", "nowhere")))
  const { boxes, arrows, width, height } = layoutOf({ nodes: platform.nodes.filter(({ name }) => platform.flows.some(({ from, to }) => from === name || to === name)), flows: platform.flows }, form)

  test("gives each server a place of its own, inside the picture", () => {
    expect(boxes.map(({ name }) => name).sort()).toEqual(["clamav", "dovecot", "mariadb", "outside", "postfix", "rspamd", "sympa"])
    for (const one of boxes) {
      expect(one.x >= 0 && one.y >= 0 && one.x + one.width <= width && one.y + one.height <= height, one.name).toBe(true)
      expect(boxes.filter((other) => other !== one && Math.abs(other.x - one.x) < one.width && Math.abs(other.y - one.y) < one.height)).toEqual([])
    }
  })

  test("has one arrow for all flows from one place to another", () => {
    expect(arrows.find(({ from, to }) => from === "postfix" && to === "dovecot")?.ports).toEqual([24, 12345])
    expect(new Set(arrows.flatMap(({ from, to, ports }) => ports.map((port) => `${from} ${to} ${port}`))).size).toBe(platform.flows.length)
  })
})
