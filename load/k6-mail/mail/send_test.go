package mail

import (
	"context"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"
)

const plainTop = `
	const client = new Client({ host: "127.0.0.1", port: PORT, replyTimeoutMs: 20000, finalReplyTimeoutMs: 20000, %s })
	const to = (to, more) => new Template({ from: "sender@a.test", to, text: ".hidden dot\nBonjour\n.\n..two", run: "seed", ...more })
	const one = to("anne@b.test"), three = to(["anne@b.test", "refuse@b.test", "bob@b.test"])
	const nobody = to(["refuse@b.test", "later@b.test"]), dropped = to("drop@b.test"), lost = to("lose@b.test"), stalled = to("stall@b.test")
	const bye = to(["anne@b.test", "bye@b.test"]), virus = to("anne@b.test", { subject: "virus" })
	const blocked = new Template({ from: "blocked@a.test", to: ["anne@b.test", "bob@b.test"] })
	const large = to("anne@b.test", { sizeBytes: 50000 })`

// ways are the dialogs that must all give the same results.
var ways = map[string]string{
	"one write for MAIL, RCPT, DATA": "chunking: false",
	"a whole message in one write":   "",
	"one command after another":      "pipelining: false, chunking: false",
	"BDAT after single commands":     "pipelining: false",
}

func eachWay(t *testing.T, test func(t *testing.T, v *testVU, s *mailServer)) {
	for name, options := range ways {
		for _, pieces := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, pieces %v", name, pieces), func(t *testing.T) {
				s := serve(t, serverOptions{pieces: pieces})
				test(t, newVU(t, s.port, fmt.Sprintf(plainTop, options)), s)
			})
		}
	}
}

func TestAMessageArrivesAsItWasMade(t *testing.T) {
	eachWay(t, func(t *testing.T, v *testVU, s *mailServer) {
		expect(t, v.run(`(r => ({ ok: r.ok, id: r.id, accepted: r.accepted, refused: r.refused, code: r.code, error: r.error }))(client.send(one))`),
			`{"ok":true,"id":"seed.mail.1.0","accepted":1,"refused":0,"code":250}`)
		expect(t, v.run(`client.send(large).ok`), "true")

		got := s.all()[0]
		expect(t, got.from+" "+strings.Join(got.to, " "), "sender@a.test anne@b.test")
		date := regexp.MustCompile(`Date: [^\r]+`)
		expect(t, date.ReplaceAllString(got.data, "Date"), strings.ReplaceAll(`From: sender@a.test
To: anne@b.test
Subject: Message seed.mail.1.0
Date
Message-ID: <seed.mail.1.0@a.test>
X-Recette-Id: seed.mail.1.0
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 7bit

Id: seed.mail.1.0
.hidden dot
Bonjour
.
..two
`, "\n", "\r\n"))
		if size := len(s.all()[1].data); size < 49_990 || size > 50_010 {
			t.Errorf("the large message has %d octets", size)
		}
		if s.greeted() != 1 {
			t.Errorf("%d sessions for two messages", s.greeted())
		}
		v.expectSums(map[string]float64{
			"mail_failed": 0, "mail_failed count": 2, "mail_messages": 2, "mail_recipients": 2, "mail_send_duration count": 2,
			"mail_bytes": float64(len(got.data) + len(s.all()[1].data)), "mail_connect_duration count": 1,
			"mail_envelope_duration count": 2, "mail_data_duration count": 2, "mail_reply_duration count": 2,
		})
	})
}

func TestOneRefusedRecipientOfThree(t *testing.T) {
	eachWay(t, func(t *testing.T, v *testVU, s *mailServer) {
		expect(t, v.run(`(r => [r.ok, r.accepted, r.refused, r.code, r.error.message])(client.send(three))`),
			`[false,2,1,250,"rcpt: 550 5.1.1 unknown user"]`)
		expect(t, strings.Join(s.all()[0].to, " "), "anne@b.test bob@b.test")
		v.expectSums(map[string]float64{"mail_failed": 1, "mail_messages": 1, "mail_recipients": 2, "mail_refusals{permanent,rcpt,550}": 1})
	})
}

