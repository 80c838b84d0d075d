import type { NodeCertificates } from "./certificates.ts"
import type { LabHandle } from "./handle.ts"
import type { LabPlace } from "./inside-container.ts"
import { MailCatcherContainer, StartedMailCatcherContainer } from "./mail-catcher.ts"
import type { NodeDefinition } from "./platform.ts"

/** Ports that the gateway publishes. */
export const internetServices = { control: 8080, smtp: 25 } as const

/** Key of the internet's own behaviour, for what has no recipient yet (`down`, `connect`, extensions). */
export const internetDomain = "internet.test"

/** The mail server to which every name that the lab does not own leads: it takes any domain. */
export class InternetContainer extends MailCatcherContainer {
  constructor(image: string, place: LabPlace, node: NodeDefinition, holderId: string, tls: NodeCertificates) {
    super(image, place, node, holderId, {
      node: node.name,
      listeners: [{
        address: "0.0.0.0", port: internetServices.smtp, hostname: node.hostname, domain: internetDomain,
        anyDomain: true,
      }],
    }, tls)
  }
}

export class StartedInternetContainer extends StartedMailCatcherContainer {
  constructor(handle: LabHandle, name = "internet") {
    super(handle, name)
  }
}
