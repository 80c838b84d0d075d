import { expect, test } from "vitest"
import type { Mail } from "./letter.ts"
import { compare } from "./matchers.ts"

const copy = (recipient: string) => ({ recipient, place: "mx", raw: async () => Buffer.alloc(0) })
const mail: Mail = {
  id: "k3f9-1", sender: "a@x.test", recipients: ["b@x.test", "c@x.test"], subject: "", text: "", messageId: "",
  accepted: ["b@x.test"], refused: [{ recipient: "c@x.test", reply: { code: 550, enhanced: "5.1.1", text: "5.1.1 unknown" } }],
}

test("a second copy, a missing copy and somebody else's copy are each seen", () => {
  const { missing, extra } = compare(["a@x.test", "b@x.test"], [copy("A@x.test"), copy("a@x.test"), copy("c@x.test")])
  expect(missing).toEqual(["b@x.test"])
  expect(extra.map(({ recipient }) => recipient)).toEqual(["a@x.test", "c@x.test"])
})

test("taken means taken for everybody", () => {
  expect(() => expect(mail).toHaveBeenTaken()).toThrow("refused for c@x.test: 550 5.1.1 unknown")
  expect({ ...mail, accepted: mail.recipients, refused: [] }).toHaveBeenTaken()
})

test("refused means refused for everybody, with the code", () => {
  const refused = { ...mail, accepted: [], recipients: ["c@x.test"] }
  expect(refused).toHaveBeenRefused({ code: 550, enhanced: "5.1.1" })
  expect(() => expect(refused).toHaveBeenRefused({ code: 450 })).toThrow("should have been refused (450)")
  expect(() => expect(mail).toHaveBeenRefused()).toThrow("accepted for: b@x.test")
  expect(() => expect({ ...refused, refused: [] }).toHaveBeenRefused()).toThrow("should have been refused")
})

test("put off means told to come again, for everybody", () => {
  const putOff = { ...mail, accepted: [], refused: [{ recipient: "c@x.test", reply: { code: 451, enhanced: "4.3.0", text: "later" } }] }
  expect(putOff).toHaveBeenPutOff()
  expect(() => expect({ ...mail, accepted: [] }).toHaveBeenPutOff()).toThrow("refused for c@x.test: 550")
  expect(() => expect({ ...putOff, accepted: ["b@x.test"] }).toHaveBeenPutOff()).toThrow("accepted for: b@x.test")
})
