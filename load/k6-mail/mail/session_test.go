package mail

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.k6.io/k6/v2/lib/netext"
)

const secureTop = `
	const client = new Client({ host: "127.0.0.1", port: PORT, replyTimeoutMs: 20000, finalReplyTimeoutMs: 20000, %s })
	const one = new Template({ from: "sender@a.test", to: "anne@b.test", sizeBytes: 20000 })`

const brief = `(r => [r.ok, r.error && r.error.class, r.error && r.error.step, r.error && r.error.text])(client.send(one))`

func TestTLS(t *testing.T) {
	pair, ca := certificate(t)
	trust := fmt.Sprintf("tls: { ca: `%s`, serverName: 'mx.test' }", ca)
	for name, row := range map[string]struct {
		server  serverOptions
		options string
		want    string
		tls     float64
	}{
		"STARTTLS where it is offered":     {serverOptions{tls: true}, trust, `[true,null,null,null]`, 1},
		"STARTTLS required":                {serverOptions{tls: true}, trust + ", startTls: 'required'", `[true,null,null,null]`, 1},
		"STARTTLS not offered":             {serverOptions{}, trust, `[true,null,null,null]`, 0},
		"STARTTLS never":                   {serverOptions{tls: true}, "startTls: 'never'", `[true,null,null,null]`, 0},
		"TLS from the first octet":         {serverOptions{secure: true}, trust + ", secure: true", `[true,null,null,null]`, 1},
		"any certificate":                  {serverOptions{tls: true}, "tls: { insecureSkipVerify: true }", `[true,null,null,null]`, 1},
		"required and not offered":         {serverOptions{}, "startTls: 'required'", `[false,"capability","starttls","the server does not offer STARTTLS; give it a certificate, or set startTls to if-offered"]`, 0},
		"a certificate of nobody we trust": {serverOptions{tls: true}, "tls: { serverName: 'mx.test' }", `[false,"tls","tls","tls: failed to verify certificate: x509: certificate signed by unknown authority"]`, 0},
		"a certificate of another name":    {serverOptions{tls: true}, fmt.Sprintf("tls: { ca: `%s`, serverName: 'other.test' }", ca), `[false,"tls","tls","tls: failed to verify certificate: x509: certificate is valid for mx.test, not other.test"]`, 0},
	} {
		for _, pieces := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, pieces %v", name, pieces), func(t *testing.T) {
				row.server.certificate, row.server.pieces = pair, pieces
				s := serve(t, row.server)
				v := newVU(t, s.port, fmt.Sprintf(secureTop, row.options))
				expect(t, v.run(brief), row.want)
				expect(t, v.run(brief), row.want)
				if len(s.all()) > 0 && s.greeted() > 2 { // a session is begun before and after STARTTLS
					t.Errorf("%d sessions", s.greeted())
				}
				v.expectSums(map[string]float64{"mail_tls_duration count": row.tls})
			})
		}
	}
}

// What came in the clear behind the reply to STARTTLS may be an attacker's (CVE-2011-0411).
func TestNothingInTheClearCountsAfterSTARTTLS(t *testing.T) {
	port := script(t, "220 x\r\n", "250-x\r\n250 STARTTLS\r\n", "220 go\r\n250-x\r\n250 AUTH PLAIN\r\n")
	v := newVU(t, port, fmt.Sprintf(secureTop, "tls: { insecureSkipVerify: true }, connectTimeoutMs: 20000"))
	expect(t, v.run(brief), `[false,"tls","tls","bytes in the clear behind the reply to STARTTLS"]`)
}

