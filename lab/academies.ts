import { academies } from "../fixtures/academies.ts"
import type { NodeCertificates } from "./certificates.ts"
import { execIn } from "./engine.ts"
import { LabFailure } from "./failure.ts"
import type { LabHandle } from "./handle.ts"
import type { LabPlace } from "./inside-container.ts"
import { MailCatcherContainer, StartedMailCatcherContainer } from "./mail-catcher.ts"
import type { NodeDefinition } from "./platform.ts"
import { topAddresses } from "./subnet.ts"

/** Ports that the gateway publishes. */
export const academiesServices = { control: 8080 } as const

const smtpPort = 25

export interface AcademyAddress { domain: string; address: string }

/** An address for each of the 30 academies, from the top of the lab's subnet downwards; `taken` are those of others. */
export function academyAddresses(subnet: string, taken: readonly string[] = []): AcademyAddress[] {
  const addresses = topAddresses(subnet, academies.length, taken)
  return academies.map(({ domain }, index) => ({ domain, address: addresses[index]! }))
}

/**
 * The academies' 30 mail servers in one container, each at an address of its own, which is added to the holder (it
 * needs NET_ADMIN and `ip`, both there in the world's image) before the program starts.
 */
export class AcademiesContainer extends MailCatcherContainer {
  private readonly holder: string
  private readonly addresses: readonly AcademyAddress[]
  constructor(
    image: string, place: LabPlace, node: NodeDefinition, holderId: string,
    addresses: readonly AcademyAddress[], tls: NodeCertificates,
  ) {
    super(image, place, node, holderId, {
      node: node.name,
      listeners: addresses.map(({ domain, address }) =>
        ({ address, port: smtpPort, hostname: `mx.${domain}`, domain, anyDomain: false })),
    }, tls)
    this.holder = holderId
    this.addresses = addresses
  }

  protected override async beforeContainerCreated(): Promise<void> {
    await super.beforeContainerCreated()
    const input = this.addresses.map(({ address }) => `address replace ${address}/32 dev eth0\n`).join("")
    const { exitCode, stderr } = await execIn(this.holder, ["ip", "-batch", "-"], { input }, "the academies' holder")
    if (exitCode === 0) return
    throw new LabFailure(`The academies' addresses cannot be set: ${stderr.trim()}`, {
      where: "holder of node academies", remedy: "see that the engine allows the capability NET_ADMIN to a container",
    })
  }
}

export class StartedAcademiesContainer extends StartedMailCatcherContainer {
  constructor(handle: LabHandle, name = "academies") {
    super(handle, name)
  }
}
