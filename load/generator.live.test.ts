import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { StartedDovecotContainer } from "../lab/dovecot.ts"
import { eventually } from "../lab/eventually.ts"
import { StartedGeneratorContainer, type ProfileOutcome } from "../lab/generator.ts"
import { LivingLab } from "../lab/living-lab.ts"
import { StartedMariaDbContainer } from "../lab/mariadb.ts"
import { postfixServices, StartedPostfixContainer } from "../lab/postfix.ts"

// k6/x/mail against the servers that it is made for: Postfix with PIPELINING and CHUNKING, AUTH over STARTTLS, Dovecot's
// LMTP. What it says was accepted must lie in the mailboxes, once and unaltered, whichever way it went.

const profile = "real-servers"
const accounts = ["anne.generator", "bob.generator"].map((name) => ({ address: `${name}@education.test`, password: "motdepasse-generator" }))
const nobody = "nobody.generator@education.test"
/** What send(mixed), send(none), send(large), sendBatch(turns, 6), sendBatch(large, 3) of the profile come to. */
const expected = [[2, 1], [0, 1], [1, 0], [4, 2], [3, 0]]

interface Way { way: string; said: { accepted: number; refused: number; error: string }[] }

let lab: LivingLab
let folder: string
let outcome: ProfileOutcome
let ways: Way[]

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "recette-generator-"))
  lab = await LivingLab.start()
  const { handle } = lab
  const mariadb = new StartedMariaDbContainer(handle)
  for (const account of accounts) await mariadb.createMailbox(account)
  await mariadb.close()
  outcome = await new StartedGeneratorContainer(handle).runProfile({
    name: profile, folder, secondsMax: 240, messagesMax: 200,
    files: { [`${profile}.k6.ts`]: readFileSync(join(import.meta.dirname, `${profile}.k6.ts`), "utf8") },
    env: {
      EDGE: handle.nodes["postfix"]!.hostname, SUBMISSION: String(postfixServices.submission),
      MAILBOXES: handle.nodes["dovecot"]!.hostname, NAME: handle.nodes["generator"]!.hostname,
      RECIPIENTS: accounts.map(({ address }) => address).join(","), NOBODY: nobody, PASSWORD: accounts[0]!.password,
      SENDER: "sender@generator.example.test", RUN: handle.run,
    },
  })
  ways = [...readFileSync(join(outcome.folder, "k6.log"), "utf8").matchAll(/way (\{.*\})" source=console/g)]
    .map(([, json]) => JSON.parse(json!.replaceAll('\\"', '"').replaceAll("\\\\", "\\")) as Way)
}, 900_000)

afterAll(async () => {
  await lab?.end()
  rmSync(folder, { recursive: true, force: true })
})

test("every way gives the same answers", () => {
  expect(outcome.ending).toBe("passed")
  expect(ways).toHaveLength(12)
  expect(ways.map(({ way, said }) => [way, said.map(({ accepted, refused }) => [accepted, refused])]))
    .toEqual(ways.map(({ way }) => [way, expected]))
  for (const { said } of ways) expect(said[1]!.error).toMatch(/^rcpt: 550 5\.1\.1 /)
})

test("what was accepted is in the mailboxes, once and unaltered", async () => {
  const postfix = new StartedPostfixContainer(lab.handle)
  await eventually("the edge's queue is empty", async () => (await postfix.queue()).length === 0, { withinMs: 60_000 })

  const dovecot = new StartedDovecotContainer(lab.handle)
  const boxes = accounts.map(({ address }) => `/var/mail/vhosts/education.test/${address.split("@")[0]}`)
  const texts = await dovecot.run(["sh", "-c", `find "$@" -type f -path "*/new/*" -exec sed -n "/^X-Recette-Id: /p; /^\\.$/p; /^\\.a line/p" {} +`, "sh", ...boxes])
  const ids = texts.match(/^X-Recette-Id: \S+/gm) ?? []

  const accepted = expected.reduce((sum, [count]) => sum + count!, 0) * ways.length
  expect(ids).toHaveLength(accepted)
  expect(texts.match(/^\.\r?$/gm)).toHaveLength(accepted)
  expect(texts.match(/^\.a line that begins with a dot\r?$/gm)).toHaveLength(accepted)
})

const endless = { "endless.k6.ts": 'import { sleep } from "k6"\nexport const options = { vus: 1, duration: "60s" }\nexport default () => sleep(0.2)\n' }

test("a profile that runs out of its time ends so each time, and leaves its summary", async () => {
  const endings: string[] = []
  for (let turn = 0; turn < 5; turn += 1) {
    const { ending } = await new StartedGeneratorContainer(lab.handle).runProfile({ name: "endless", folder, secondsMax: 2, messagesMax: 1, files: endless })
    endings.push(ending)
  }
  expect(endings).toEqual(["time", "time", "time", "time", "time"])
})

test("says meanwhile how many it has sent, and leaves k6's dashboard as one page that needs nothing else", async () => {
  const generator = new StartedGeneratorContainer(lab.handle)
  const running = generator.runProfile({ name: "endless", folder, secondsMax: 8, messagesMax: 1, files: endless, dashboard: true })
  await eventually("some were sent", async () => await generator.begun("endless") >= 5, { withinMs: 30_000, everyMs: 500 })
  const page = readFileSync(join((await running).folder, "dashboard.html"), "utf8")
  expect(page.length).toBeGreaterThan(50_000)
  expect(page).not.toMatch(/(src|href)="https?:/)
  expect(await generator.begun("endless")).toBe(0)
})
