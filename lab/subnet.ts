import { LabFailure } from "./failure.ts"

/** What the engine may still take at the bottom of the subnet, from where it gives out addresses. */
const addressesForEngine = 32

/**
 * `count` IPv4 addresses from the top of a subnet downwards, for example 172.18.255.253, .252, ... of 172.18.0.0/16.
 * The last two before the broadcast address are left alone, and so are those in `taken` and the 32 lowest ones.
 * Throws LabFailure where the subnet (chosen by the engine) is too small.
 */
export function topAddresses(subnet: string, count: number, taken: readonly string[] = []): string[] {
  const { first, size } = rangeOf(subnet)
  const used = new Set(taken)
  const found: string[] = []
  for (let offset = size - 3; offset > addressesForEngine && found.length < count; offset -= 1) {
    const address = addressText(first + offset)
    if (!used.has(address)) found.push(address)
  }
  if (found.length === count) return found
  throw new LabFailure(`The subnet ${subnet} has room for ${found.length} of ${count} more addresses`, {
    where: "the lab's network, as the engine made it",
    remedy: "give the engine address pools of /24 or larger (default-address-pools in its configuration)",
  })
}

function rangeOf(subnet: string): { first: number; size: number } {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(subnet)
  const [a = NaN, b = NaN, c = NaN, d = NaN, bits = NaN] = match?.slice(1).map(Number) ?? []
  if (!match || Math.max(a, b, c, d) > 255 || bits < 8 || bits > 32) {
    throw new LabFailure(`${subnet} is no IPv4 subnet`, {
      where: "the lab's network, as the engine made it", remedy: "allow IPv4 address pools in the engine's configuration",
    })
  }
  const size = 2 ** (32 - bits)
  const address = ((a * 256 + b) * 256 + c) * 256 + d
  return { first: address - address % size, size }
}

function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".")
}
