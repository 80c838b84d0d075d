import { expect, test } from "vitest"
import { figuresOf, groups, measureCosts, type BenchPlace } from "./generator-cost.ts"

// A place whose commands cost what they should: so much to start, and so much for each message.

const costs: Record<string, number> = { "smtp-source": 50, k6: 40, "k6-naive": 360, node: 600 }
const startSeconds = 0.3
const only = groups.slice(0, 1)
const stop = new AbortController().signal

function place(commands: string[]): BenchPlace {
  return {
    measure: async (command, env = {}) => {
      const messages = Number(command[0]!.startsWith("k6") ? env["MESSAGES"] : command[0] === "node" ? command[5] : command[command.indexOf("-m") + 1])
      const cpuSeconds = startSeconds + messages * (env["BATCH"] ? 20 : costs[command[0]!]!) / 1e6
      commands.push([command[0], env["BATCH"] && "batch", env["WITHOUT_PIPELINING"] && "stepwise", env["CONNECTION_EACH"] && "each", messages]
        .filter(Boolean).join(" "))
      return { cpuSeconds, clockSeconds: cpuSeconds * 2 }
    },
  }
}

test("a ratio is of the cost per message, without what a start costs", async () => {
  const measurements = await measureCosts(place([]), { pairs: 2, sessions: [10], stop }, only)
  const figures = figuresOf([10], measurements, only)

  expect(measurements).toHaveLength(14)
  expect(measurements[0]).toMatchObject({ sender: "smtp-source -d", messages: 39_990, pair: 1, sessions: 10 })
  expect(measurements[0]!.cpuMicroseconds).toBeCloseTo(50)
  expect(figures[0]!.what).toBe("2 KiB, 1 recipient, send(): CPU / smtp-source -d, 10 sessions")
  expect(figures.map(({ samples: [first] }) => Number(first!.toFixed(3)))).toEqual([0.8, 0.4, 2.5, 0.8, 15, 9, 1])
  expect(figures.every(({ samples }) => samples.length === 2)).toBe(true)
})

test("senders take turns, forwards and backwards, each with a start of its own", async () => {
  const commands: string[] = []
  await measureCosts(place(commands), { pairs: 2, sessions: [100], stop }, only)

  const forwards = ["smtp-source 100", "smtp-source 40000", "k6 100", "k6 40000", "k6 batch 100", "k6 batch 60000",
    "k6 stepwise 100", "k6 stepwise 25000", "k6 each 100", "k6 each 8000", "k6-naive 100", "k6-naive 6000", "node 100", "node 4000"]
  expect(commands.slice(0, 14)).toEqual(forwards)
  expect(commands.slice(14, 16)).toEqual(["node 100", "node 4000"])
  expect(commands.slice(-2)).toEqual(["smtp-source 100", "smtp-source 40000"])
})

test("a pair that was not finished says nothing, and a failure that nobody asked for is thrown", async () => {
  const stopped = new AbortController()
  const good = place([])
  let left = 14 + 3
  const breaking: BenchPlace = {
    measure: async (command, env) => {
      if (left-- === 0) throw new Error("gone")
      return good.measure(command, env)
    },
  }
  await expect(measureCosts(breaking, { pairs: 2, sessions: [10], stop: stopped.signal }, only)).rejects.toThrow("gone")

  left = 14 + 3
  stopped.abort()
  const figures = figuresOf([10], await measureCosts(breaking, { pairs: 2, sessions: [10], stop: stopped.signal }, only), only)
  expect(figures.every(({ samples }) => samples.length === 1)).toBe(true)
})