func TestTheNextMessageGoesAfterOneThatNobodyTook(t *testing.T) {
	eachWay(t, func(t *testing.T, v *testVU, s *mailServer) {
		for _, row := range [][2]string{
			{"nobody", `[0,2,"permanent","rcpt",550]`}, {"blocked", `[0,2,"permanent","mail",550]`}, {"virus", `[0,1,"permanent","content",554]`},
		} {
			expect(t, v.run(`(r => [r.accepted, r.refused, r.error.class, r.error.step, r.error.code])(client.send(`+row[0]+`))`), row[1])
			expect(t, v.run(`client.send(one).ok`), "true")
		}
		if len(s.all()) != 3 || s.greeted() != 1 {
			t.Errorf("%d messages, %d sessions", len(s.all()), s.greeted())
		}
		v.expectSums(map[string]float64{
			"mail_failed": 3, "mail_failed count": 6, "mail_messages": 3, "mail_refusals{permanent,mail,550}": 2,
			"mail_refusals{permanent,rcpt,550}": 1, "mail_refusals{temporary,rcpt,451}": 1, "mail_refusals{permanent,content,554}": 1,
		})
	})
}

func TestABrokenConnectionFailsItsMessageAndTheNextReconnects(t *testing.T) {
	eachWay(t, func(t *testing.T, v *testVU, s *mailServer) {
		for sessions, name := range []string{"dropped", "lost"} {
			expect(t, v.run(`(r => [r.ok, r.accepted, r.refused, r.code, r.error.class, r.error.code])(client.send(`+name+`))`),
				`[false,0,1,0,"connection",0]`)
			expect(t, v.run(`client.send(one).ok`), "true")
			if s.greeted() != sessions+2 {
				t.Errorf("%d sessions", s.greeted())
			}
		}
		v.expectSums(map[string]float64{"mail_failed": 2, "mail_messages": 2, "mail_connect_duration count": 3})
	})
}

func TestAServerThatGoesDownPolitely(t *testing.T) {
	eachWay(t, func(t *testing.T, v *testVU, s *mailServer) {
		expect(t, v.run(`(r => [r.accepted, r.refused, r.error.message])(client.send(bye))`), `[0,2,"rcpt: 421 4.3.2 going down"]`)
		expect(t, v.run(`client.send(one).ok`), "true")
		if s.greeted() != 2 {
			t.Errorf("%d sessions", s.greeted())
		}
	})
}

func TestAStalledServer(t *testing.T) {
	for name, options := range ways {
		t.Run(name, func(t *testing.T) {
			s := serve(t, serverOptions{})
			v := newVU(t, s.port, fmt.Sprintf(plainTop, "replyTimeoutMs: 1000, finalReplyTimeoutMs: 1000, "+options))
			expect(t, v.run(`(r => [r.error.class, r.error.step, r.error.text])(client.send(stalled))`),
				`["timeout","rcpt","no answer within 1000 ms; see the server's log, or raise the time limit"]`)
			expect(t, v.run(`client.send(one).ok`), "true")
		})
	}
}

func TestTheEndOfTheTestInterruptsAWait(t *testing.T) {
	s := serve(t, serverOptions{})
	v := newVU(t, s.port, fmt.Sprintf(plainTop, "replyTimeoutMs: 60000"))
	ctx, cancel := context.WithCancel(context.Background())
	v.runtime.VU.CtxField = ctx
	time.AfterFunc(50*time.Millisecond, cancel)
	started := time.Now()
	expect(t, v.run(`(r => [r.error.class, r.error.text])(client.send(stalled))`), `["interrupted","the test ended before the answer"]`)
	if waited := time.Since(started); waited > 10*time.Second {
		t.Errorf("it took %v", waited)
	}
}

