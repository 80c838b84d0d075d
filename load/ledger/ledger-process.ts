import { reconcile, type ReconcileOptions } from "./reconcile.ts"

// The ledger in a process of its own, for ledger-child.ts.
const summary = await reconcile(JSON.parse(process.argv[2]!) as ReconcileOptions)
const { maxRSS: maxRssKb, userCPUTime, systemCPUTime } = process.resourceUsage()
process.stdout.write(JSON.stringify({ summary, maxRssKb, cpuMs: Math.round((userCPUTime + systemCPUTime) / 1_000) }))