func TestLogins(t *testing.T) {
	pair, _ := certificate(t)
	server := serverOptions{tls: true, auth: true, certificate: pair}
	const any = "tls: { insecureSkipVerify: true }, "
	for name, row := range map[string]struct {
		server  serverOptions
		options string
		want    string
	}{
		"PLAIN":          {server, any + "auth: { user: 'anne', pass: 'right' }", `[true,null,null,null]`},
		"LOGIN":          {server, any + "auth: { user: 'anne', pass: 'right', method: 'LOGIN' }", `[true,null,null,null]`},
		"wrong password": {server, any + "auth: { user: 'anne', pass: 'wrong' }", `[false,"permanent","auth","Authentication failed"]`},
		"without TLS": {server, "startTls: 'never', auth: { user: 'anne', pass: 'right' }",
			`[false,"capability","auth","the connection has no TLS and a password would be readable; use TLS, or set auth.allowWithoutTls"]`},
		"not offered": {serverOptions{tls: true, certificate: pair}, any + "auth: { user: 'anne', pass: 'right' }",
			`[false,"capability","auth","the server does not offer AUTH PLAIN or LOGIN but []; see its SASL settings"]`},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVU(t, serve(t, row.server).port, fmt.Sprintf(secureTop, row.options))
			expect(t, v.run(brief), row.want)
		})
	}
}

func TestLMTP(t *testing.T) {
	for _, options := range []string{"", "chunking: false", "chunking: false, pipelining: false", "pipelineMessages: true, chunking: false", "pipelineMessages: true"} {
		t.Run(options, func(t *testing.T) {
			s := serve(t, serverOptions{lmtp: true})
			v := newVU(t, s.port, fmt.Sprintf(secureTop, "protocol: 'lmtp', "+options)+`
				const three = new Template({ from: "", to: ["anne@b.test", "full@b.test", "refuse@b.test", "bob@b.test"] })`)
			expect(t, v.run(`(r => [r.accepted, r.refused, r.code, r.error.message])(client.send(three))`),
				`[2,2,452,"rcpt: 550 5.1.1 unknown user"]`)
			expect(t, v.run(`(r => [r.messages, r.sent, r.accepted, r.refused])(client.sendBatch(three, 2))`), `[2,0,4,4]`)
			expect(t, v.run(brief), `[true,null,null,null]`)
			if !strings.Contains(s.all()[0].data, "From: MAILER-DAEMON@invalid\r\nTo: undisclosed-recipients:;\r\n") {
				t.Error(s.all()[0].data)
			}
			v.expectSums(map[string]float64{"mail_refusals{temporary,content,452}": 3, "mail_refusals{permanent,rcpt,550}": 3, "mail_recipients": 7})
		})
	}
}

// What k6 takes from its dialer must be what the server saw, for all kinds of connections.
func TestDataSentAndReceived(t *testing.T) {
	pair, _ := certificate(t)
	for _, options := range []string{"startTls: 'never'", "tls: { insecureSkipVerify: true }"} {
		t.Run(options, func(t *testing.T) {
			s, line := serve(t, serverOptions{tls: true, certificate: pair}), &meter{}
			v := newVU(t, line.before(t, s.port), fmt.Sprintf(secureTop, options))
			v.run(`client.send(one).ok`)
			v.run(`client.sendBatch(one, 5).ok`)
			v.run(`client.close()`)
			dialer := v.state.Dialer.(*netext.Dialer)
			line.closed.Wait()
			if dialer.BytesWritten != line.sent.Load() || dialer.BytesRead != line.received.Load() {
				t.Errorf("sent %d of %d, received %d of %d", dialer.BytesWritten, line.sent.Load(), dialer.BytesRead, line.received.Load())
			}
		})
	}
}

// meter counts what goes through to a server.
type meter struct {
	sent, received atomic.Int64
	closed         sync.WaitGroup
}

func (m *meter) before(t *testing.T, port int) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	m.closed.Add(2)
	go func() {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			return
		}
		pass := func(to, from net.Conn, count *atomic.Int64) {
			defer m.closed.Done()
			n, _ := io.Copy(to, from)
			count.Add(n)
			_ = to.(*net.TCPConn).CloseWrite()
		}
		go pass(server, client, &m.sent)
		go pass(client, server, &m.received)
	}()
	return listener.Addr().(*net.TCPAddr).Port
}
