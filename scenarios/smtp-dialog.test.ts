import { once } from "node:events"
import { createServer, type AddressInfo, type Socket } from "node:net"
import { expect, test } from "vitest"
import { SmtpDialog, takeReply } from "./smtp-dialog.ts"

test("a reply of several lines is one reply, and the rest is kept", () => {
  expect(takeReply("250-mx1\r\n250 SIZE 5\r\n220 more\r\n")).toEqual({ code: 250, enhanced: "", text: "mx1\nSIZE 5", rest: "220 more\r\n" })
  expect(takeReply("550 5.1.1 unknown\r\n")).toMatchObject({ code: 550, enhanced: "5.1.1" })
  expect(takeReply("250-mx1\r\n")).toBeUndefined()
})

test("a dialog gives one reply for each line, and a broken connection as code 0", async () => {
  const server = await serving((socket) => {
    socket.write("220 here\r\n")
    socket.on("data", (data) =>
      data.toString() === "QUIT\r\n" ? socket.destroy() : socket.write("250-a\r\n250 2.0.0 b\r\n"))
  })
  const dialog = await SmtpDialog.open(server)

  expect(dialog.greeting).toMatchObject({ code: 220, text: "here" })
  expect(await dialog.say("EHLO me")).toMatchObject({ code: 250, text: "a\n2.0.0 b" })
  expect(await dialog.furtherReply(20)).toMatchObject({ code: 0, text: expect.stringContaining("no reply") })
  expect(await dialog.say("QUIT")).toMatchObject({ code: 0 })
})

test("no greeting is a failed claim", async () => {
  await expect(SmtpDialog.open(await serving((socket) => socket.destroy()))).rejects.toThrow("No SMTP greeting")
})

async function serving(answer: (socket: Socket) => void): Promise<{ host: string; port: number }> {
  const server = createServer(answer).listen(0, "127.0.0.1")
  server.unref()
  await once(server, "listening")
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port }
}
