import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { eventually } from "../lab/eventually.ts"
import { deliveryMsMax } from "./scene.ts"
import { expect, test } from "./test.ts"
import { webRoot } from "./visitor.ts"

// Who is let in to the lists' web interface, and what becomes of passwords, sessions and traces.

test("who has a password is let in, and nobody else",
  { meta: { requirements: ["LST-60", "LST-61"] } }, async ({ scene }) => {
    const [agent, unknown] = scene.people("ac-lyon.test", 2)
    const account = await scene.webAccount(agent!.address)
    const [visitor, stranger] = [await scene.visitor({ scripts: true }), await scene.visitor()]

    for (const [address, password] of [[account.address, "motdepasse-faux"], [unknown!.address, account.password],
      [account.address, account.password.toUpperCase()], [account.address, ""]]) {
      await stranger.triesToLogIn(address!, password!)
      expect(await stranger.isLoggedIn(), `${address} with "${password}"`).toBe(false)
    }
    await visitor.triesToLogIn(account.address, account.password)

    expect(await visitor.isLoggedIn(), "the right password").toBe(true)
    await stranger.opens("/my")
    expect(await stranger.isLoggedIn(), "another browser").toBe(false)
  })

test("after too many wrong passwords even the right one is refused",
  { meta: { requirements: ["LST-87"] } }, async ({ scene }) => {
    const wrongAttemptsMax = await scene.bound("LST-87", "wrongAttemptsMax")
    const account = await scene.webAccount(scene.people("ac-nice.test")[0]!.address)
    const stranger = await scene.visitor()
    await stranger.opens("/login")

    for (let attempt = 0; attempt <= wrongAttemptsMax; attempt += 1) {
      await stranger.requests("", { action: "login", submit: "submit", email: account.address, passwd: `faux-${attempt}` })
    }
    await stranger.triesToLogIn(account.address, account.password)

    expect(await stranger.isLoggedIn()).toBe(false)
  })

test("a first password is chosen by a link that only its owner is sent, and that works once",
  { meta: { requirements: ["LST-62", "LST-86"] } }, async ({ scene, lab }) => {
    const owner = await scene.account(scene.address("agent"))
    const [visitor, thief] = [await scene.visitor(), await scene.visitor()]
    const password = `Choisi-${scene.token}`

    await visitor.opens("/firstpasswd")
    await visitor.fills(/adresse e-?mail/i, owner.address)
    await visitor.presses(/mot de passe/i)
    await visitor.presses("Confirmer")
    const mail = await scene.receives(owner, "a link to choose a password", ({ raw }) => /\/ticket\//.test(raw))
    const link = /https:\S+\/ticket\/\w+/.exec(mail.parsed.text ?? "")?.[0] ?? ""
    await visitor.opens(link)
    await visitor.fills(/nouveau mot de passe/i, password)
    await visitor.page.getByLabel(/nouveau mot de passe/i).nth(1).fill(password)
    await visitor.presses(/valider|soumettre|envoyer/i)
    await thief.opens(link)

    expect(await thief.isLoggedIn(), "the link, opened again by somebody else").toBe(false)
    await thief.triesToLogIn(owner.address, password)
    expect(await thief.isLoggedIn(), "the password that was chosen").toBe(true)
    await expect(scene).toHaveTouchedNobodyBut([owner.address])
    const rows = await lab.mariadb.query<{ kept: string }>(
      "SELECT password_user AS kept FROM sympa.user_table WHERE email_user = ?", [owner.address])
    expect(rows.map(({ kept }) => kept), "what the database keeps of it").toEqual([expect.stringMatching(/^\$2a?\$1\d\$[./\w]{53}$/)])
  })

test("a session's cookie stays on this host, out of scripts and off unencrypted connections",
  { meta: { requirements: ["LST-82"] } }, async ({ scene }) => {
    const visitor = await scene.loggedIn(scene.people("ac-paris.test")[0]!.address)

    const cookies = await visitor.context.cookies()

    expect(cookies.length).toBeGreaterThan(0)
    for (const { name, secure, httpOnly, domain } of cookies) {
      expect({ secure, httpOnly, domain }, name).toEqual({ secure: true, httpOnly: true, domain: "listes.education.test" })
    }
  })

test("who has logged out is out, with an older copy of the cookie too",
  { meta: { requirements: ["LST-84"] } }, async ({ scene }) => {
    const { address } = scene.people("ac-bordeaux.test")[0]!
    const visitor = await scene.loggedIn(address)
    const cookies = await visitor.context.cookies()
    const thief = await scene.visitor()
    await thief.context.addCookies(cookies)
    await thief.opens("/my")
    expect(await thief.isLoggedIn(), "the cookie is what lets in").toBe(true)

    await visitor.opens("/my")
    await visitor.presses("Déconnexion")

    await thief.context.addCookies(cookies)
    for (const person of [visitor, thief]) {
      await person.opens("/my")
      expect(await person.isLoggedIn()).toBe(false)
    }
  })

test("an unencrypted request gets nothing but the way to the encrypted page",
  { meta: { requirements: ["LST-83"] } }, async ({ scene }) => {
    const visitor = await scene.visitor()
    const answers: { url: string; status: number; headers: Record<string, string>; protocol: string }[] = []
    visitor.page.on("response", (response) => void response.securityDetails().then((details) => answers.push(
      { url: response.url(), status: response.status(), headers: response.headers(), protocol: details?.protocol ?? "none" })))

    const status = await visitor.opens(webRoot.replace("https:", "http:") + "/lists")

    expect(status).toBe(200)
    expect(visitor.page.url()).toBe(`${webRoot}/lists`)
    const page = await eventually("the answers are known", async () => answers.find(({ url }) => url === `${webRoot}/lists`), { withinMs: deliveryMsMax })
    expect(page.protocol).toMatch(/^TLS 1\.[23]$/)
    expect(page.headers["strict-transport-security"] ?? "", "browsers come encrypted from then on").toMatch(/max-age=[1-9]\d{5,}/)
    for (const { url, status: other } of answers.filter((answer) => answer.url.startsWith("http:"))) expect(other, url).toBe(301)
  })

test("the web server writes down which action was asked for, and no address or ticket",
  { meta: { requirements: ["LST-85"] } }, async ({ scene, lab }) => {
    const { address } = scene.people("ac-lyon.test")[0]!
    const visitor = await scene.visitor()

    await visitor.opens(`/firstpasswd?email=${encodeURIComponent(address)}`)
    await visitor.opens(`/ticket/12345678901234?email=${address}`)
    await visitor.opens(`/signoff/${scene.token}?email=${address}`)
    await visitor.opens(webRoot.replace("/sympa", `/marque-${scene.token}`))

    const lines = await eventually("the web server's log has the last request", async () => {
      const log = await readFile(join(lab.handle.resultsFolder, "logs", "sympa.log"), "utf8")
      return log.includes(`/marque-${scene.token}`) && log.split("\n").filter((line) => / nginx: /.test(line))
    }, { withinMs: deliveryMsMax })
    const requests = lines.filter((line) => /"(GET|POST) /.test(line))
    expect(requests.some((line) => line.includes('"GET /sympa/ticket"')), "the action is there").toBe(true)
    expect(requests.filter((line) => /@|%40|[?&]|\/\d{10,}/.test(line))).toEqual([])
  })
