import type { Behaviour } from "./behaviour.ts"
import { RecipientCounts } from "./recipient-limits.ts"

const tripletsMax = 200_000

/** The behaviours in force, by domain, the greylist's memory, and what limits have counted. */
export class Behaviours {
  readonly counts = new RecipientCounts()
  private readonly byDomain = new Map<string, Behaviour>()
  /** `client|sender|recipient` to the time it was first seen, in milliseconds. */
  private readonly triplets = new Map<string, number>()

  /** The behaviour of a domain, else of the listener's own. */
  for(domain: string, listenerDomain: string): Behaviour {
    if (this.byDomain.size === 0) return accepting
    return this.byDomain.get(domain) ?? this.byDomain.get(listenerDomain) ?? accepting
  }
  get(domain: string): Behaviour {
    return this.byDomain.get(domain.toLowerCase()) ?? accepting
  }
  list(): Record<string, Behaviour> {
    return Object.fromEntries(this.byDomain)
  }

  /** Replaces the whole behaviour of a domain. */
  set(domain: string, behaviour: Behaviour): void {
    this.byDomain.set(domain.toLowerCase(), behaviour)
  }
  /** Back to accepting, with an empty greylist: one domain, or all without it. */
  reset(domain?: string): void {
    if (domain === undefined) {
      this.byDomain.clear()
      this.triplets.clear()
      this.counts.clear()
      return
    }
    this.byDomain.delete(domain.toLowerCase())
    if (![...this.byDomain.values()].some(({ limits }) => limits)) this.counts.clear()
    for (const triplet of this.triplets.keys()) {
      if (triplet.endsWith(`@${domain.toLowerCase()}`)) this.triplets.delete(triplet)
    }
  }

  /** True until `waitMs` after this client first offered that recipient for that sender. */
  isGreylisted(client: string, sender: string, recipient: string, waitMs: number): boolean {
    const triplet = `${client}|${sender}|${recipient}`
    const firstMs = this.triplets.get(triplet)
    if (firstMs !== undefined) return performance.now() - firstMs < waitMs
    if (this.triplets.size >= tripletsMax) this.triplets.delete(this.triplets.keys().next().value!)
    this.triplets.set(triplet, performance.now())
    return true
  }
}

const accepting: Behaviour = Object.freeze({})
