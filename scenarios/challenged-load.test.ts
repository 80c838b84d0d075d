import { expect, test } from "vitest"
import { outcomeOfLoad, type LoadProof } from "./challenged-load.ts"

const proof = (requirement: string, status: string, message = ""): LoadProof =>
  ({ requirement, scenario: `load smoke: ${requirement}`, suite: "load", status, message })

test("a mutant is detected where an expected requirement fails under load", () => {
  const proofs = [proof("PERF-09", "failed", "3 lost of 10 recipients\nlost: …"), proof("PERF-10", "passed")]

  expect(outcomeOfLoad(proofs, ["PERF-09"], [])).toMatchObject({
    status: "detected", detectedBy: { requirement: "PERF-09", suite: "load", message: "3 lost of 10 recipients" },
  })
  expect(outcomeOfLoad(proofs, ["PERF-10"], [])).toMatchObject({ status: "survived", others: [{ requirement: "PERF-09" }] })
})

test("what fails on the release itself, or what no load concludes, detects nothing", () => {
  expect(outcomeOfLoad([proof("PERF-09", "failed")], ["PERF-09"], ["load smoke: PERF-09"])).toMatchObject({ status: "lab-error", detectedBy: null })
  expect(outcomeOfLoad([proof("PERF-09", "lab-error", "the load is not honest")], ["PERF-09"], []))
    .toMatchObject({ status: "lab-error", note: "load smoke: PERF-09: the load is not honest" })
  expect(outcomeOfLoad([], ["PERF-09"], [])).toMatchObject({ status: "lab-error", note: "the load says nothing of PERF-09" })
})
