package mail

import (
	"fmt"
	"strings"
	"testing"
)

var batchWays = map[string]string{
	"one after another":           "chunking: false",
	"messages pipelined":          "chunking: false, pipelineMessages: true",
	"whole messages pipelined":    "pipelineMessages: true",
	"without PIPELINING":          "chunking: false, pipelining: false, pipelineMessages: true",
	"a few for each connection":   "chunking: false, pipelineMessages: true, messagesPerConnectionMax: 7",
	"one connection for each one": "messagesPerConnectionMax: 1",
}

const batchTop = `
	const client = new Client({ host: "127.0.0.1", port: PORT, replyTimeoutMs: 20000, finalReplyTimeoutMs: 20000, %s })
	const many = (names, more) => new Template({ from: "sender@a.test", to: { list: names.map(n => n + "@b.test"), ...more }, sizeBytes: 2048, run: "seed" })
	const fine = many(["a", "b", "c", "d"]), pairs = many(["a", "b", "c"], { perMessage: 2 })
	const mixed = many(["a", "refuse", "b", "later"]), cut = many(["a", "b", "lose", "c", "d"])
	const large = new Template({ from: "sender@a.test", to: "a@b.test", sizeBytes: 20000 })
	const thousand = new Template({ from: "sender@a.test", to: { range: { pattern: "u####@b.test", count: 1000 }, perMessage: 1000 } })
	const brief = r => [r.ok, r.messages, r.sent, r.accepted, r.refused, r.error && r.error.message]`

func eachBatchWay(t *testing.T, test func(t *testing.T, v *testVU, s *mailServer, name string)) {
	for name, options := range batchWays {
		t.Run(name, func(t *testing.T) {
			s := serve(t, serverOptions{})
			test(t, newVU(t, s.port, fmt.Sprintf(batchTop, options)), s, name)
		})
	}
}

func TestABatchSendsEachMessageOnce(t *testing.T) {
	eachBatchWay(t, func(t *testing.T, v *testVU, s *mailServer, name string) {
		expect(t, v.run(`brief(client.sendBatch(fine, 100))`), `[true,100,100,100,0,null]`)
		ids := map[string]int{}
		for _, one := range s.all() {
			_, rest, _ := strings.Cut(one.data, "X-Recette-Id: ")
			id, _, _ := strings.Cut(rest, "\r\n")
			ids[id+" "+one.to[0]]++
		}
		for i := range 100 {
			key := fmt.Sprintf("seed.mail.1.%s %s@b.test", base36(i), "abcd"[i%4:i%4+1])
			if ids[key] != 1 {
				t.Fatalf("%s came %d times", key, ids[key])
			}
		}
		sessions := map[string]int{"a few for each connection": 15, "one connection for each one": 100}[name]
		if s.greeted() != max(sessions, 1) {
			t.Errorf("%d sessions", s.greeted())
		}
		v.expectSums(map[string]float64{"mail_messages": 100, "mail_recipients": 100, "mail_failed": 0, "mail_failed count": 100,
			"mail_send_duration count": 100, "mail_reply_duration count": 100, "mail_messages count": 1})
	})
}

func base36(i int) string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	if i < 36 {
		return digits[i : i+1]
	}
	return digits[i/36:i/36+1] + digits[i%36:i%36+1]
}

func TestRecipientsInTurn(t *testing.T) {
	eachBatchWay(t, func(t *testing.T, v *testVU, s *mailServer, _ string) {
		v.run(`brief(client.sendBatch(pairs, 3))`)
		var all []string
		for _, one := range s.all() {
			all = append(all, strings.Join(one.to, "+"))
		}
		expect(t, strings.ReplaceAll(strings.Join(all, " "), "@b.test", ""), "a+b c+a b+c")
	})
}

func TestRefusalsInABatch(t *testing.T) {
	eachBatchWay(t, func(t *testing.T, v *testVU, s *mailServer, _ string) {
		expect(t, v.run(`brief(client.sendBatch(mixed, 8))`), `[false,8,4,4,4,"rcpt: 550 5.1.1 unknown user"]`)
		if len(s.all()) != 4 {
			t.Errorf("%d messages", len(s.all()))
		}
		v.expectSums(map[string]float64{"mail_messages": 4, "mail_failed": 4, "mail_failed count": 8,
			"mail_refusals{permanent,rcpt,550}": 2, "mail_refusals{temporary,rcpt,451}": 2})
	})
}

// A connection that breaks inside a batch fails the message at hand, and those that were already on their way whole;
// none is sent twice.
func TestAConnectionThatBreaksInABatch(t *testing.T) {
	eachBatchWay(t, func(t *testing.T, v *testVU, s *mailServer, name string) {
		v.run(`brief(client.sendBatch(cut, 10))`)
		ids := map[string]bool{}
		for _, one := range s.all() {
			_, rest, _ := strings.Cut(one.data, "X-Recette-Id: ")
			id, _, _ := strings.Cut(rest, "\r\n")
			if ids[id] {
				t.Errorf("%s came twice", id)
			}
			ids[id] = true
		}
		sums := v.sums()
		failed, want := sums["mail_failed"], 2.0
		if name == "whole messages pipelined" {
			want = 8
		}
		if failed != want || sums["mail_failed count"] != 10 || sums["mail_messages"] != 10-want {
			t.Errorf("%v failed of %v, %v messages", failed, sums["mail_failed count"], sums["mail_messages"])
		}
	})
}

func TestLargeMessagesInABatch(t *testing.T) {
	eachBatchWay(t, func(t *testing.T, v *testVU, s *mailServer, _ string) {
		expect(t, v.run(`brief(client.sendBatch(large, 5))`), `[true,5,5,5,0,null]`)
		for _, one := range s.all() {
			if len(one.data) < 19_990 || len(one.data) > 20_010 {
				t.Errorf("%d octets", len(one.data))
			}
		}
	})
}

// As many recipients as a message may have, all refused or not: their replies must not make both sides wait.
func TestManyRecipientsInABatch(t *testing.T) {
	eachBatchWay(t, func(t *testing.T, v *testVU, s *mailServer, _ string) {
		expect(t, v.run(`brief(client.sendBatch(thousand, 4))`), `[true,4,4,4000,0,null]`)
	})
}

func TestABatchWithoutAServer(t *testing.T) {
	v := newVU(t, script(t, "554 no\r\n"), fmt.Sprintf(batchTop, ""))
	expect(t, v.run(`brief(client.sendBatch(fine, 20))`), `[false,20,0,0,20,"greeting: 554 no"]`)
	v.expectSums(map[string]float64{"mail_failed": 20, "mail_refusals{permanent,greeting,554}": 20})
}
