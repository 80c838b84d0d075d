declare module "k6/x/naive" {
  /** Sends one message over a connection of its own (Go's net/smtp). Throws where the server refuses. */
  export function send(address: string, from: string, to: string, message: string): void
}
