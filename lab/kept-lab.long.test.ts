/**
 * Goal: labs in the background are what `lab up` says they are, side by side, and their page shows them as they are.
 * Method: two labs by the commands that a user types; the page in Debian's Chromium on this machine's own loopback.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import axe, { type AxeResults } from "axe-core"
import { ImapFlow } from "imapflow"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { FrontDoorProcess, runIn, type Exit } from "./front-door-process.ts"
import type { LabHandle } from "./handle.ts"
import { HostBrowser } from "./host-browser.ts"
import { StartedInsideContainer } from "./inside-container.ts"
import { HostAgent } from "./isolation-rules.ts"
import type { KeptLabNote } from "./kept-labs.ts"
import type { LabStatus } from "./lab-status.ts"
import { leftovers, nothing } from "./leftovers.ts"
import { startTicks, thisOwner } from "./ownership.ts"
import { StartedPostfixContainer } from "./postfix.ts"
import { sayTo } from "./raw-dialog.ts"
import { worldImage } from "./world-image.ts"

let folder: string
let browser: HostBrowser
let agent: HostAgent
let mockUp: LabStatus
let confinement: LabStatus | undefined
let upSaid: string

const recette = (...words: string[]): Promise<Exit> => FrontDoorProcess.recette(words).ended
const status = async (): Promise<LabStatus[]> => (JSON.parse((await recette("lab", "status", "--json")).stdout.replace(/^[^{]*/, "")) as { labs: LabStatus[] }).labs

/** Starts a lab as a user does; `said` is what it printed. */
async function up(release: string): Promise<{ lab: LabStatus; said: string }> {
  const { code, stdout, stderr } = await recette("lab", "up", release, "--out", folder)
  expect(code, stderr).toBe(0)
  const lab = (await status()).find((one) => one.folder.startsWith(folder) && one.release === release)!
  return { lab, said: stdout }
}

const handleOf = ({ folder: run }: LabStatus): LabHandle => JSON.parse(readFileSync(join(run, "lab.json"), "utf8")) as LabHandle

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "recette-kept-"))
  agent = await HostAgent.start({ run: `look-${process.pid}`, owner: thisOwner(), image: await worldImage(), purpose: "look" })
  const started = await up("maquette/2026.1")
  mockUp = started.lab
  upSaid = started.said
  browser = await HostBrowser.start()
}, 600_000)

afterAll(async () => {
  await browser?.close()
  for (const lab of [mockUp, confinement]) if (lab) await recette("lab", "down", lab.name)
  await agent?.remove()
  rmSync(folder, { recursive: true, force: true })
})

