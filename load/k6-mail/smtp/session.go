package smtp

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net"
	"strings"
	"time"
)

// Session is one open connection, greeted, secured and logged in.
type Session struct {
	options Options
	wire    *wire
	offers  offers
	// Times of its opening.
	Times Times

	closed bool
	// open says that a MAIL was accepted and its transaction not ended: RSET comes before the next one.
	open bool
	// used is when the last answer came.
	used time.Time
	out  []byte
	// took says for each recipient of the message at hand whether RCPT was accepted.
	took []bool
}

// offers is what the server's EHLO reply lists.
type offers struct {
	pipelining, chunking, size, eightBit, startTLS bool
	auth                                           []string
}

// Open connects, greets, starts TLS and logs in, all within ConnectTimeout. A failure is always a *Failure.
func Open(ctx context.Context, options Options) (*Session, error) {
	started := time.Now()
	limit := started.Add(options.ConnectTimeout)
	within, cancel := context.WithDeadline(ctx, limit)
	defer cancel()
	conn, err := options.Dial(within, "tcp", options.Address)
	if err != nil {
		return nil, Broken(ctx, StepConnect, err, options.ConnectTimeout.Milliseconds())
	}
	s := &Session{options: options, wire: newWire(conn)}
	if step, err := s.begin(within, limit); err != nil {
		s.abandon()
		return nil, Broken(ctx, step, err, options.ConnectTimeout.Milliseconds())
	}
	s.Times.Connect = time.Since(started)
	return s, nil
}

func (s *Session) begin(ctx context.Context, limit time.Time) (Step, error) {
	if s.options.Secure {
		if err := s.handshake(ctx); err != nil {
			return StepTLS, err
		}
	}
	if _, err := s.expect(ctx, StepGreeting, 220, limit); err != nil {
		return StepGreeting, err
	}
	if err := s.hello(ctx, limit); err != nil {
		return StepHello, err
	}
	if !s.options.Secure && s.options.StartTLS != StartTLSNever {
		if step, err := s.startTLS(ctx, limit); err != nil {
			return step, err
		}
	}
	if s.options.User != "" {
		started := time.Now()
		if err := s.login(ctx, limit); err != nil {
			return StepAuth, err
		}
		s.Times.Auth = time.Since(started)
	}
	return "", nil
}

func (s *Session) handshake(ctx context.Context) error {
	started := time.Now()
	err := s.wire.secure(ctx, s.options.TLS)
	s.Times.TLS = time.Since(started)
	var network net.Error
	if err == nil || ctx.Err() != nil || (errors.As(err, &network) && network.Timeout()) {
		return err
	}
	return &Failure{Class: BadTLS, Step: StepTLS, Text: err.Error(), Cause: err}
}

func (s *Session) startTLS(ctx context.Context, limit time.Time) (Step, error) {
	if !s.offers.startTLS {
		if s.options.StartTLS == StartTLSIfOffered {
			return "", nil
		}
		return StepStartTLS, &Failure{Class: Capability, Step: StepStartTLS,
			Text: "the server does not offer STARTTLS; give it a certificate, or set startTls to if-offered"}
	}
	if _, err := s.command(ctx, StepStartTLS, "STARTTLS", 220, limit); err != nil {
		return StepStartTLS, err
	}
	if err := s.handshake(ctx); err != nil {
		return StepTLS, err
	}
	return StepHello, s.hello(ctx, limit) // what was offered in the clear does not count (RFC 3207, 4.2)
}

