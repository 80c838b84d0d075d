import { expect, test } from "vitest"
import { meansTheSame } from "./effective-settings.ts"
import { flattenConfigdump, rspamdOverrides } from "./rspamd-settings.ts"

test("what a release sets stands in the section of its file, and text is quoted", () => {
  const text = rspamdOverrides({
    set: {
      "actions.conf:reject": "12", "greylist.conf:timeout": "2s", "rbl.conf:rbls/clients/rbl": "bl.lab.test",
      "rbl_group.conf:symbols/BL_LISTED/weight": "9.5",
    },
    unset: ["dmarc.conf:actions/reject"],
  })
  expect(text.split("\n").slice(1, -1)).toEqual([
    "\"dmarc\" { \"actions\" { \"reject\" = null; } }", "\"actions\" { \"reject\" = 12; }", "\"greylist\" { \"timeout\" = 2s; }",
    "\"rbl\" { \"rbls\" { \"clients\" { \"rbl\" = \"bl.lab.test\"; } } }",
    "\"group\" { \"rbl\" { \"symbols\" { \"BL_LISTED\" { \"weight\" = 9.5; } } } }",
  ])
})

test("a name without a file, and a worker's setting, are refused", () => {
  expect(() => rspamdOverrides({ set: { "worker-proxy.inc:count": "1" }, unset: [] })).toThrow("worker-proxy.inc:count cannot be set")
  expect(() => rspamdOverrides({ set: { reject: "12" }, unset: [] })).toThrow("rspamd: reject is no setting")
})

test("what rspamd reports has the names under which a release sets it", () => {
  expect(flattenConfigdump(JSON.stringify({
    actions: { reject: 15 }, options: { dns: { timeout: 2 }, local_addrs: ["127.0.0.0/8", "192.0.2.20"] },
    worker: [{ rspamd_proxy: { count: 4 } }], group: { rbl: { symbols: { BL_LISTED: { weight: 8 } } } },
  }))).toEqual({
    "actions.conf:reject": "15", "options.inc:dns/timeout": "2", "options.inc:local_addrs": "[127.0.0.0/8, 192.0.2.20]",
    "worker-proxy.inc:count": "4", "rbl_group.conf:symbols/BL_LISTED/weight": "8",
  })
  expect(meansTheSame("rspamd", "5min", "300")).toBe(true)
})
