import { expect, test } from "vitest"
import { accessOf, webCommands } from "./lab-access.ts"
import { sampleLab } from "./sample-map.ts"

function accessTo(name: string) {
  const { handle, platform } = sampleLab(name, "/results/run")
  return { ...accessOf(handle, platform), published: handle.gateway.ports }
}

test("a mail client is shown the doors that people are meant to use, by the name in each certificate", () => {
  const { mail, logins, web, published } = accessTo("maquette")
  expect(mail).toEqual([
    { node: "dovecot", kind: "imap", host: "127.0.0.1", port: published["dovecot.imaps"], tls: "implicit", certificateName: "bal1.maquette.test" },
    { node: "edge", kind: "submission", host: "127.0.0.1", port: published["edge.submission"], tls: "starttls", certificateName: "mx1.maquette.test" },
  ])
  expect(logins.map(({ address }) => address)).toEqual(["claire.martin@maquette.test", "karim.benali@maquette.test"])
  expect(web).toEqual([])
})

test("a web interface opens under its own name, by the port of loopback that leads there", () => {
  const { web, authorityFile, published } = accessTo("ariel-pr")
  const port = published["sympa.https"]
  expect(web).toEqual([{ node: "sympa", url: "https://listes.education.test/sympa", host: "127.0.0.1", port }])
  expect(webCommands(web[0]!, authorityFile)).toEqual({
    browser: `chromium --user-data-dir=$(mktemp -d) --host-resolver-rules="MAP listes.education.test:443 127.0.0.1:${port}" https://listes.education.test/sympa`,
    curl: `curl --cacert /results/run/ca.pem --connect-to listes.education.test:443:127.0.0.1:${port} https://listes.education.test/sympa`,
  })
})
