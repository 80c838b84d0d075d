/** How many recipients a mail service takes in a span of time, of one client and of one envelope sender. */
export interface RecipientLimits {
  windows: readonly { windowSeconds: number; perClientMax: number; perSenderMax: number }[]
  /** Mail whose envelope sender is of these domains neither counts nor is held up: lists that the service exempts. */
  exemptSenderDomains?: readonly string[]
}

export const limitsCure = "{ windows: [{ windowSeconds 1 to 86 400, perClientMax, perSenderMax }], exemptSenderDomains? }"
const secondsMax = 86_400

export function areLimits(value: unknown): boolean {
  const { windows, exemptSenderDomains = [] } = (value ?? {}) as Partial<RecipientLimits>
  const isWhole = (number: unknown, max: number) => Number.isInteger(number) && (number as number) >= 1 && (number as number) <= max
  return Array.isArray(windows) && windows.length > 0 && Array.isArray(exemptSenderDomains) && exemptSenderDomains.every((one) => typeof one === "string")
    && windows.every((one: Partial<RecipientLimits["windows"][number]>) =>
      isWhole(one.windowSeconds, secondsMax) && isWhole(one.perClientMax, 1e9) && isWhole(one.perSenderMax, 1e9))
}

/** Recipients taken so far, by client and by sender, each second apart: windows slide. */
export class RecipientCounts {
  private readonly taken = new Map<string, Map<number, number>>()

  /** Counts a recipient and returns true, or returns false where a limit is reached; what is not taken does not count. */
  take({ windows, exemptSenderDomains = [] }: RecipientLimits, { client, sender }: { client: string; sender: string }, nowSeconds = performance.now() / 1_000): boolean {
    if (exemptSenderDomains.includes(sender.slice(sender.lastIndexOf("@") + 1).toLowerCase())) return true
    const keys = [`client ${client}`, `sender ${sender.toLowerCase()}`]
    const isFull = windows.some(({ windowSeconds, perClientMax, perSenderMax }) =>
      this.within(keys[0]!, windowSeconds, nowSeconds) >= perClientMax || this.within(keys[1]!, windowSeconds, nowSeconds) >= perSenderMax)
    if (isFull) return false
    for (const key of keys) this.count(key, Math.floor(nowSeconds))
    return true
  }

  clear(): void {
    this.taken.clear()
  }

  private within(key: string, seconds: number, nowSeconds: number): number {
    let sum = 0
    for (const [second, count] of this.taken.get(key) ?? []) if (second > nowSeconds - seconds) sum += count
    return sum
  }

  private count(key: string, second: number): void {
    const seconds = this.taken.get(key) ?? new Map<number, number>()
    seconds.set(second, (seconds.get(second) ?? 0) + 1)
    for (const old of seconds.keys()) {
      if (old > second - secondsMax) break
      seconds.delete(old)
    }
    this.taken.set(key, seconds)
  }
}