func (s *Session) hello(ctx context.Context, limit time.Time) error {
	verb := "EHLO "
	if s.options.LMTP {
		verb = "LHLO "
	}
	reply, err := s.command(ctx, StepHello, verb+s.options.Name, 250, limit)
	if err != nil {
		return err
	}
	s.offers = offers{}
	for i, line := range bytes.Split(reply.AppendText(nil), []byte{'\n'}) {
		words := strings.Fields(strings.ToUpper(string(line)))
		if i == 0 || len(words) == 0 {
			continue
		}
		switch words[0] {
		case "PIPELINING":
			s.offers.pipelining = s.options.Pipelining
		case "CHUNKING":
			s.offers.chunking = s.options.Chunking
		case "SIZE":
			s.offers.size = true
		case "8BITMIME":
			s.offers.eightBit = true
		case "STARTTLS":
			s.offers.startTLS = true
		case "AUTH":
			s.offers.auth = words[1:]
		}
	}
	return nil
}

// login speaks PLAIN (RFC 4616) or LOGIN.
func (s *Session) login(ctx context.Context, limit time.Time) error {
	if !s.wire.isTLS() && !s.options.AuthWithoutTLS {
		return &Failure{Class: Capability, Step: StepAuth,
			Text: "the connection has no TLS and a password would be readable; use TLS, or set auth.allowWithoutTls"}
	}
	encode := base64.StdEncoding.EncodeToString
	for _, method := range []string{"PLAIN", "LOGIN"} {
		if s.options.Method != "" && s.options.Method != method || !contains(s.offers.auth, method) {
			continue
		}
		if method == "PLAIN" {
			_, err := s.command(ctx, StepAuth, "AUTH PLAIN "+encode([]byte("\x00"+s.options.User+"\x00"+s.options.Password)), 235, limit)
			return err
		}
		if _, err := s.command(ctx, StepAuth, "AUTH LOGIN", 334, limit); err != nil {
			return err
		}
		if _, err := s.command(ctx, StepAuth, encode([]byte(s.options.User)), 334, limit); err != nil {
			return err
		}
		_, err := s.command(ctx, StepAuth, encode([]byte(s.options.Password)), 235, limit)
		return err
	}
	wanted := s.options.Method
	if wanted == "" {
		wanted = "PLAIN or LOGIN"
	}
	return &Failure{Class: Capability, Step: StepAuth,
		Text: "the server does not offer AUTH " + wanted + " but [" + strings.Join(s.offers.auth, " ") + "]; see its SASL settings"}
}

func contains(words []string, word string) bool {
	for _, one := range words {
		if one == word {
			return true
		}
	}
	return false
}

func (s *Session) command(ctx context.Context, step Step, line string, code int, limit time.Time) (Reply, error) {
	s.out = append(append(s.out[:0], line...), "\r\n"...)
	if err := s.wire.write(ctx, s.out, nil, true, limit); err != nil {
		return Reply{}, err
	}
	return s.expect(ctx, step, code, limit)
}

func (s *Session) expect(ctx context.Context, step Step, code int, limit time.Time) (Reply, error) {
	reply, err := s.wire.reply(ctx, limit)
	if err == nil && reply.Code != code {
		return Reply{}, refusal(step, reply)
	}
	return reply, err
}

// Closed says that the session can send no more: it was closed, broke, or the server said 421.
func (s *Session) Closed() bool { return s.closed }

// Bytes returns what has gone out and come in on the line since the last call.
func (s *Session) Bytes() (sent, received int64) {
	sent, received = s.wire.BytesWritten, s.wire.BytesRead
	s.wire.BytesWritten, s.wire.BytesRead = 0, 0
	return sent, received
}

// Close says QUIT, waits at most a second for the answer, and closes.
func (s *Session) Close() {
	if s.closed {
		return
	}
	limit := time.Now().Add(time.Second)
	_, _ = s.command(context.Background(), StepContent, "QUIT", 221, limit) // nothing is lost by a server that does not answer
	s.abandon()
}

func (s *Session) abandon() {
	s.closed = true
	_ = s.wire.conn.Close() // what was to be sent has been answered, or is reported as failed
}

// EightBit says that the server takes 8BITMIME (RFC 6152).
func (s *Session) EightBit() bool { return s.offers.eightBit }
