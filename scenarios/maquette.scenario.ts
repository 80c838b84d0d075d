import { relayNames } from "./mock-up-scene.ts"
import { expect, test } from "./mock-up-test.ts"
import { SmtpDialog } from "./smtp-dialog.ts"

// The shipped architecture of the mock-up platform: an edge, two relays of equal rank, mailboxes. One that a team composes
// has suites of its own.

test("on the mock-up, a message from outside is read by IMAP in its mailbox, and is in no other",
  { meta: { requirements: ["ROU-26"] } }, async ({ scene }) => {
    const [agent, colleague] = [await scene.account(), await scene.account()]

    const id = await scene.fromOutside(scene.stranger(), [agent.address])
    const other = await scene.fromOutside(scene.stranger(), [colleague.address])

    await scene.reads(agent, id)
    await scene.reads(colleague, other)
    await scene.settle()
    expect((await scene.kept(id)).map(({ address }) => address)).toEqual([agent.address])
    expect((await scene.kept(other)).map(({ address }) => address)).toEqual([colleague.address])
  })

test("on the mock-up, a submitted message for elsewhere gets there once, from a relay, and nobody else gets it",
  { meta: { requirements: ["ROU-22"] } }, async ({ scene }) => {
    const agent = await scene.account()
    const stranger = scene.stranger()

    const id = await scene.submit(agent, [stranger])

    const [copy] = await scene.taken(id)
    await scene.settle()
    expect(scene.relayAddresses).toContain(copy!.clientAddress)
    expect((await scene.gotOut()).map(({ recipient, sender }) => ({ recipient, sender })), "elsewhere").toEqual([{ recipient: stranger, sender: agent.address }])
    expect(await scene.kept(id), "in mailboxes").toEqual([])
  })

test("on the mock-up, a stranger gets nothing relayed, by the edge nor by a relay",
  { meta: { requirements: ["ROU-02"] } }, async ({ scene }) => {
    const [agent, victim] = [await scene.account(), scene.stranger()]
    const [local, domain] = [victim.slice(0, victim.indexOf("@")), victim.slice(victim.indexOf("@") + 1)]
    const forms = [victim, `@maquette.test:${victim}`, `${local}%${domain}@maquette.test`, `"${victim}"@maquette.test`, `${domain}!${local}`]

    const replies: string[] = []
    for (const server of ["edge", ...relayNames]) {
      for (const sender of [scene.stranger(), agent.address, ""]) {
        const dialog = await SmtpDialog.open(scene.server(server).endpointFor("smtp"))
        await dialog.say("EHLO client.internet.test")
        for (const form of forms) {
          await dialog.say(`MAIL FROM:<${sender}>`)
          const { code, text } = await dialog.say(`RCPT TO:<${form}>`)
          if (code < 500) replies.push(`${server} from <${sender}> to <${form}>: ${code} ${text}`)
          await dialog.say("RSET")
        }
        dialog.close()
      }
    }

    expect(replies).toEqual([])
    await scene.settle()
    expect(await scene.gotOut()).toEqual([])
  })

test("on the mock-up, submission takes no message without a login, for elsewhere nor for a mailbox",
  { meta: { requirements: ["ROU-06"] } }, async ({ scene }) => {
    const agent = await scene.account()
    const server = scene.server()
    const dialog = await SmtpDialog.open(server.endpointFor("submission"))
    await dialog.say("EHLO client.internet.test")
    await dialog.say("STARTTLS")
    expect(await dialog.startTls(server.smtpFor().tls)).toBeUndefined()
    await dialog.say("EHLO client.internet.test")

    const codes: number[] = []
    for (const recipient of [scene.stranger(), agent.address]) {
      await dialog.say(`MAIL FROM:<${scene.stranger()}>`)
      codes.push((await dialog.say(`RCPT TO:<${recipient}>`)).code, (await dialog.say("DATA")).code)
      await dialog.say("RSET")
    }
    dialog.close()

    expect(codes.filter((code) => code < 500), "taken").toEqual([])
    const proof = await scene.submit(agent, [agent.address])
    await scene.reads(agent, proof)
  })

test("on the mock-up, mail for elsewhere is shared between the relays",
  { meta: { requirements: ["REL-41"] } }, async ({ scene }) => {
    const agent = await scene.account()
    // One after the other: of many at once, several go over one connection. That all of 20 take one way by chance happens
    // twice in a million.
    const messages = 20

    const from: string[] = []
    for (let sent = 0; sent < messages; sent += 1) from.push((await scene.taken(await scene.submit(agent, [scene.stranger()])))[0]!.clientAddress)

    const shares = scene.relayAddresses.map((address) => from.filter((one) => one === address).length)
    scene.observe(`of ${messages} messages: ${relayNames.map((name, index) => `${name} ${shares[index]}`).join(", ")}`)
    expect(shares.filter((share) => share === 0), shares.join(" and ")).toEqual([])
    expect(shares.reduce((sum, share) => sum + share, 0), "by a relay").toBe(messages)
  })

test("on the mock-up, with either relay down mail for elsewhere goes by the other one, once",
  { meta: { requirements: ["REL-40"], mode: "exclusive" }, concurrent: false }, async ({ scene, onTestFinished }) => {
    const agent = await scene.account()
    const withinMs = await scene.bound("REL-40", "deliveryMsMax")
    const messages = 6
    for (const [index, name] of relayNames.entries()) {
      const relay = scene.server(name)
      let isDown = true
      await relay.stop()
      onTestFinished(async () => { if (isDown) await relay.startAgain() })

      const strangers = Array.from({ length: messages }, () => scene.stranger())
      const ids = await Promise.all(strangers.map((stranger) => scene.submit(agent, [stranger])))
      const copies = (await Promise.all(ids.map((id) => scene.taken(id, 1, withinMs)))).flat()

      expect([...new Set(copies.map(({ clientAddress }) => clientAddress))], `${name} is down`).toEqual([scene.relayAddresses[1 - index]])
      expect(copies.map(({ recipient }) => recipient).sort()).toEqual([...strangers].sort())
      await relay.startAgain()
      isDown = false
    }
    await scene.settle()
    expect(await scene.gotOut()).toHaveLength(messages * relayNames.length)
  })
