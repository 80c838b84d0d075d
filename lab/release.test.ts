import { chmodSync, cpSync, mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { InputError } from "./failure.ts"
import { loadRelease, shippedReleases, type Release } from "./release.ts"
import { leastRelease, temporaryFolder } from "./temporary-release.ts"

const project = temporaryFolder({
  "fixtures/releases/ariel-pr/2026.1/release.yaml": `${leastRelease.replace('"1"', '"2026.1"').replace("2026-01-01", "2026-02-01")}replaces: "2025.4"
components: { postfix: { set: { smtpd_banner: one, mynetworks: 127.0.0.0/8 }, unset: [relayhost] } }
`,
  "fixtures/releases/ariel-pr/2026.1/postfix/main.cf": "myhostname = mx1.ariel-pr.test\n",
  "fixtures/releases/ariel-pr/2026.1/postfix/aliases": "root: postmaster\n",
  "fixtures/releases/ariel-pr/2026.1/packages.lock": "[postfix]\npostfix=3.7.11-0+deb12u1\n",
  "fixtures/releases/ariel-pr/2026.10/release.yaml": leastRelease.replace('"1"', '"2026.10"').replace("2026-01-01", "2026-10-01"),
  "fixtures/releases/ariel-pr/2026.9/release.yaml": leastRelease.replace('"1"', '"2026.9"').replace("2026-01-01", "2026-09-01"),
  "fixtures/mutants/ariel-pr/open-relay/release.yaml": `schema: recette.release/v1
extends: ariel-pr/2026.1
expects: [ROU-02]
`,
})

const load = (files: Record<string, string | Buffer>) => loadRelease(temporaryFolder(files), { projectFolder: project })
const loadYaml = (yaml: string, files: Record<string, string> = {}) => load({ ...files, "release.yaml": yaml })
const extending = (yaml: string, files: Record<string, string> = {}) =>
  loadYaml(`schema: recette.release/v1\nextends: ariel-pr/2026.1\n${yaml}`, files)
const refusalOf = async (loading: Promise<Release>) => {
  const error = await loading.then(() => { throw new Error("this release was accepted") }, (reason: unknown) => reason)
  expect(error).toBeInstanceOf(InputError)
  return (error as InputError).message.replaceAll(/\/\S*recette-test-\w+\//g, "")
}

describe("a release is found", () => {
  test("by its shipped name", async () => {
    const release = await loadRelease("ariel-pr/2026.1", { projectFolder: project })
    expect(release).toMatchObject({ name: "ariel-pr/2026.1", shipped: true, replaces: "2025.4", packagesLockShipped: true })
  })

  test("by its platform alone: the newest by date, not by name", async () => {
    expect((await loadRelease("ariel-pr", { projectFolder: project })).version).toBe("2026.10")
  })

  test("by its path, relative to the folder given, with or without release.yaml", async () => {
    const outside = temporaryFolder({ "mine/release.yaml": leastRelease })
    for (const path of ["mine", "./mine/release.yaml"]) {
      expect(await loadRelease(path, { projectFolder: project, from: outside })).toMatchObject({ name: "ariel-pr/1", shipped: false })
    }
  })

  test("in the list of shipped ones, in order of their dates, mutants apart", async () => {
    expect((await shippedReleases(project)).map(({ name }) => name)).toEqual(["ariel-pr/2026.1", "ariel-pr/2026.9", "ariel-pr/2026.10"])
    expect(await shippedReleases(project, { kind: "mutants" })).toMatchObject([{ name: "ariel-pr/2026.1+open-relay", expects: ["ROU-02"] }])
    expect(await shippedReleases(project, { platform: "ariel-sy" })).toEqual([])
  })
})

describe("an edit of a file", () => {
  const editing = (edit: string) => extending(`components: { postfix: { edit: { ${edit} } } }\n`)

  test("takes the place of a text that stands there once, and changes nothing else", async () => {
    const release = await editing(`aliases: { "postmaster": "abuse, hostmaster" }`)
    expect(release.components.postfix!.files.get("aliases")!.content.toString()).toBe("root: abuse, hostmaster\n")
    expect((await loadRelease("ariel-pr/2026.1", { projectFolder: project })).components.postfix!.files.get("aliases")!.content.toString())
      .toBe("root: postmaster\n")
  })

  test("is refused where the text is not there, or stands there twice", async () => {
    expect(await refusalOf(editing(`aliases: { "nobody": "abuse" }`))).toContain(
      "The text nobody stands 0 times in postfix/aliases, not once\n  where: release.yaml:3")
    expect(await refusalOf(editing(`aliases: { "o": "a" }`))).toContain("The text o stands 3 times in postfix/aliases, not once")
  })

  test("is refused where no release of the chain brings the file", async () => {
    expect(await refusalOf(editing(`transport: { "a": "b" }`))).toContain("There is no file postfix/transport to edit\n  where: release.yaml:3")
  })
})

describe("what it extends", () => {
  test("gives its files, its settings, its lock, its date and what it replaces", async () => {
    const release = await extending("summary: One change\ncomponents: { postfix: { set: { smtpd_banner: two } } }\n", { "postfix/aliases": "root: abuse\n" })
    const { files, set, unset } = release.components.postfix!
    expect(release).toMatchObject({ platform: "ariel-pr", date: "2026-02-01", replaces: "2025.4", summary: "One change", shipped: false })
    expect(release).toMatchObject({ packagesLock: { postfix: { postfix: "3.7.11-0+deb12u1" } }, packagesLockShipped: true })
    expect(set).toEqual({ smtpd_banner: "two", mynetworks: "127.0.0.0/8" })
    expect(unset).toEqual(["relayhost"])
    expect([...files].map(([path, { content }]) => [path, content.toString()])).toEqual([
      ["aliases", "root: abuse\n"], ["main.cf", "myhostname = mx1.ariel-pr.test\n"],
    ])
  })

  test("may be unset, and what it unset may be set again", async () => {
    const { set, unset } = (await extending("components: { postfix: { set: { relayhost: '' }, unset: [mynetworks] } }\n")).components.postfix!
    expect(set).toEqual({ smtpd_banner: "one", relayhost: "" })
    expect(unset).toEqual(["mynetworks"])
  })

  test("may lie outside, by a path relative to the release that extends it", async () => {
    const outside = temporaryFolder({
      "a/release.yaml": leastRelease, "a/postfix/main.cf": "a = 1\n",
      "b/release.yaml": 'schema: recette.release/v1\nextends: ../a\nversion: "2"\n',
    })
    const release = await loadRelease("b", { projectFolder: project, from: outside })
    expect(release.name).toBe("ariel-pr/2")
    expect([...release.components.postfix!.files.keys()]).toEqual(["main.cf"])
  })

  test("must not lead back to it", async () => {
    const outside = temporaryFolder({
      "a/release.yaml": `${leastRelease}extends: ../b\n`, "b/release.yaml": `${leastRelease}\nextends: ../a\n`,
    })
    expect(await refusalOf(loadRelease(join(outside, "a"), { projectFolder: project }))).toBe(
      "The releases extend each other in a circle: a -> b -> a\n  where: b/release.yaml:7\n  what to do: take `extends` out of one of them")
  })

  test("must be there", async () => {
    expect(await refusalOf(loadYaml(`${leastRelease}extends: ariel-pr/2031.1\n`))).toContain(
      "There is no release ariel-pr/2031.1: no such folder\n  where: release.yaml:6\n  what to do: name a shipped release")
  })

  test("must be of the same platform", async () => {
    expect(await refusalOf(extending("platform: ariel-sy\n"))).toContain("A release of ariel-sy cannot extend one of ariel-pr\n  where: release.yaml:3\n  what to do: extend a release of the same platform")
  })
})

describe("refused, with file, line and remedy", () => {
  test.each([
    ["an unknown key", `${leastRelease}sumary: x\n`, "unknown key sumary in the top level\n  where: release.yaml:6\n  what to do: correct the spelling, or remove the key"],
    ["an unknown key below", `${leastRelease}components:\n  postfix:\n    sets: {}\n`, "unknown key sets in components.postfix\n  where: release.yaml:8"],
    ["a component that no platform has", `${leastRelease}components:\n  postfx: {}\n`, "unknown key postfx in components\n  where: release.yaml:7"],
    ["a component of another platform", `${leastRelease}components:\n  directory: {}\n`,
      "The platform ariel-pr has no component directory\n  where: release.yaml:7\n  what to do: configure one of postfix, sympa, dovecot, mariadb, rspamd, clamav, or remove this part"],
    ["an unknown platform", leastRelease.replace("ariel-pr", "ariel-xx"), "There is no platform ariel-xx\n  where: release.yaml:2\n  what to do: use one of antispam-alias"],
    ["an unknown node", `${leastRelease}components:\n  postfix:\n    nodes: { mx9: {} }\n`,
      "The platform ariel-pr has no node mx9 of component postfix\n  where: release.yaml:8\n  what to do: use one of postfix"],
    ["a number as a version", leastRelease.replace('"1"', "2026.10"), "version: Invalid input: expected string, received number\n  where: release.yaml:3\n  what to do: put the value in quotes"],
    ["a list as a setting", `${leastRelease}components:\n  sympa:\n    set: { nrcpt: [50] }\n`, "components.sympa.set.nrcpt: Invalid input: expected string, received array\n  where: release.yaml:8"],
    ["a missing platform", leastRelease.replace("platform: ariel-pr\n", ""), "platform is missing\n  where: release.yaml:1\n  what to do: add it, or take it over with extends"],
    ["a date that is none", leastRelease.replace("2026-01-01", "2026-02-30"), "date: a date is written 2026-11-15\n  where: release.yaml:4"],
    ["an expectation that is no requirement", `${leastRelease}expects: [rou02]\n`, "expects.0: a requirement id is two to eight capital letters"],
    ["one name set and unset", `${leastRelease}components:\n  postfix:\n    set: { a: b }\n    unset: [a]\n`, "a is set and unset in the same place\n  where: release.yaml:9"],
    ["generation custom without images", leastRelease.replace("debian-12", "custom"), "Generation custom needs an image for each component, and postfix, sympa, dovecot, mariadb, rspamd, clamav have none"],
    ["a key twice", `${leastRelease}version: "2"\n`, "release.yaml is not valid YAML: Map keys must be unique\n  where: release.yaml:6\n  what to do: keep one of the two"],
    ["a missing lock", `${leastRelease}packages: packages.lock\n`, "packages.lock is missing in the release's folder\n  where: release.yaml:6\n  what to do: write that file, or correct its name"],
    ["a lock elsewhere", `${leastRelease}packages: ../packages.lock\n`, "../packages.lock is no path inside the release's own folder\n  where: release.yaml:6"],
    ["settings of the DNS", `${leastRelease}components: { dns: { set: {} } }\n`, "unknown key set in components.dns"],
  ])("%s", async (_, yaml, message) => {
    expect(await refusalOf(loadYaml(yaml))).toContain(message)
  })

  test("a folder that belongs to no component", async () => {
    expect(await refusalOf(loadYaml(leastRelease, { "postfx/main.cf": "" }))).toBe("The release has a folder postfx, and there is no component postfx\n"
      + "  where: postfx\n  what to do: rename it to one of postfix, sympa, dovecot, mariadb, rspamd, clamav, directory, web, dns, nodes, or remove it")
  })

  test("a folder of a component that the platform does not have", async () => {
    expect(await refusalOf(loadYaml(leastRelease, { "directory/a.ldif": "" }))).toContain("has no component directory\n  where: directory/a.ldif")
  })

  test("a shipped release whose folder tells another name", async () => {
    const wrong = temporaryFolder({ "fixtures/releases/ariel-pr/2026.1/release.yaml": leastRelease })
    expect(await refusalOf(loadRelease("ariel-pr", { projectFolder: wrong }))).toBe(
      "The shipped release in ariel-pr/2026.1 says that it is ariel-pr/1\n"
      + "  where: fixtures/releases/ariel-pr/2026.1/release.yaml\n  what to do: let the folders be <platform>/<version>")
  })

  test("a name that is no release", async () => {
    expect(await refusalOf(loadRelease("ariel-xx", { projectFolder: project }))).toContain(
      "There is no platform and no release ariel-xx\n  where: the release on the command line\n  what to do: name a platform (antispam-alias, ariel-pr, ")
    expect(await refusalOf(loadRelease("./nowhere", { projectFolder: project }))).toContain("There is no release ./nowhere: no such folder")
    expect(await refusalOf(loadRelease(temporaryFolder({ "a.txt": "" }), { projectFolder: project }))).toContain("that folder has no release.yaml")
  })
})

describe("a file that a release names", () => {
  const naming = (source: string, target = "a.tt2") => `${leastRelease}components:\n  sympa:\n    files:\n      ${target}: ${source}\n`

  test("lies in its own folder, and is laid where it says, over a file of that name", async () => {
    const release = await loadYaml(naming("./shared/config.tt2"), { "shared/config.tt2": "new", "sympa/a.tt2": "old" })
    expect([...release.components.sympa!.files].map(([path, { content }]) => [path, content.toString()])).toEqual([["a.tt2", "new"]])
  })

  test.each([
    ["leads out by ..", "../x.tt2", "../x.tt2 leads out of the release's own folder (..)\n  where: release.yaml:9"],
    ["is absolute", "/etc/hostname", "/etc/hostname is an absolute path: a release names only files of its own folder\n  where: release.yaml:9\n  what to do: copy the file"],
    ["is missing", "x.tt2", "x.tt2 is missing in the release's folder\n  where: release.yaml:9\n  what to do: write that file, or correct its name"],
    ["is a folder", "./sympa", "./sympa is not a file\n  where: release.yaml:9"],
  ])("is refused where it %s", async (_, source, message) => {
    expect(await refusalOf(loadYaml(naming(source), { "sympa/b.tt2": "" }))).toContain(message)
  })

  test("is refused where its place in the component leads out", async () => {
    expect(await refusalOf(loadYaml(naming("./a.txt", "../../etc/passwd"), { "a.txt": "" }))).toContain(
      "../../etc/passwd is no path inside the component's configuration\n  where: release.yaml:9")
  })

  const links = ["a link to a file outside", "a link to a folder outside", "a link inside a component", "a link deeper down"]
  test.each(links)("is refused where it is %s", async (kind) => {
    const folder = temporaryFolder({ "release.yaml": naming("./x/y.tt2"), "sympa/b.tt2": "" })
    const outside = temporaryFolder({ "y.tt2": "" })
    if (kind === "a link to a folder outside") symlinkSync(outside, join(folder, "x"))
    if (kind === "a link to a file outside") symlinkSync(join(outside, "y.tt2"), join(folder, "y.tt2"))
    if (kind === "a link inside a component") symlinkSync(join(outside, "y.tt2"), join(folder, "sympa/y.tt2"))
    if (kind === "a link deeper down") {
      mkdirSync(join(folder, "x"))
      symlinkSync(join(outside, "y.tt2"), join(folder, "x/y.tt2"))
    }
    expect(await refusalOf(loadRelease(folder, { projectFolder: project }))).toContain("is a symbolic link")
  })

  test("cannot be a file and a folder at once", async () => {
    expect(await refusalOf(loadYaml(naming("./a.txt", "b/c"), { "a.txt": "", "sympa/b": "" }))).toContain("b/c and b cannot both be there")
  })

  test("keeps its right to be executed, and no other", async () => {
    const folder = temporaryFolder({ "release.yaml": naming("./run", "named"), run: "", "sympa/run": "", "sympa/read": "" })
    for (const path of ["run", "sympa/run"]) chmodSync(join(folder, path), 0o777)
    chmodSync(join(folder, "sympa/read"), 0o600)
    const { components } = await loadRelease(folder, { projectFolder: project })
    expect([...components.sympa!.files].map(([path, { mode }]) => [path, mode])).toEqual([["read", 0o644], ["run", 0o755], ["named", 0o755]])
  })
})

test("a lock that is to be written may be missing", async () => {
  const folder = temporaryFolder({ "release.yaml": `${leastRelease}packages: packages.lock\n` })
  const release = await loadRelease(folder, { projectFolder: project, lockMayBeMissing: true })
  expect(release.packagesLock).toBeUndefined()
  expect(release.packagesLockFile).toBe(join(folder, "packages.lock"))
})

describe("the digest", () => {
  const files = { "release.yaml": `${leastRelease}secrets: [postfix/dkim.key]\ncomponents: { postfix: { set: { a: "1", b: "2" } } }\n`, "postfix/main.cf": "x = 1\n", "postfix/z.cf": "z\n" }
  const digestOf = async (changed: Record<string, string>) => (await load({ ...files, ...changed })).digest

  test("is the same wherever the release lies, in whatever order it is written, through extends too", async () => {
    const digest = await digestOf({})
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(await digestOf({ "release.yaml": files["release.yaml"].replace('a: "1", b: "2"', 'b: "2", a: "1"') })).toBe(digest)
    const copy = temporaryFolder({ "child/release.yaml": 'schema: recette.release/v1\nversion: "9"\nextends: ../base\n' })
    cpSync(temporaryFolder(files), join(copy, "base"), { recursive: true })
    expect((await loadRelease("child", { projectFolder: project, from: copy })).digest).toBe(digest)
  })

  test("leaves secrets out", async () => {
    const digest = await digestOf({})
    expect(await digestOf({ "postfix/dkim.key": "one" })).toBe(digest)
    expect(await digestOf({ "postfix/dkim.key": "two" })).toBe(digest)
  })

  test.each([
    ["a byte of a file", { "postfix/main.cf": "x = 2\n" }],
    ["a file more", { "postfix/y.cf": "" }],
    ["a setting", { "release.yaml": files["release.yaml"].replace('a: "1"', 'a: "3"') }],
    ["an unset", { "release.yaml": files["release.yaml"].replace("} } }", "}, unset: [c] } }") }],
    ["the generation", { "release.yaml": files["release.yaml"].replace("debian-12", "debian-13") }],
    ["a binding", { "bindings.yaml": "schema: recette.bindings/v1\naddresses: { 192.0.2.10: postfix }\n" }],
    ["a locked version", { "packages.lock": "[postfix]\npostfix=1\n" }],
  ])("changes with %s", async (_, changed) => {
    expect(await digestOf(changed as Record<string, string>)).not.toBe(await digestOf({}))
  })
})
