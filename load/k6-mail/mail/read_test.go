package mail

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

const readTop = `const visit = more => (r => [r.ok, r.messages, r.fetched, r.fetchedBytes, r.arrived, r.error && r.error.message])(
	readMail({ host: "127.0.0.1", port: PORT, auth: { user: "anne", pass: "right" }, tls: { insecureSkipVerify: true }, ...more }))`

const letter = "Subject: %d\r\n\r\nBonjour\r\n"

// idlers hears of each IDLE that begins.
type idlers struct {
	imapserver.Session
	begun chan struct{}
}

func (i idlers) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	i.begun <- struct{}{}
	return i.Session.Idle(w, stop)
}

// mailbox serves one mailbox of three messages; idling hears of each IDLE.
func mailbox(t *testing.T, secure bool) (port int, user *imapmemserver.User, idling chan struct{}) {
	idling = make(chan struct{}, 10)
	pair, _ := certificate(t)
	backend := imapmemserver.New()
	user = imapmemserver.NewUser("anne", "right")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		deliver(t, user, n)
	}
	backend.AddUser(user)
	server := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return idlers{backend.NewSession(), idling}, nil, nil
		},
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIdle: {}}, TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}},
		InsecureAuth: true, Logger: silent{},
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port = listener.Addr().(*net.TCPAddr).Port
	if secure {
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}})
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return port, user, idling
}

func deliver(t *testing.T, user *imapmemserver.User, n int) {
	literal := literal{bytes.NewReader(fmt.Appendf(nil, letter, n))}
	if _, err := user.Append("INBOX", literal, &imap.AppendOptions{}); err != nil {
		t.Error(err)
	}
}

type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

func TestAVisit(t *testing.T) {
	for name, options := range map[string]string{"STARTTLS": "", "in the clear": "startTls: 'never', auth: { user: 'anne', pass: 'right', allowWithoutTls: true }"} {
		t.Run(name, func(t *testing.T) {
			port, _, _ := mailbox(t, false)
			v := newVU(t, port, readTop)
			expect(t, v.run(`visit({ fetch: 2, `+options+` })`), `[true,3,2,28,0,null]`)
			expect(t, v.run(`visit({ fetch: 9, fetchPart: "all", `+options+` })`), `[true,3,3,69,0,null]`)
			expect(t, v.run(`visit({ fetch: 0, `+options+` })`), `[true,3,0,0,0,null]`)
			v.expectSums(map[string]float64{"mail_read_failed": 0, "mail_read_failed count": 3, "mail_read_messages": 5,
				"mail_read_login_duration count": 3, "mail_read_select_duration count": 3, "mail_read_fetch_duration count": 2})
		})
	}
	port, _, _ := mailbox(t, true)
	expect(t, newVU(t, port, readTop).run(`visit({ secure: true })`), `[true,3,1,14,0,null]`)
}

func TestIdle(t *testing.T) {
	port, user, idling := mailbox(t, false)
	v := newVU(t, port, readTop)
	expect(t, v.run(`visit({ fetch: 0, idleMs: 50 })`), `[true,3,0,0,0,null]`)
	<-idling
	done := make(chan struct{})
	go func() {
		defer close(done)
		<-idling // after the SELECT, before which the message would count as an old one
		deliver(t, user, 3)
	}()
	expect(t, v.run(`visit({ fetch: 0, idleMs: 20000 })`), `[true,3,0,0,1,null]`)
	<-done
	v.expectSums(map[string]float64{"mail_read_arrival_duration count": 1})
}

func TestVisitsThatFail(t *testing.T) {
	port, _, _ := mailbox(t, false)
	for options, want := range map[string]string{
		`auth: { user: "anne", pass: "wrong" }`: `[false,0,0,0,0,"login: Authentication failed"]`,
		`mailbox: "none"`:                       `[false,0,0,0,0,"select: No such mailbox"]`,
		`startTls: "never"`:                     `[false,0,0,0,0,"login: the connection has no TLS and a password would be readable; use secure or startTls, or set auth.allowWithoutTls"]`,
		`tls: { serverName: "mx.test" }`:        `[false,0,0,0,0,"tls: tls: failed to verify certificate: x509: certificate signed by unknown authority"]`,
	} {
		v := newVU(t, port, readTop)
		expect(t, v.run(`visit({ `+options+` })`), want)
		v.expectSums(map[string]float64{"mail_read_failed": 1})
	}
	stalled := newVU(t, script(t, ""), readTop)
	expect(t, stalled.run(`visit({ startTls: "never", connectTimeoutMs: 100 })`),
		`[false,0,0,0,0,"connect: no answer within 100 ms; see the server's log, or raise the time limit"]`)
}

func TestOptionsOfReadMail(t *testing.T) {
	v := newVU(t, 1, readTop)
	for call, want := range map[string]string{
		`readMail({ host: "x" })`:             "readMail: auth is missing: { user, pass }",
		`visit({ fetch: -1 })`:                "readMail: fetch must be a whole number from 0 to 100000, and is -1",
		`visit({ mailBox: "x" })`:             `readMail: unknown option "mailBox", valid options are: host, secure`,
		`visit({ startTls: "if-offered" })`:   `readMail: startTls is "if-offered", valid values are: required, never`,
		`visit({ idleMs: 30 * 60 * 1000 })`:   "readMail: idleMs must be a whole number from 0 to 1740000",
		`visit({ auth: { usr: "x" } })`:       "readMail.auth: user is missing",
		`visit({ tls: { ca: "not a cert" }})`: "readMail.tls: ca has no certificate in PEM form",
	} {
		if got := v.fails(call); !strings.Contains(got, want) {
			t.Errorf("%s: got %s", call, got)
		}
	}
}