func TestServersThatSpeakOtherwise(t *testing.T) {
	for name, row := range map[string]struct {
		answers []string
		want    string
	}{
		"no mail server":     {[]string{"HTTP/1.1 400 Bad Request\r\n"}, `["protocol","greeting","the server sent a line that is no reply (RFC 5321, 4.2)"]`},
		"one that refuses":   {[]string{"554 5.3.2 not today\r\n"}, `["permanent","greeting","not today"]`},
		"EHLO refused":       {[]string{"220 x\r\n", "502 what\r\n"}, `["permanent","ehlo","what"]`},
		"an end in greeting": {[]string{"hang up"}, `["connection","greeting","the server closed the connection without an answer; see its log"]`},
		"a wrong go-ahead":   {[]string{"220 x\r\n", "250 x\r\n", "250 ok\r\n", "250 ok\r\n", "250 odd\r\n"}, `["protocol","data","odd"]`},
		"different codes":    {[]string{"220 x\r\n", "250 x\r\n", "250-a\r\n550 b\r\n"}, `["protocol","mail","the server sent a reply whose lines carry different codes (RFC 5321, 4.2.1)"]`},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVU(t, script(t, row.answers...), fmt.Sprintf(plainTop, ""))
			expect(t, v.run(`(e => [e.class, e.step, e.text])(client.send(one).error)`), row.want)
		})
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil || listener.Close() != nil {
		t.Fatal(err)
	}
	v := newVU(t, listener.Addr().(*net.TCPAddr).Port, fmt.Sprintf(plainTop, ""))
	got := v.run(`(r => [r.refused, r.error.class, r.error.step, r.error.text])(client.send(three))`)
	if !strings.HasPrefix(got, `[3,"connection","connect","nobody listens there; check host and port`) {
		t.Error(got)
	}
	v.expectSums(map[string]float64{"mail_failed": 1, "mail_refusals{connection,connect,0}": 3, "mail_send_duration count": 0})
}

func TestAnEmptyMessageEndsADataThatNoRecipientAllows(t *testing.T) {
	// PIPELINING, RCPT refused, and still 354: the empty message's reply must not be taken for the next one's.
	port := script(t, "220 x\r\n", "250-x\r\n250 PIPELINING\r\n", "250 ok\r\n550 no\r\n354 go\r\n", "554 no valid recipients\r\n",
		"250 ok\r\n550 no\r\n503 no\r\n")
	v := newVU(t, port, fmt.Sprintf(plainTop, ""))
	for range 2 {
		expect(t, v.run(`(r => [r.accepted, r.error.step, r.error.code])(client.send(one))`), `[0,"rcpt",550]`)
	}
}

// A server may close behind its refusal. What became of the message is known: it was refused.
func TestTheRefusalOfASenderByAServerThatHangsUp(t *testing.T) {
	for name, offers := range map[string]string{"DATA": "250 PIPELINING\r\n", "BDAT": "250-PIPELINING\r\n250 CHUNKING\r\n"} {
		t.Run(name, func(t *testing.T) {
			port := script(t, "220 x\r\n", "250-x\r\n"+offers, "550 5.7.1 not you\r\nhang up")
			v := newVU(t, port, fmt.Sprintf(plainTop, ""))
			expect(t, v.run(`(r => [r.accepted, r.refused, r.error.message])(client.send(three))`), `[0,3,"mail: 550 5.7.1 not you"]`)
		})
	}
}

// Servers end connections that say nothing: that must not fail the message that comes next.
func TestAConnectionThatTheServerGaveUpWhileItWasIdle(t *testing.T) {
	s := serve(t, serverOptions{idle: 100 * time.Millisecond})
	v := newVU(t, s.port, fmt.Sprintf(plainTop, ""))
	expect(t, v.run(`client.send(one).ok`), "true")
	time.Sleep(1100 * time.Millisecond) // from a second of silence on, the client looks first
	expect(t, v.run(`client.send(one).ok`), "true")
	v.expectSums(map[string]float64{"mail_failed": 0, "mail_connect_duration count": 2})
}

func TestWritesAreFew(t *testing.T) {
	for name, row := range map[string]struct {
		options, call string
		writes        int
	}{
		"pipelined":          {"chunking: false", "client.send(one)", 2},
		"chunked":            {"", "client.send(one)", 1},
		"step by step":       {"pipelining: false, chunking: false", "client.send(three)", 6},
		"batch":              {"chunking: false", "client.sendBatch(one, 10)", 20},
		"pipelined messages": {"chunking: false, pipelineMessages: true", "client.sendBatch(one, 10)", 11},
		"chunked messages":   {"pipelineMessages: true", "client.sendBatch(one, 10)", 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, serverOptions{})
			v := newVU(t, s.port, fmt.Sprintf(plainTop, row.options))
			dialer := &counter{}
			v.state.Dialer = dialer
			v.run(`client.send(one).ok`)
			dialer.take()
			v.run(row.call)
			if writes := dialer.take(); writes != row.writes {
				t.Errorf("%d writes, want %d", writes, row.writes)
			}
		})
	}
}
