import { expect, test } from "vitest"
import { topAddresses } from "./subnet.ts"

test("addresses come from the top of the subnet, without the last two and those taken", () => {
  expect(topAddresses("172.18.0.0/16", 3)).toEqual(["172.18.255.253", "172.18.255.252", "172.18.255.251"])
  expect(topAddresses("192.168.5.0/24", 2, ["192.168.5.253"])).toEqual(["192.168.5.252", "192.168.5.251"])
  expect(topAddresses("10.1.2.128/26", 1)).toEqual(["10.1.2.189"])
  expect(topAddresses("10.0.0.0/8", 300).at(-1)).toBe("10.255.254.210")
})

test("a subnet that is too small is a failure of the lab that says how many fit", () => {
  expect(topAddresses("192.168.5.0/26", 29)).toHaveLength(29)
  expect(() => topAddresses("192.168.5.0/26", 30)).toThrow("The subnet 192.168.5.0/26 has room for 29 of 30 more addresses")
  expect(() => topAddresses("192.168.5.0/28", 30)).toThrow("has room for 0 of 30 more addresses")
  expect(() => topAddresses("fd00::/64", 30)).toThrow("fd00::/64 is no IPv4 subnet")
})
