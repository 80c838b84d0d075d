import { readFileSync } from "node:fs"
import { join } from "node:path"
import { eventually } from "../lab/eventually.ts"
import { AntispamOperator } from "./antispam-operator.ts"
import { program, sendHeld } from "./quarantine.ts"
import type { Services } from "./services.ts"
import { expect, test } from "./test.ts"

// What happened to this message, and why? And what the antispam does not remember.

const virus = `debut RECETTE-SYNTHETIC${"-VIRUS-SIGNATURE"} fin`
const logOf = ({ handle }: Services, node: string) => readFileSync(join(handle.resultsFolder, "logs", `${node}.log`), "utf8")

/** The edge's own name for a message as it last came, out of its log, where an operator looks for it. */
async function queueIdOf(lab: Services, messageId: string): Promise<string> {
  return eventually(`the edge's log names ${messageId}`, async () =>
    logOf(lab, "postfix").split("\n").flatMap((line) => line.includes(`message-id=${messageId}`) ? [/cleanup\[\d+\]: (\w+): /.exec(line)?.[1] ?? ""] : []).at(-1),
  { withinMs: 5_000 })
}

test("an operator finds by Message-ID and by queue id what was decided of a message, and why",
  { meta: { requirements: ["SPM-26"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dgrh")
    const operator = new AntispamOperator(lab)
    const from = scene.stranger()
    const to = [owner.address]

    const mails = [
      await scene.send({ from, to, text: `Bonjour ${scene.token}\n` }), await scene.send({ from, to, text: `${virus}\n` }),
      await sendHeld(scene, { from, to, text: `Voyez ${scene.token}\n`, attachments: [program()] }),
    ]

    const found = await Promise.all(mails.map(async ({ messageId }) => {
      const [byMessage, byQueue] = await Promise.all([operator.judgements(messageId), queueIdOf(lab, messageId).then((id) => operator.judgements(id))])
      // What was put off has a row, and a queue id, for each time that it came.
      expect(byQueue, messageId).toEqual([byMessage[0]])
      return byMessage[0]!
    }))
    expect(found.map(({ action }) => action)).toEqual(["no action", "reject", "add header"])
    expect(found[1]!.symbols["CLAM_VIRUS"]?.options?.join()).toContain("Recette.Synthetic")
    expect(found[2]!.symbols).toHaveProperty("HELD_ATTACHMENT")
    for (const { score, symbols } of found) expect([typeof score, Object.keys(symbols).length > 3]).toEqual(["number", true])
  })

test("neither history nor log of the antispam holds the subject or the text of a message",
  { meta: { requirements: ["SPM-27"] } }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dsi")
    const operator = new AntispamOperator(lab)
    const words = ["objet", "texte", "fichier"].map((part) => `secret${part}${scene.token}`)

    const mails = await Promise.all([scene.stranger(), owner].map((from) => scene.send({
      from, to: [owner.address], subject: `Votre ${words[0]}`, text: `Bonjour, ${words[1]}\n`, attachments: [{ filename: `${words[2]}.txt`, content: `${words[1]}` }],
    })))

    for (const mail of mails) await expect(mail).toHaveReachedExactly(scene, [owner.address])
    const rows = (await Promise.all(mails.map(({ messageId }) => operator.judgements(messageId)))).flat()
    expect(rows).toHaveLength(2)
    for (const word of words) {
      expect(JSON.stringify(rows)).not.toContain(word)
      expect(logOf(lab, "rspamd")).not.toContain(word)
    }
    expect(logOf(lab, "rspamd"), "the log knows the message").toContain(mails[0]!.messageId)
  })

test("the history is read with a password, and nothing is learned with the one that reads",
  { meta: { requirements: ["SPM-27"] } }, async ({ lab }) => {
    const operator = new AntispamOperator(lab)
    const spam = "Subject: essai\r\n\r\nessai\r\n"

    const asked = await Promise.all([
      ...["/history", "/stat", "/errors"].map((path) => operator.ask(path, { password: "" })), operator.ask("/history", { password: "autre" }),
      operator.ask("/learnspam", { body: spam }), operator.ask("/historyreset"),
    ])
    const own = await operator.ask("/history")

    expect(own.status).toBe(200)
    for (const { status, text } of asked) expect([401, 403], text).toContain(status)
  })

test("rows of the history go once they are older than declared, and younger ones stay",
  { meta: { requirements: ["SPM-27"] } }, async ({ scene, lab }) => {
    const days = await scene.bound("SPM-27", "historyDays")
    const owner = await scene.office("ce.securite")
    const operator = new AntispamOperator(lab)
    const mail = await scene.send({ from: owner, to: [owner.address] })
    const [row] = await operator.judgements(mail.messageId)
    const key = (await lab.rspamd.run(["redis-cli", "--scan", "--pattern", "history.*"])).trim()
    const aged = (daysAgo: number, mark: string) => lab.rspamd.run(["redis-cli", "-x", "RPUSH", key],
      { input: JSON.stringify({ ...row, "message-id": `${mark}.${scene.token}`, unix_time: row!.unix_time - daysAgo * 86_400 }) })

    await aged(days - 1, "recent")
    await aged(days + 1, "ancien")
    await lab.rspamd.run(["/etc/rspamd/history-expire"])

    const left = (await operator.history()).map(({ "message-id": id }) => id)
    expect(left).toContain(`recent.${scene.token}`)
    expect(left).toContain(row!["message-id"])
    expect(left).not.toContain(`ancien.${scene.token}`)
  })

test("statistics count each message by what was decided of it, and say what was learned",
  { meta: { requirements: ["SPM-28"], mode: "exclusive" }, concurrent: false }, async ({ scene, lab }) => {
    const owner = await scene.office("ce.dgesco")
    const operator = new AntispamOperator(lab)
    const before = await operator.statistics()

    const clean = await scene.send({ from: scene.stranger(), to: [owner.address] })
    const infected = await scene.send({ from: scene.stranger(), to: [owner.address], text: `${virus}\n` })
    await operator.judgements(infected.messageId)
    const after = await operator.statistics()

    expect(clean).toHaveBeenTaken()
    expect(infected).toHaveBeenRefused()
    const grown = (action: string) => after.actions[action]! - before.actions[action]!
    expect([after.scanned - before.scanned, grown("no action"), grown("reject"), grown("add header")]).toEqual([2, 1, 1, 0])
    for (const { symbol, revision } of after.statfiles) expect(revision, symbol).toBeGreaterThan(100)
    expect(after.statfiles.map(({ symbol }) => symbol).sort()).toEqual(["BAYES_HAM", "BAYES_SPAM"])
  })
