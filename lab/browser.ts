import type { Browser } from "playwright-core"
import type { NodeCertificates } from "./certificates.ts"
import { LabFailure } from "./failure.ts"
import type { LabHandle } from "./handle.ts"
import { InsideContainer, StartedInsideContainer, type LabPlace } from "./inside-container.ts"
import type { NodeDefinition } from "./platform.ts"

/** Ports that the gateway publishes: the Chrome DevTools Protocol. */
export const browserServices = { cdp: 9222 } as const

const startupMsMax = 60_000
/** Chromium shares memory between its processes; the engine's 64 MiB end a page that is large. Taken only when used. */
const sharedMemoryBytes = 256 * 2 ** 20

/** Debian's Chromium without a screen, inside the lab: it resolves the lab's names and trusts the lab's authority. */
export class BrowserContainer extends InsideContainer {
  constructor(
    image: string, place: LabPlace, node: NodeDefinition, holderId: string, tls: NodeCertificates,
  ) {
    super(image, place, node, holderId, { startupMsMax })
    this.withSharedMemorySize(sharedMemoryBytes)
    this.withServerCertificate(tls)
  }
}

/** The browser of a running lab. */
export class StartedBrowserContainer extends StartedInsideContainer {
  constructor(handle: LabHandle, name = "browser") {
    super(handle, name)
  }

  /**
   * A connection over CDP, through the gateway. Whoever asks closes it; that ends its contexts and not the browser.
   * Each `newContext()` is a person of its own: no cookie passes from one to the other.
   */
  async connect(): Promise<Browser> {
    const { host, port } = this.endpointFor("cdp")
    // Loaded here: only scenarios that open a page pay for it.
    const { chromium } = await import("playwright-core")
    try {
      return await chromium.connectOverCDP(`http://${host}:${port}`)
    } catch (cause) {
      throw new LabFailure(`The browser of the lab does not answer over CDP: ${(cause as Error).message}`, {
        where: `node ${this.node.name}, logs/${this.node.name}.log`, remedy: "read the last lines of that log", cause,
      })
    }
  }
}
