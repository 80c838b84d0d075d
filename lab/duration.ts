const secondsPerUnit: Record<string, number> = {
  ms: 0.001, msec: 0.001, s: 1, sec: 1, secs: 1, second: 1, seconds: 1, m: 60, min: 60, mins: 60, minute: 60, minutes: 60,
  h: 3600, hour: 3600, hours: 3600, d: 86_400, day: 86_400, days: 86_400, w: 604_800, week: 604_800, weeks: 604_800,
}

/**
 * Seconds of a duration as Postfix, Dovecot and Sympa write it: `300s`, `2 mins`, or `5` in the unit `unitWithout`.
 * `undefined` when it is none; units are in lower case (`10 M` is a size).
 */
export function secondsOf(text: string, unitWithout = "s"): number | undefined {
  const [, amount, unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? []
  const factor = secondsPerUnit[unit === "" ? unitWithout : unit]
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor
}
