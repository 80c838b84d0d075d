import type { BrowserContext, Page } from "playwright-core"
import type { Credentials } from "../lab/dovecot.ts"
import { ClaimFailed } from "./claim-failed.ts"
import type { Services } from "./services.ts"

/** Where the lists' web interface is. */
export const webRoot = "https://listes.education.test/sympa"
/** Longest wait for one page, or for what should be on it, in ms. */
const pageMsMax = 25_000
/** What only serves the look of a page. */
const decoration = ["*.css", "*.js", "*.js?*", "*.png", "*.woff2", "*.woff", "*.otf", "*.ttf"]
/** A page is read as soon as its text is there: style and scripts come to whoever presses a button. */
const waitUntil = "domcontentloaded"
/** Longest text of a page in an error. */
const excerptMax = 300

/** What a request got that was made beside the page, with its session. */
export interface WebAnswer { status: number; text: string }

/**
 * Somebody at a browser inside the lab, with cookies of their own: finds things by role, label and text, as a person does.
 * What the page does not offer is a failed claim; a web server that is gone is a failing lab.
 */
export class Visitor {
  readonly page: Page
  readonly context: BrowserContext
  private readonly services: Services
  private constructor(services: Services, context: BrowserContext, page: Page) {
    this.services = services
    this.context = context
    this.page = page
  }

  /** `scripts`: with JavaScript and style. Everything works without, as for who reads text alone, at half the cost. */
  static async come(services: Services, { scripts }: { scripts: boolean }): Promise<Visitor> {
    const browser = await services.browser()
    // As a person's browser names itself: what calls itself headless is a crawler to Sympa 6.2.76, and gets no session.
    const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`
    const context = await browser.newContext({ locale: "fr-FR", javaScriptEnabled: scripts, userAgent })
    context.setDefaultTimeout(pageMsMax)
    const page = await context.newPage()
    if (!scripts) {
      const protocol = await context.newCDPSession(page)
      await protocol.send("Network.enable")
      await protocol.send("Network.setBlockedURLs", { urls: decoration })
    }
    return new Visitor(services, context, page)
  }

  /** Opens a page: an absolute address, or a path below the web interface such as `/lists`. Returns the HTTP status. */
  async opens(place: string): Promise<number> {
    const url = place.startsWith("http") ? place : webRoot + place
    const response = await this.tries(`open ${url}`, () => this.page.goto(url, { waitUntil }))
    return response?.status() ?? 0
  }

  async fills(label: string | RegExp, text: string): Promise<void> {
    await this.tries(`fill in ${label}`, () => this.page.getByLabel(label).first().fill(text))
  }

  /** Ticks the box of the row of a table that holds this text. */
  async ticksRow(text: string): Promise<void> {
    await this.tries(`tick the row of ${text}`, () => this.page.getByRole("row").filter({ hasText: text }).getByRole("checkbox").check())
  }

  /** Presses a button and waits for the page that it leads to. */
  async presses(name: string | RegExp): Promise<void> {
    await this.arrives(`press ${name}`, () => this.page.getByRole("button", { name }).first().click())
  }

  /** Follows a link and waits for the page that it leads to. */
  async follows(name: string | RegExp): Promise<void> {
    await this.arrives(`follow ${name}`, () => this.page.getByRole("link", { name }).first().click())
  }

  /** Whether the page offers a button or a link of that name now. */
  async isOffered(name: string | RegExp): Promise<boolean> {
    const { page } = this
    return await page.getByRole("button", { name }).or(page.getByRole("link", { name })).count() > 0
  }

  /** The text of the page as a person reads it. */
  async reads(): Promise<string> {
    return this.tries("read the page", () => this.page.locator("body").innerText())
  }

  /** All that the page holds, shown or not. */
  async source(): Promise<string> {
    return this.tries("read the source of the page", () => this.page.content())
  }

  /** Logs in by the form. Whether it worked is for the caller to claim. */
  async triesToLogIn(address: string, password: string): Promise<void> {
    await this.opens("/login")
    await this.fills(/adresse e-?mail/i, address)
    await this.fills(/mot de passe/i, password)
    await this.presses(/valider/i)
  }

  /** Logs in by the request that the form makes, without its pages: what each of them says is claimed elsewhere. */
  async logsIn({ address, password }: Credentials): Promise<void> {
    await this.opens(new URL("/static-sympa/icons/favicon_sympa.png", webRoot).href)
    const form = { action: "login", submit: "submit", email: address, passwd: password }
    const hasMovedOn = await this.tries(`log in as ${address}`, () => this.page.evaluate(async ({ url, fields }) =>
      (await fetch(url, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" })).type === "opaqueredirect",
    { url: webRoot, fields: form }))
    if (!hasMovedOn) throw await this.claim(`${address} could not log in`)
  }

  /** Whether the page that is open takes the visitor for somebody: it then has a way out. */
  async isLoggedIn(): Promise<boolean> {
    return await this.page.getByRole("button", { name: "Déconnexion", includeHidden: true }).count() > 0
  }

  /** A request that no form makes, sent with this session by the page that is open: `form` makes it a POST. */
  async requests(place: string, form?: Readonly<Record<string, string>>): Promise<WebAnswer> {
    const request = { url: webRoot + place, form: form ? Object.entries(form) : null }
    return this.tries(`request ${place}`, () => this.page.evaluate(async ({ url, form: fields }) => {
      const answer = await fetch(url, fields ? { method: "POST", body: new URLSearchParams(fields) } : {})
      return { status: answer.status, text: await answer.text() }
    }, request))
  }

  /**
   * Demands an action, offered or not, with all that a page of Sympa sends: this session's token (wwsympa,
   * `%require_csrftoken`), and, to the page that asks once more, a yes (Sympa::WWW::Session, `confirm_action`).
   * What comes back is the last page. A refusal says something only where the same demand of whoever may is met.
   */
  async demands(form: Readonly<Record<string, string>>): Promise<WebAnswer> {
    const csrftoken = /name="csrftoken" value="(\w+)"/.exec((await this.requests("/home")).text)?.[1]
    if (csrftoken === undefined) throw await this.claim("No form of the home page has a token to send with it")
    const answer = await this.requests("", { ...form, csrftoken })
    if (!answer.text.includes('name="response_action_confirm"')) return answer
    return this.requests("", { ...form, csrftoken, response_action_confirm: "1" })
  }

  async leaves(): Promise<void> {
    await this.context.close()
  }

  private async arrives(what: string, act: () => Promise<void>): Promise<void> {
    await this.tries(what, () => Promise.all([this.page.waitForNavigation({ waitUntil }), act()]))
  }

  private async tries<T>(what: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (cause) {
      // Throws a LabFailure where the web server or the browser itself is gone.
      await Promise.all([this.services.sympa.run(["/ready.sh"]), this.services.checkBrowser()])
      throw await this.claim(`A visitor could not ${what} (${(cause as Error).message.split("\n")[0]})`, cause)
    }
  }

  private async claim(message: string, cause?: unknown): Promise<ClaimFailed> {
    const text = await this.page.locator("body").innerText({ timeout: 1_000 }).catch(() => "nothing")
    const excerpt = text.replaceAll(/\s+/g, " ").slice(0, excerptMax)
    return new ClaimFailed(`${message}\n  at ${this.page.url()}, which reads: ${excerpt}`, { cause })
  }
}
