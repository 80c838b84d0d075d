import { AcademiesContainer, academiesServices, type AcademyAddress } from "./academies.ts"
import { BrowserContainer, browserServices } from "./browser.ts"
import type { NodeCertificates } from "./certificates.ts"
import { ClamavContainer, clamavServices } from "./clamav.ts"
import { DnsContainer, dnsServices } from "./dns.ts"
import { DovecotContainer, dovecotServices } from "./dovecot.ts"
import { LabFailure } from "./failure.ts"
import type { GatewayService } from "./gateway.ts"
import type { InsideContainer, LabPlace } from "./inside-container.ts"
import { GeneratorContainer, generatorServices } from "./generator.ts"
import { InternetContainer, internetServices } from "./internet.ts"
import { MariaDbContainer, mariadbServices } from "./mariadb.ts"
import type { NodeConfiguration } from "./node-configuration.ts"
import type { Component, NodeDefinition, PlatformDefinition } from "./platform.ts"
import { PostfixContainer, postfixServices } from "./postfix.ts"
import { RspamdContainer, rspamdServices } from "./rspamd.ts"
import { SympaContainer, sympaServices } from "./sympa.ts"
import type { ZoneData } from "./world/zone-data.ts"

/** All that any node is made from; each component takes its part. */
export interface ComponentPlan {
  image: string
  place: LabPlace
  node: NodeDefinition
  holderId: string
  configuration: NodeConfiguration
  tls: NodeCertificates
  academies: readonly AcademyAddress[]
  dns: ZoneData
}

interface ComponentKind {
  /** Name of the image's folder in lab/images. */
  image: string
  /** Ports that the gateway publishes, by service. */
  services: Readonly<Record<string, number>>
  /** Started before the others: they ask it while they start. */
  first: boolean
  /**
   * Components with which it is replaced when a release is laid into a running lab, since it holds connections to them
   * or state that goes with theirs.
   */
  restartsWith?: readonly Component[]
  make: (plan: ComponentPlan) => InsideContainer
}

const kinds: Partial<Record<Component, ComponentKind>> = {
  dns: {
    image: "world", services: dnsServices, first: true,
    make: ({ image, place, node, holderId, dns }) => new DnsContainer(image, place, node, holderId, dns),
  },
  academies: {
    image: "world", services: academiesServices, first: true,
    make: ({ image, place, node, holderId, academies, tls }) =>
      new AcademiesContainer(image, place, node, holderId, academies, tls),
  },
  internet: {
    image: "world", services: internetServices, first: true,
    make: ({ image, place, node, holderId, tls }) => new InternetContainer(image, place, node, holderId, tls),
  },
  browser: {
    image: "browser", services: browserServices, first: true,
    make: ({ image, place, node, holderId, tls }) => new BrowserContainer(image, place, node, holderId, tls),
  },
  generator: {
    image: "generator", services: generatorServices, first: true,
    make: ({ image, place, node, holderId, tls }) => new GeneratorContainer(image, place, node, holderId, tls.authority),
  },
  mariadb: {
    image: "mariadb", services: mariadbServices, first: true,
    make: ({ image, place, node, holderId, configuration }) =>
      new MariaDbContainer(image, place, node, holderId, configuration),
  },
  dovecot: {
    image: "dovecot", services: dovecotServices, first: false,
    // Its pool of SQL connections, and the mailboxes of accounts that go with the database.
    restartsWith: ["mariadb"],
    make: ({ image, place, node, holderId, configuration, tls }) =>
      new DovecotContainer(image, place, node, holderId, configuration).withServerCertificate(tls),
  },
  postfix: {
    image: "postfix", services: postfixServices, first: false,
    // A query that fails once (a lost connection, a table of Sympa's that is gone for a moment) makes Postfix leave that
    // database alone for 60 s (RETRY_CONN_INTV in its dict_mysql.c). And a process of smtpd keeps its connection to
    // Dovecot's logins: the first login after a restart of Dovecot fails in each of them (seen: a right password refused).
    restartsWith: ["mariadb", "sympa", "dovecot"],
    make: ({ image, place, node, holderId, configuration, tls }) =>
      new PostfixContainer(image, place, node, holderId, configuration).withServerCertificate(tls),
  },
  sympa: {
    image: "sympa", services: sympaServices, first: false,
    // Its lists are half in its folders and half in the database, whose data goes with MariaDB's container.
    restartsWith: ["mariadb"],
    make: ({ image, place, node, holderId, configuration, tls }) =>
      new SympaContainer(image, place, node, holderId, configuration).withServerCertificate(tls),
  },
  rspamd: {
    image: "rspamd", services: rspamdServices, first: false,
    // It remembers what the DNS said of SPF and keys, and what ClamAV said of a message's parts (antivirus, in redis).
    restartsWith: ["dns", "clamav"],
    make: ({ image, place, node, holderId, configuration }) =>
      new RspamdContainer(image, place, node, holderId, configuration),
  },
  clamav: {
    image: "clamav", services: clamavServices, first: false,
    make: ({ image, place, node, holderId, configuration }) =>
      new ClamavContainer(image, place, node, holderId, configuration),
  },
}

/** How the lab makes a component. Throws a LabFailure for one that this version of recette does not have yet. */
export function kindOf(component: Component): ComponentKind {
  const kind = kinds[component]
  if (kind) return kind
  throw new LabFailure(`This version of recette has no component ${component}`, {
    where: "lab/components.ts", remedy: `use one of ${Object.keys(kinds).join(", ")}`,
  })
}

/** Components with which this one is replaced in a running lab. */
export function restartsWith(component: Component): readonly Component[] {
  return kindOf(component).restartsWith ?? []
}

/** Folders of lab/images that a platform needs, each once. */
export function imagesOf({ nodes }: PlatformDefinition): string[] {
  return [...new Set(nodes.map(({ component }) => kindOf(component).image))].sort()
}

/** Every service of a platform as the gateway publishes it. */
export function publishedServices(
  { nodes }: PlatformDefinition, addresses: Readonly<Record<string, string>>,
): GatewayService[] {
  return nodes.flatMap(({ name, component }) => Object.entries(kindOf(component).services)
    .map(([service, port]) => ({ name: `${name}.${service}`, address: addresses[name]!, port })))
}
