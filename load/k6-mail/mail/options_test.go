package mail

import (
	"fmt"
	"strings"
	"testing"
)

func TestWrongOptionsThrowWhenTheScriptLoads(t *testing.T) {
	const range5 = `range: { pattern: "u#@b.test", count: 5 }`
	template := func(rest string) string { return `new Template({ from: "a@a.test", ` + rest + ` })` }
	for code, want := range map[string]string{
		`new Client()`:                                    "Client: it needs an object of options, for example Client({ ... })",
		`new Client({})`:                                  "Client: host is missing",
		`new Client({ hst: "x", host: "x" })`:             `Client: unknown option "hst", valid options are: host, protocol, secure, port`,
		`new Client({ host: 1 })`:                         "Client: host must be text, and is 1",
		`new Client({ host: "x", port: 70000 })`:          "Client: port must be a whole number from 1 to 65535, and is 70000",
		`new Client({ host: "x", port: 25.5 })`:           "Client: port must be a whole number from 1 to 65535, and is 25.5",
		`new Client({ host: "x", protocol: "esmtp" })`:    `Client: protocol is "esmtp", valid values are: smtp, lmtp`,
		`new Client({ host: "x", secure: "yes" })`:        "Client: secure must be true or false, and is yes",
		`new Client({ host: "x", auth: { pass: "x" } })`:  "Client.auth: user is missing",
		`new Client({ host: "x", tls: { ca: "x" } })`:     "Client.tls: ca has no certificate in PEM form",
		`new Client({ host: "x", log: { writer: "x" } })`: "Client.log: folder is missing",
		`new Template({ to: "a@b.test" })`:                `Template: from is missing; "" is the null sender`,
		`new Template({ from: "a", to: "a@b.test" })`:     `Template: from: "a" is no address: it needs text on both sides of @`,
		template(``):                                                        "Template: to is missing",
		template(`to: ""`):                                                  `Template: to: recipient 1: "" is no address`,
		template(`to: []`):                                                  "Template: to: there are 0 recipients, and 1 to 5000000 are possible",
		template(`to: ["a@b.test", 1]`):                                     "Template: to: recipient 2 must be text, and is 1",
		template(`to: ["a@b.test", "x y@b.test"]`):                          `recipient 2: "x y@b.test" has a character that an address cannot have here`,
		template(`to: "a@b.test>\r\nDATA"`):                                 "has a character that an address cannot have here",
		template(`to: "é@b.test"`):                                          "has a character that an address cannot have here",
		template(`to: "` + strings.Repeat("x", 251) + `@b.t"`):              "has 255 octets, and an address has at most 254",
		template(`to: { list: ["a@b.test"], ` + range5 + ` }`):              "Template.to: exactly one of list, file and range says who the recipients are, and 2 do",
		template(`to: { ` + range5 + `, perMessage: 1001 }`):                "Template.to: perMessage must be a whole number from 1 to 1000, and is 1001",
		template(`to: { perMessage: 2 }`):                                   "exactly one of list, file and range says who the recipients are, and 0 do",
		template(`to: { ` + range5 + `, perMessage: 6 }`):                   "to.perMessage is 6, and 1 to 1000 are possible, at most as many as there are recipients (5)",
		template(`to: { ` + range5 + `, order: "any" }`):                    `Template.to: order is "any", valid values are: sequence, random`,
		template(`to: { ` + range5 + `, step: 2 }`):                         `Template.to: unknown option "step"`,
		template(`to: { range: { pattern: "u@b.test" } }`):                  `the pattern "u@b.test" needs one run of # for the number, for example u####@example.test`,
		template(`to: { range: { pattern: "u#@b#.t", count: 1 } }`):         "needs one run of #",
		template(`to: { range: { pattern: "u#@b.test", count: 11 } }`):      "the numbers 0 to 10 do not fit the 1 digits",
		template(`to: { file: "none.txt" }`):                                "Template.to.file: ",
		template(`to: "a@b.test", subject: "a\nb"`):                         "Template: subject has a line end, and a header field is one line",
		template(`to: "a@b.test", headers: { "X Y": "z" }`):                 `Template: headers: "X Y": "z" is no header field of one line`,
		template(`to: "a@b.test", headers: { "X-Y": "z\r\nBcc: x" }`):       "is no header field of one line",
		template(`to: "a@b.test", run: "a b"`):                              `Template: run is "a b", and 1 to 40 letters, digits, - and _ are possible`,
		template(`to: "a@b.test", stream: ""`):                              `Template: stream is ""`,
		template(`to: "a@b.test", text: "a\rb"`):                            "Template: text has a carriage return without a line feed",
		template(`to: "a@b.test", text: "x".repeat(999)`):                   "Template: text has a line of 999 octets, and 998 are possible (RFC 5322, 2.1.1)",
		template(`to: "a@b.test", attachment: { name: "x" }`):               "exactly one of file and sizeBytes says what is attached",
		template(`to: "a@b.test", attachment: { name: "x", file: "none" }`): "Template.attachment: file: ",
	} {
		t.Run(code, func(t *testing.T) {
			if got := topError(t, code); !strings.Contains(got, want) {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestCallsAtTheWrongPlace(t *testing.T) {
	v := newVU(t, 1, fmt.Sprintf(plainTop, ""))
	for code, want := range map[string]string{
		`new Client({ host: "x" })`:                  "mail: a Client is made at the top of the script, not inside default(); move new Client() there",
		`new Template({ from: "", to: "a@b.test" })`: "mail: a Template is made at the top of the script, not inside default(); move new Template() there",
		`client.send()`:                              "mail: send() needs a Template: const message = new Template({ ... }) at the top of the script",
		`client.send({ from: "x" })`:                 "mail: send() needs a Template",
		`client.sendBatch(one)`:                      "mail: sendBatch(template, count) needs a whole number from 1 to 10000",
		`client.sendBatch(one, 10001)`:               "mail: sendBatch(template, count) needs a whole number from 1 to 10000",
		`client.sendBatch("x", 1)`:                   "mail: sendBatch() needs a Template",
		`client.send(one).ok = true; null.x`:         "TypeError",
		`throw client.send(one).error`:               "connect: nobody listens there",
	} {
		if got := v.fails(code); !strings.Contains(got, want) {
			t.Errorf("%s: got %s", code, got)
		}
	}
	v.state.VUIDGlobal = 0
	if got := v.fails(`client.send(one)`); !strings.Contains(got, "mail: send() works in a VU's iterations, not in setup() or teardown(); give it a scenario of its own") {
		t.Error(got)
	}
	const atTop = `new Client({ host: "127.0.0.1", startTls: "never" }).send(new Template({ from: "", to: "a@b.test" }))`
	if got := topError(t, atTop); !strings.Contains(got, "mail: connections open inside default(), not at the top of the script; move send() there") {
		t.Error(got)
	}
}