describe("a lab in the background", () => {
  test("is known with its servers, all of them running", () => {
    expectUp(mockUp)
    expect(mockUp.nodes.filter(({ component }) => component === "postfix").map(({ name, queue }) => [name, queue])).toEqual([["edge", {}], ["relay1", {}], ["relay2", {}]])
  })

  test("a mail client with the settings that were shown reads a mailbox", async () => {
    const [, port, servername] = /reading \(IMAP\): 127\.0\.0\.1, port (\d+), TLS from the start, certificate's name (\S+)/.exec(upSaid) ?? []
    const [, user, pass] = /account: (claire\.martin@maquette\.test), password: (\S+) /.exec(upSaid) ?? []
    const ca = readFileSync(/the lab's authority: (\S+)/.exec(upSaid)![1]!, "utf8")
    const client = new ImapFlow({ host: "127.0.0.1", port: Number(port), secure: true, auth: { user: user!, pass: pass! }, tls: { ca, servername: servername! }, logger: false })
    await client.connect()
    expect((await client.mailboxOpen("INBOX")).exists).toBeGreaterThanOrEqual(0)
    await client.logout()
  })

  test("a command is run in the node that is named, and its exit code is the command's", async () => {
    const said = await recette("lab", "shell", mockUp.name, "relay2", "--", "sh", "-c", "postconf -h myhostname; exit 7")
    expect(said).toMatchObject({ code: 7, stdout: expect.stringContaining("relais2.maquette.test\n") as string })
  })

  test.each([
    ["an unknown lab", ["lab", "shell", "nowhere", "edge"], /There is no lab nowhere\n {2}where: the command line\n {2}what to do: use one of .*maquette-/],
    ["an unknown node", ["lab", "shell", "maquette", "postfix"], /The lab has no node postfix\n {2}where: run \S+\n {2}what to do: use one of dns, internet, generator, mariadb, dovecot, edge, relay1, relay2/],
    ["a lab to end that is not named", ["lab", "down"], /Which lab is to end is not said.*\n {2}where: the command line\n {2}what to do: name one/],
  ])("%s is an error that says what, where and what to do", async (_, words, says) => {
    expect(await recette(...words)).toMatchObject({ code: 2, stderr: expect.stringMatching(says) as string })
  })
})

describe("the page of a lab", () => {
  test.each([[1280, "light", "en"], [1280, "dark", "fr"], [360, "light", "fr"], [360, "dark", "en"]] as const)("axe finds nothing at %i px, %s, %s, and nothing is cut off", async (width, colorScheme, lang) => {
    await using shown = await show(`?lang=${lang}#node-edge`, { width, colorScheme })
    await shown.page.locator("#node-edge .state", { hasText: lang === "fr" ? "en marche" : "running" }).waitFor()
    await shown.page.evaluate(axe.source)
    const { violations, passes } = await shown.page.evaluate("axe.run()") as AxeResults
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([])
    expect(passes.length).toBeGreaterThan(20)
    expect(await shown.page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width)
    expect(shown.asked.filter((url) => !url.startsWith(mockUp.page!))).toEqual([])
  })

  test("by keyboard alone: the skip link first, then to a server on the map, whose part opens and has the focus", async () => {
    await using shown = await show("?lang=en", { width: 1280, colorScheme: "light" })
    const { page } = shown
    await page.keyboard.press("Tab")
    expect(await page.locator(":focus").textContent()).toBe("Skip to the map")
    await page.keyboard.press("Enter")
    const passed: string[] = []
    for (let stop = 0; stop < 8 && passed.at(-1) !== "#node-relay1"; stop += 1) {
      await page.keyboard.press("Tab")
      passed.push(await page.locator(":focus").getAttribute("href") ?? "")
    }
    expect(passed.at(-1)).toBe("#node-relay1")
    await page.keyboard.press("Enter")
    expect(await page.locator(":focus").textContent()).toBe("relay1")
    expect(await page.locator("#nodes > .node:visible").evaluateAll((parts) => parts.map(({ id }) => id))).toEqual(["node-relay1"])
  })

  test("a server that is stopped, frozen and started again is shown so, in words, without a reload", async () => {
    await using shown = await show("?lang=en", { width: 1280, colorScheme: "light" })
    const relay = new StartedInsideContainer(handleOf(mockUp), "relay1")
    const box = shown.page.locator(".map.across [data-node=relay1] .state")
    await box.filter({ hasText: "running" }).waitFor()
    await relay.stop()
    await box.filter({ hasText: "■ stopped" }).waitFor({ timeout: 10_000 })
    expect(await shown.page.locator("#change").textContent()).toContain("relay1 ■ stopped")
    await relay.startAgain()
    await box.filter({ hasText: "● running" }).waitFor({ timeout: 25_000 })
    await relay.pause()
    await box.filter({ hasText: "◊ frozen" }).waitFor({ timeout: 10_000 })
    await relay.resume()
    await box.filter({ hasText: "● running" }).waitFor({ timeout: 25_000 })
  })

  test("a server that runs and whose readiness check fails is shown as silent, with the check's own words", async () => {
    await using shown = await show("?lang=en#node-mariadb", { width: 1280, colorScheme: "light" })
    const database = new StartedInsideContainer(handleOf(mockUp), "mariadb")
    await database.run(["mv", "/run/mysqld/schema-applied", "/run/mysqld/schema-hidden"])
    await shown.page.locator("#node-mariadb .state", { hasText: "▲ silent" }).waitFor({ timeout: 45_000 })
    expect(await shown.page.locator("#node-mariadb .detail").textContent()).toBe("the release's SQL is not applied yet")
    await database.run(["mv", "/run/mysqld/schema-hidden", "/run/mysqld/schema-applied"])
    await shown.page.locator("#node-mariadb .state", { hasText: "● running" }).waitFor({ timeout: 15_000 })
  })

  test("mail that waits is counted on the map, and the count goes back once it has left", async () => {
    await using shown = await show("?lang=en#node-edge", { width: 1280, colorScheme: "light" })
    const handle = handleOf(mockUp)
    const [edge, boxes] = [new StartedPostfixContainer(handle, "edge"), new StartedInsideContainer(handle, "dovecot")]
    await boxes.stop()
    await edge.run(["sendmail", "-f", "essai@example.test", "karim.benali@maquette.test"], { input: "Subject: essai\n\nessai\n" })
    await shown.page.locator("#node-edge [data-queue-of=edge]", { hasText: /^1 \((deferred|active) 1\)$/ }).waitFor({ timeout: 15_000 })
    expect(await shown.page.locator(".map.across [data-node=edge] .queue").textContent()).toBe("1 queued")
    await boxes.startAgain()
    await shown.page.locator("#node-edge [data-queue-of=edge]", { hasText: /^empty$/ }).waitFor({ timeout: 30_000 })
  })

  test("what a stranger makes a server log stays text", async () => {
    const hostile = `<script>alert(1)</script><img src=x onerror=alert(2)>`
    await sayTo(new StartedPostfixContainer(handleOf(mockUp), "edge").endpointFor("smtp"), ["EHLO client.internet.test", "MAIL FROM:<>", `RCPT TO:<"${hostile}"@maquette.test>`])
    await using shown = await show("?lang=en#node-edge", { width: 1280, colorScheme: "light" })
    await shown.page.locator("#node-edge .log", { hasText: hostile }).waitFor({ timeout: 15_000 })
    expect(shown.dialogs).toEqual([])
    expect(await shown.page.locator(".log *, img").count()).toBe(0)
  })

  test("no password is on it", async () => {
    const secrets = Object.values(JSON.parse(readFileSync(handleOf(mockUp).secretsFile, "utf8")) as Record<string, string>)
    await using shown = await show("?lang=en", { width: 1280, colorScheme: "light" })
    const html = await shown.page.content()
    expect(secrets.filter((secret) => html.includes(secret))).toEqual([])
    expect(secrets.length).toBeGreaterThan(3)
  })
})

describe("two labs side by side", () => {
  test("are both up, each with a page of its own; one goes and leaves nothing, and the other stays as it is", async () => {
    confinement = (await up("confinement/2026.1")).lab
    const before = (await status()).find(({ name }) => name === mockUp.name)!
    for (const lab of [before, confinement]) expectUp(lab)
    expect(confinement.page).not.toBe(mockUp.page)

    expect(await recette("lab", "down", confinement.name)).toMatchObject({ code: 0, stdout: expect.stringContaining(`${confinement.name} is down, nothing of it is left\n`) as string })
    expect(await leftovers(confinement.owner, confinement.run, agent)).toEqual(nothing)
    const after = (await status()).filter(({ folder: run }) => run.startsWith(folder))
    expect(after.map(({ name }) => name)).toEqual([mockUp.name])
    expect(after[0]!.nodes.map(({ name, state, address }) => ({ name, state, address }))).toEqual(before.nodes.map(({ name, state, address }) => ({ name, state, address })))
    confinement = undefined
  })
})

describe("the end", () => {
  test("a lab that is starting ends with the command that starts it, even where that is killed", async () => {
    const out = mkdtempSync(join(folder, "starting-"))
    const command = FrontDoorProcess.recette(["lab", "up", "confinement/2026.1", "--out", out])
    await command.says(/a network namespace for each node: /)
    const { owner, run } = JSON.parse(readFileSync(join(out, runIn(out)!, "kept-lab.json"), "utf8")) as KeptLabNote
    command.kill()
    await expect.poll(() => leftovers(owner.pid, run, agent), { timeout: 30_000, interval: 1_000 }).toEqual(nothing)
    expect(startTicks(owner.pid)).not.toBe(owner.startTicks)
  })

  test("a lab whose owner was killed is said to be dead, and down removes what it left", async () => {
    process.kill(mockUp.owner, "SIGKILL")
    await expect.poll(async () => (await status()).find(({ name }) => name === mockUp.name)?.state, { timeout: 20_000 }).toBe("dead")
    expect(await recette("lab", "down", mockUp.name)).toMatchObject({ code: 0, stdout: expect.stringContaining(`the owner of ${mockUp.name} was dead; what it left is removed\n`) as string })
    expect(await leftovers(mockUp.owner, mockUp.run, agent)).toEqual(nothing)
  })
})

function expectUp({ state, nodes }: LabStatus): void {
  expect(state).toBe("up")
  expect(nodes.map((node) => `${node.name} ${node.state}`).filter((one) => !one.endsWith(" running"))).toEqual([])
}

/** The page in a context of its own, closed by `await using`. axe is let in past the page's policy. */
async function show(place: string, { width, colorScheme }: { width: number; colorScheme: "light" | "dark" }) {
  const context = await browser.browser.newContext({ bypassCSP: true, colorScheme, viewport: { width, height: 800 } })
  const page: Page = await context.newPage()
  const dialogs: string[] = []
  const asked: string[] = []
  page.on("dialog", (dialog) => { dialogs.push(dialog.message()); void dialog.dismiss() })
  page.on("request", (request) => { if (!request.url().startsWith("data:")) asked.push(request.url()) })
  await page.goto(`${mockUp.page}${place}`)
  return { page, dialogs, asked, [Symbol.asyncDispose]: () => context.close() }
}
