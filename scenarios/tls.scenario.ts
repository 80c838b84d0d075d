import { checkServerIdentity } from "node:tls"
import { expect, test } from "./test.ts"
import { allDoors } from "./tls-door.ts"

// What the platform's own servers show and speak where TLS begins: certificates and versions.

test("who knows only the root authority can verify each of our servers, and who knows another one none",
  { meta: { requirements: ["SEC-41"] } }, async ({ lab }) => {
    const root = { ca: lab.handle.certificateAuthority, checkServerIdentity: () => undefined }
    const another = { checkServerIdentity: () => undefined }
    const doors = allDoors(lab)

    const ours = await Promise.all(doors.map((door) => door.shake(root)))
    const theirs = await Promise.all(doors.map((door) => door.shake(another)))

    for (const [index, { port }] of doors.entries()) {
      expect(ours[index]!.error, `port ${port}`).toBeUndefined()
      expect(theirs[index]!.error, `port ${port}, for somebody who trusts the world's authorities alone`).toBeInstanceOf(Error)
    }
  })

test("each of our servers shows a certificate for the name under which clients know it, and for nobody else's",
  { meta: { requirements: ["SEC-42"] } }, async ({ lab }) => {
    const doors = allDoors(lab)

    const handshakes = await Promise.all(doors.map((door) => door.shake({ rejectUnauthorized: false })))

    for (const [index, { port, hostname }] of doors.entries()) {
      const { certificate } = handshakes[index]!
      expect(certificate, `port ${port} shows a certificate`).toBeDefined()
      expect(checkServerIdentity(hostname, certificate!), `port ${port}`).toBeUndefined()
      for (const other of ["mx.ac-lyon.test", "education.test.example.test", `autre.${hostname}`]) {
        expect(checkServerIdentity(other, certificate!), `port ${port} as ${other}`).toBeInstanceOf(Error)
      }
    }
  })

test("each of our servers speaks TLS 1.2, and nothing older",
  { meta: { requirements: ["SEC-43"] } }, async ({ lab }) => {
    const versions = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const
    const doors = allDoors(lab)

    const spoken = await Promise.all(doors.map(async (door) => {
      const handshakes = await Promise.all(versions.map((version) => door.shake({
        ca: lab.handle.certificateAuthority, rejectUnauthorized: false, minVersion: version, maxVersion: version,
        ciphers: "DEFAULT:@SECLEVEL=0",
      })))
      return { port: door.port, versions: versions.filter((_, index) => handshakes[index]!.error === undefined) }
    }))

    for (const { port, versions } of spoken) {
      expect(versions, `port ${port}`).toContain("TLSv1.2")
      expect(versions.filter((version) => version < "TLSv1.2"), `port ${port}, older than TLS 1.2`).toEqual([])
    }
  })
