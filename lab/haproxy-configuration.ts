/** A service of a node as the gateway publishes it: name `<node>.<service>`, and where it is inside the lab. */
export interface GatewayService { name: string; address: string; port: number }

/** Ports that the gateway listens on inside its container: the n-th service is at `firstPort + n`. */
export const firstPort = 10_000
export const healthPort = 8404

/**
 * haproxy's configuration: TCP only, one listener for each service, to a fixed address (no name is ever resolved), no
 * health checks (a component may start after the gateway, and be stopped by a fault). Idle connections live an hour,
 * for IMAP IDLE (RFC 2177: up to 29 minutes). A connection to a stopped component ends at once.
 */
export function haproxyConfiguration(services: readonly GatewayService[]): string {
  const listeners = services.map(({ name, address, port }, index) =>
    `listen ${name}\n  bind 0.0.0.0:${firstPort + index}\n  server one ${address}:${port}\n`)
  return `global
  log stdout format raw daemon notice
  maxconn 4096
  nbthread 1

defaults
  mode tcp
  log global
  option dontlognull
  option dontlog-normal
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  retries 0

frontend health
  mode http
  bind 127.0.0.1:${healthPort}
  timeout client 5s
  monitor-uri /up

${listeners.join("\n")}`
}
