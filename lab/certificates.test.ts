import { X509Certificate } from "node:crypto"
import { createServer, connect } from "node:tls"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { expect, test } from "vitest"
import { CertificateAuthority } from "./certificates.ts"

test("a certificate is trusted by its authority, for its names only", async () => {
  const authority = await CertificateAuthority.create("test")
  const { certificate, key } = await authority.issue(["mx1.ariel-pr.test", "mx.test"])
  const server = createServer({ cert: certificate, key }).listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo

  const socket = connect({ port, host: "127.0.0.1", servername: "mx.test", ca: authority.certificate })
  await once(socket, "secureConnect")
  expect(socket.authorized).toBe(true)
  socket.destroy()

  const other = connect({ port, host: "127.0.0.1", servername: "other.test", ca: authority.certificate })
  const [error] = await once(other, "error").catch((reason: unknown) => [reason])
  expect(String(error)).toContain("does not match certificate's altnames")
  server.close()
})

test("a certificate of another authority is not trusted", async () => {
  const ours = await CertificateAuthority.create("ours")
  const theirs = await CertificateAuthority.create("theirs")
  const { certificate } = await theirs.issue(["mx.test"])
  expect(new X509Certificate(certificate).verify(new X509Certificate(ours.certificate).publicKey)).toBe(false)
})
