import { setImmediate as turn } from "node:timers/promises"
import { expect, test } from "vitest"
import { unlessStopped } from "./stop-signal.ts"

test("work that fails because it was stopped before anybody waited for it is nobody's surprise", async () => {
  const unhandled: unknown[] = []
  const note = (reason: unknown): void => void unhandled.push(reason)
  process.on("unhandledRejection", note)
  const signal = AbortSignal.abort(new Error("the engine was lost"))
  const work = async (): Promise<never> => {
    await turn()
    throw signal.reason as Error
  }

  await expect(unlessStopped(signal, work())).rejects.toThrow("the engine was lost")
  await turn()
  await turn()

  process.off("unhandledRejection", note)
  expect(unhandled).toEqual([])
})
