package mail

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

// The server of these tests is go-smtp's, with a back end that misbehaves for certain recipients: refuse@ and later@
// are refused at RCPT, full@ after the content (LMTP), drop@ cuts the connection at RCPT, lose@ cuts it inside the
// content, stall@ leaves RCPT without an answer until the test is over.
type mailServer struct {
	*gosmtp.Server
	port int

	lock     sync.Mutex
	received []received
	sessions int
	release  chan struct{}
}

// all is what has arrived, greeted the number of EHLO and LHLO.
func (s *mailServer) all() []received {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.received
}

func (s *mailServer) greeted() int {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.sessions
}

type received struct {
	from string
	to   []string
	data string
}

type serverOptions struct {
	lmtp, tls, auth bool
	// pieces makes the server answer one octet at a time.
	pieces bool
	// idle is after how long without a command the server says 421 and closes.
	idle time.Duration
	// secure is TLS from the first byte.
	secure      bool
	certificate tls.Certificate
}

func serve(t *testing.T, o serverOptions) *mailServer {
	s := &mailServer{release: make(chan struct{})}
	server := gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) {
		s.lock.Lock()
		s.sessions++
		s.lock.Unlock()
		session := &mailSession{server: s, conn: c}
		if o.auth {
			return &loginSession{session}, nil
		}
		return session, nil
	}))
	server.Domain, server.LMTP, server.MaxRecipients, server.ErrorLog = "mx.test", o.lmtp, 1000, silent{}
	server.ReadTimeout = o.idle
	if o.tls || o.secure {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{o.certificate}}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Server, s.port = server, listener.Addr().(*net.TCPAddr).Port
	if o.pieces {
		listener = piecemeal{listener}
	}
	if o.secure {
		listener = tls.NewListener(listener, server.TLSConfig)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		close(s.release)
		_ = server.Close()
	})
	return s
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

type mailSession struct {
	server *mailServer
	conn   *gosmtp.Conn
	now    received
	lose   bool
}

func (s *mailSession) Reset()        { s.now, s.lose = received{}, false }
func (s *mailSession) Logout() error { return nil }

func (s *mailSession) Mail(from string, _ *gosmtp.MailOptions) error {
	s.now = received{from: from}
	if strings.HasPrefix(from, "blocked@") {
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 7, 1}, Message: "sender blocked"}
	}
	return nil
}

func (s *mailSession) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	switch local, _, _ := strings.Cut(to, "@"); local {
	case "refuse":
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "unknown user"}
	case "later":
		return &gosmtp.SMTPError{Code: 451, EnhancedCode: gosmtp.EnhancedCode{4, 7, 1}, Message: "try again later"}
	case "bye":
		return &gosmtp.SMTPError{Code: 421, EnhancedCode: gosmtp.EnhancedCode{4, 3, 2}, Message: "going down"}
	case "drop":
		_ = s.conn.Conn().Close()
	case "stall":
		<-s.server.release
	case "lose":
		s.lose = true
	}
	s.now.to = append(s.now.to, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	if s.lose {
		_ = s.conn.Conn().Close()
		return errors.New("cut")
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if bytes.Contains(data, []byte("Subject: virus")) {
		return &gosmtp.SMTPError{Code: 554, EnhancedCode: gosmtp.EnhancedCode{5, 7, 1}, Message: "content refused"}
	}
	s.now.data = string(data)
	s.server.lock.Lock()
	s.server.received = append(s.server.received, s.now)
	s.server.lock.Unlock()
	return nil
}

func (s *mailSession) LMTPData(r io.Reader, status gosmtp.StatusCollector) error {
	if err := s.Data(r); err != nil {
		return err
	}
	for _, to := range s.now.to {
		if strings.HasPrefix(to, "full@") {
			status.SetStatus(to, &gosmtp.SMTPError{Code: 452, EnhancedCode: gosmtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"})
			continue
		}
		status.SetStatus(to, nil)
	}
	return nil
}

// loginSession takes the password "right".
type loginSession struct{ *mailSession }

func (*loginSession) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }

func (*loginSession) Auth(mechanism string) (sasl.Server, error) {
	check := func(user, password string) error {
		if user == "anne" && password == "right" {
			return nil
		}
		return gosmtp.ErrAuthFailed
	}
	if mechanism == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return check(user, password) }), nil
}

// loginServer is AUTH LOGIN's server side, which go-sasl lacks.
type loginServer struct {
	check func(user, password string) error
	user  string
	step  int
}

func (l *loginServer) Next(response []byte) ([]byte, bool, error) {
	l.step++
	switch {
	case l.step == 1 && response == nil:
		return []byte("Username:"), false, nil
	case l.user == "":
		l.user = string(response)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(response))
}
