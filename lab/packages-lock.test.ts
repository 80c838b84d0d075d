import { expect, test } from "vitest"
import { formatPackagesLock, packageDifferences, parsePackagesLock, pinnedPackages } from "./packages-lock.ts"

const text = `# recette packages v1: exact versions of what the components run; written by \`recette lock\`

[dovecot]
dovecot-imapd=1:2.3.19.1+dfsg1-2.1+deb12u1

[postfix]
postfix=3.7.11-0+deb12u1
postfix-mysql=3.7.11-0+deb12u1
`

test("a lock is read and written again, byte by byte, whatever the order it was made in", () => {
  const lock = parsePackagesLock(text, "packages.lock")
  expect(lock).toEqual({
    dovecot: { "dovecot-imapd": "1:2.3.19.1+dfsg1-2.1+deb12u1" },
    postfix: { postfix: "3.7.11-0+deb12u1", "postfix-mysql": "3.7.11-0+deb12u1" },
  })
  const { dovecot, postfix } = lock
  expect(formatPackagesLock({ postfix: Object.fromEntries(Object.entries(postfix!).reverse()), dovecot: dovecot! })).toBe(text)
  expect(pinnedPackages(lock, "postfix")).toEqual(["postfix=3.7.11-0+deb12u1", "postfix-mysql=3.7.11-0+deb12u1"])
  expect(pinnedPackages(lock, "sympa")).toEqual([])
})

test.each([
  ["[postfix]\npostfix 3.7\n", 'packages.lock: "postfix 3.7" is neither [component] nor package=version\n  where: packages.lock:2\n  what to do: run `npm run recette -- lock`'],
  ["postfix=3.7\n", "packages.lock: postfix stands before the first [component]\n  where: packages.lock:1"],
  ["[postfix]\npostfix=1\npostfix=2\n", "packages.lock names postfix twice in [postfix]\n  where: packages.lock:3"],
  ["[postfix]\n[postfix]\n", "packages.lock has two sections [postfix]\n  where: packages.lock:2"],
])("a lock is refused with its line: %j", (broken, message) => {
  expect(() => parsePackagesLock(broken, "packages.lock")).toThrow(message)
})

test("versions that run otherwise than locked are named; packages that the lock does not name are not", () => {
  const locked = { postfix: { postfix: "1", "postfix-mysql": "1" }, dovecot: { "dovecot-core": "2" } }
  expect(packageDifferences(locked, { postfix: { postfix: "1", "postfix-mysql": "2", libc6: "3" }, sympa: { sympa: "6" } })).toEqual([
    { component: "dovecot", package: "dovecot-core", locked: "2", running: undefined },
    { component: "postfix", package: "postfix-mysql", locked: "1", running: "2" },
  ])
})
