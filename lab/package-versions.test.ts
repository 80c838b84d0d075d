import { expect, test } from "vitest"
import { parseMadison, pinsNotFound, VersionsGone } from "./package-versions.ts"

const buildOutput = `Reading state information...
However the following packages replace it:
  dovecot-sieve
E: Version '3.7.9-0+deb12u1' for 'postfix' was not found
E: Version '1:2.3.18' for 'dovecot-core' was not found
`

const madison = `   postfix | 3.7.11-0+deb12u1 | http://mirror.example/debian bookworm/main amd64 Packages
dovecot-core | 1:2.3.19.1+deb12u7 | http://mirror.example/security bookworm-security/main amd64 Packages
dovecot-core | 1:2.3.19.1+deb12u6 | http://mirror.example/debian bookworm/main amd64 Packages
dovecot-core | 1:2.3.19.1+deb12u6 | http://mirror.example/debian bookworm/main Sources
`

test("the pins that apt could not find are read from its words", () => {
  expect(pinsNotFound(buildOutput)).toEqual({ "postfix": "3.7.9-0+deb12u1", "dovecot-core": "1:2.3.18" })
  expect(pinsNotFound("E: Unable to locate package postfx\n")).toEqual({})
})

test("the mirror's versions are read newest first, each once", () => {
  expect(parseMadison(madison, ["postfix", "dovecot-core", "sympa"])).toEqual({
    "postfix": ["3.7.11-0+deb12u1"], "dovecot-core": ["1:2.3.19.1+deb12u7", "1:2.3.19.1+deb12u6"], "sympa": [],
  })
})

test("the error names package, version wanted and versions there", () => {
  const error = new VersionsGone([
    { component: "postfix", package: "postfix", wanted: "3.7.9", available: ["3.7.11", "3.7.10"] },
    { component: "sympa", package: "sympa", wanted: "6.2.70", available: [] },
  ])
  expect(error.message).toContain("postfix: postfix 3.7.9 is gone; the mirror has 3.7.11, 3.7.10\n")
  expect(error.message).toContain("sympa: sympa 6.2.70 is gone; the mirror has no version of it\n")
  expect(error.remedy).toContain("recette -- lock")
})
