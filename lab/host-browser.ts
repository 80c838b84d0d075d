import { createServer, type AddressInfo } from "node:net"
import { chromium, type Browser } from "playwright-core"
import { engine } from "./engine.ts"
import { eventually } from "./eventually.ts"
import { ensureImages } from "./images.ts"
import { LABELS, ownerLabels, thisOwner } from "./ownership.ts"

/**
 * Debian's Chromium on this machine's own loopback, for tests of pages that are served there alone. It is no part of any
 * lab, resolves no name and opens nothing but 127.0.0.1. `close` removes it; where that fails, the next sweep does.
 */
export class HostBrowser {
  readonly browser: Browser
  private readonly containerId: string
  private constructor(browser: Browser, containerId: string) {
    this.browser = browser
    this.containerId = containerId
  }

  static async start(): Promise<HostBrowser> {
    const { images } = await ensureImages([{ component: "browser", generation: "debian-12", packages: null }])
    const run = `look-${process.pid}-browser`
    const port = await freePort()
    const { container: { dockerode } } = await engine()
    const container = await dockerode.createContainer({
      name: `recette-${run}`, Image: images["browser"]!.tag, StopSignal: "SIGKILL", User: "browser",
      Labels: { ...ownerLabels(run, thisOwner()), [LABELS.role]: "component" },
      Cmd: ["chromium-headless-shell", "--no-sandbox", `--remote-debugging-port=${port}`, "--user-data-dir=/tmp/profile", "--disable-background-networking",
        "--disable-component-update", "--disable-gpu", "--log-level=3", "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "about:blank"],
      HostConfig: { NetworkMode: "host", ShmSize: 256 * 2 ** 20 },
      Healthcheck: { Test: ["NONE"] },
    })
    try {
      await container.start()
      const browser = await eventually("Chromium answers on this machine's loopback", () => chromium.connectOverCDP(`http://127.0.0.1:${port}`), { withinMs: 30_000 })
      return new HostBrowser(browser, container.id)
    } catch (error) {
      await container.remove({ force: true })
      throw error
    }
  }

  async close(): Promise<void> {
    await this.browser.close()
    const { container: { dockerode } } = await engine()
    await dockerode.getContainer(this.containerId).remove({ force: true, v: true })
  }
}

/** A port of loopback that nobody has at this moment. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
