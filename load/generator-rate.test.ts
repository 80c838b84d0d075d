import { expect, test } from "vitest"
import { isWithin } from "./bench.ts"
import { measureRate, rateFigures } from "./generator-rate.ts"

const summary = (sent: number, dropped: number) => JSON.stringify({
  metrics: {
    mail_messages: { count: sent, rate: 1 }, mail_dispatch_lag: { "p(99)": 4.5, max: 20 },
    ...(dropped === 0 ? {} : { dropped_iterations: { count: dropped } }),
  },
})

test("a rate is read from k6's own summary, and judged by its worst run", async () => {
  const runs = [20_001, 20_000, 20_000, 20_000, 20_000, 20_000, 19_990]
  const measured = await Promise.all(runs.map((sent, index) => measureRate({ said: async () => summary(sent, sent < 20_000 ? 10 : 0) }, index + 1)))

  expect(measured[0]).toEqual({ pair: 1, sent: 20_001, dropped: 0, lagMs: { p99: 4.5, max: 20 } })
  const [sent, dropped] = rateFigures(measured)
  expect(isWithin(sent!, sent!.must)).toBe(true)
  expect(dropped!.samples).toEqual([0, 0, 0, 0, 0, 0, 10])
  expect(isWithin(dropped!, dropped!.must)).toBe(false)
})

test("a run without a summary is a failure in its own words", async () => {
  await expect(measureRate({ said: async () => "level=error msg=\"connection refused\"" }, 1))
    .rejects.toThrow('The run at a rate left no summary: level=error msg="connection refused"')
})
