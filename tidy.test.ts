import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { parse } from "yaml"
import { expect, test } from "vitest"
import { academies } from "./fixtures/academies.ts"
import { Register } from "./fixtures/requirements.ts"
import { shippedPlatforms } from "./lab/platform.ts"
import { lent } from "./scenarios/academy-pool.ts"
import { announcedScenarios } from "./scenarios/catalogue.ts"

// Style as a test: what a reviewer should not have to say. Goes by the files that git knows or would add.

/** Which room may import which other one. To change this table is a decision of design, and a commit of its own. */
const mayImport: Record<string, readonly string[]> = {
  fixtures: [], lab: ["fixtures"], scenarios: ["lab", "fixtures"], load: ["lab", "fixtures"], reports: [],
}

const linesMax = 300
const root = import.meta.dirname

interface Source { file: string; text: string }

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "-z"], { cwd: root, encoding: "utf8" })
  .split("\0").filter(Boolean)
const read = (file: string): Source[] => {
  try {
    return [{ file, text: readFileSync(`${root}/${file}`, "utf8") }]
  } catch {
    // Deleted, and not yet committed so.
    return []
  }
}
const sources = files.filter((file) => /\.(ts|mjs|js)$/.test(file) && file !== "tidy.test.ts").flatMap(read)
const isTest = ({ file }: Source) => /\.test\.ts$/.test(file)
const inRoom = (room: string) => sources.filter(({ file }) => file.startsWith(`${room}/`))

/** `file:line what` for every match. */
function matches(all: readonly Source[], pattern: RegExp): string[] {
  return all.flatMap(({ file, text }) => [...text.matchAll(new RegExp(pattern, `${pattern.flags.replace("g", "")}g`))]
    .map((match) => `${file}:${text.slice(0, match.index).split("\n").length} ${match[0].trim()}`))
}

for (const [room, allowed] of Object.entries(mayImport)) {
  test(`${room}/ imports only ${allowed.join(", ") || "itself"}`, () => {
    const offences = inRoom(room).flatMap(({ file, text }) => [...text.matchAll(/(?:from|import\() ?"((?:\.\.\/)+)(\w+)/g)]
      .filter(([, up]) => up!.length / 3 >= file.split("/").length - 1)
      .map(([, , target]) => target!)
      .filter((target) => target !== room && !allowed.includes(target))
      .map((target) => `${file} imports ${target}/`))
    expect(offences).toEqual([])
  })
}

test("profiles of k6 import only k6 and their neighbours", () => {
  const profiles = sources.filter(({ file }) => file.endsWith(".k6.ts"))
  expect(matches(profiles, /from "(?!k6["/]|\.\/)[^"]*"/)).toEqual([])
})

test("a source file has at most 300 lines", () => {
  const goSources = files.filter((file) => file.endsWith(".go")).flatMap(read)
  const long = [...sources, ...goSources].filter(({ file }) => !file.startsWith("fixtures/")).map(({ file, text }) => ({ file, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > linesMax)
  expect(long).toEqual([])
})

test("scenarios wait for conditions, never for a time", () => {
  const timers = /(?<![.\w])set(Timeout|Interval|Immediate)\(|timers\/promises|AbortSignal\.timeout|Atomics\.wait/
  expect(matches(inRoom("scenarios").filter((source) => !isTest(source)), timers)).toEqual([])
})

test("the environment is read in lab/settings.ts and bootstrap.mjs alone", () => {
  const others = sources.filter((source) => !["lab/settings.ts", "bootstrap.mjs"].includes(source.file) && !isTest(source))
  expect(matches(others, /process\.env\b/)).toEqual([])
})

test("no container is put on a second network behind our back", () => {
  const code = sources.map(({ file, text }) => ({ file, text: text.replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, "") }))
  expect(matches(code, /withNetworkAliases/)).toEqual([])
})

test("only tests let the academies' record lie", () => {
  expect(matches(sources.filter((source) => !isTest(source)), /from "[./]+dishonest-academies\.ts"/)).toEqual([])
})

test("ports are written in the service files of the lab alone", () => {
  const others = sources.filter((source) => !source.file.startsWith("lab/") && !isTest(source))
  expect(matches(others, /\bport:\s*\d{2,5}\b|127\.0\.0\.1:\d+/)).toEqual([])
})

test("no test is skipped, focused or retried", () => {
  expect(matches(sources, /\b(test|it|describe)\.(only|skip|todo|fails)\b/)).toEqual([])
  // A live test may need what a machine cannot have; a scenario may not.
  expect(matches(sources.filter(({ file }) => !/\.(live|long)\.test\.ts$/.test(file)), /\b(test|it|describe)\.(skipIf|runIf)\b/)).toEqual([])
  expect(matches(inRoom("scenarios"), /\bretry: [1-9]|\brepeats:/)).toEqual([])
})

test("no file names a path of somebody's machine", () => {
  const texts = files.filter((file) => !/\.(png|gz|zip|pdf)$/.test(file) && file !== "tidy.test.ts").flatMap(read)
  expect(matches(texts, /(?<![\w.-])\/(work\/(main|shared)|root\/|tmp\/w\/|home\/(?!me\/)\w+\/)[\w./-]*/)).toEqual([])
})

test("no room hides behind a barrel or a drawer of helpers", () => {
  expect(files.filter((file) => /(^|\/)(index|utils?|helpers?|common)(\.ts|\/)/.test(file) && !file.startsWith("fixtures/releases/"))).toEqual([])
})

const register = Register.parse(parse(readFileSync(`${root}/fixtures/requirements.yaml`, "utf8")))
const ids = register.requirements.map(({ id }) => id)
const scenarios = announcedScenarios()

test("each requirement of the register has an id of its own", () => {
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
})

test("a scenario proves requirements that the register knows", () => {
  expect(scenarios.flatMap(({ requirements, title }) => requirements.length === 0 ? [`none: ${title}`] : requirements)
    .filter((id) => !ids.includes(id))).toEqual([])
})

test("each suite and each requirement of the register belongs to a shipped platform", () => {
  const platforms = shippedPlatforms()
  const suites = new Set(platforms.flatMap((platform) => platform.suites))
  expect(scenarios.filter(({ suite }) => !suites.has(suite)).map(({ file }) => `${file}: name its suite in fixtures/platforms/`)).toEqual([])
  const names = platforms.map(({ name }) => name)
  expect(register.requirements.filter((one) => one.platforms.some((name) => !names.includes(name))).map(({ id }) => id)).toEqual([])
})

test("every scenario announces itself in the form that the catalogue reads", () => {
  const written = inRoom("scenarios").filter(({ file }) => file.endsWith(".scenario.ts"))
    .map(({ file, text }) => [file, [...text.matchAll(/^\s*(test|it|describe)\b/gm)].length])
  const announced = written.map(([file]) => [file, scenarios.filter((one) => one.file === file).length])
  expect(announced).toEqual(written)
})

test("no two scenarios have the same title", () => {
  const titles = scenarios.map(({ title }) => title)
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([])
})

test("no scenario names an academy that another one may set", () => {
  const taken = lent.map(({ domain }) => domain.replaceAll(".", "\\."))
  expect(lent).toHaveLength(12)
  expect(academies).toHaveLength(30)
  expect(matches(inRoom("scenarios").filter(({ file }) => file.endsWith(".scenario.ts")), new RegExp(taken.join("|")))).toEqual([])
})
