// Package reader is the load of people who read mail: one visit over IMAP (RFC 9051), timed step by step. It knows
// nothing of k6.
package reader

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"recette.test/k6-mail/smtp"
)

// Steps of a visit, beside connect and tls.
const (
	StepLogin  smtp.Step = "login"
	StepSelect smtp.Step = "select"
	StepFetch  smtp.Step = "fetch"
	StepIdle   smtp.Step = "idle"
)

// Options say where to read what. Their meaning and defaults are those of ReadOptions in index.d.ts.
type Options struct {
	Address          string
	Secure, StartTLS bool
	TLS              *tls.Config
	User, Password   string
	LoginWithoutTLS  bool
	Mailbox          string
	Fetch            int
	All              bool
	Idle             time.Duration
	ConnectTimeout   time.Duration
	ReplyTimeout     time.Duration
	Dial             func(ctx context.Context, network, address string) (net.Conn, error)
}

// Outcome is what a visit saw, up to the failure where there is one.
type Outcome struct {
	Messages, Fetched, Arrived            int
	FetchedBytes                          int64
	Login, Select, FetchTime, Whole, Wait time.Duration
	Failure                               *smtp.Failure
}

// visit is one under way.
type visit struct {
	Options
	ctx     context.Context
	conn    net.Conn
	client  *imapclient.Client
	arrival chan int
	outcome Outcome
}

// Visit connects, logs in, opens the mailbox for reading only, fetches the newest messages, idles and logs out.
func Visit(ctx context.Context, options Options) Outcome {
	v := &visit{Options: options, ctx: ctx, arrival: make(chan int, 1)}
	started := time.Now()
	for _, step := range []func() *smtp.Failure{v.connect, v.login, v.open, v.fetch, v.idle} {
		if v.outcome.Failure = step(); v.outcome.Failure != nil {
			break
		}
	}
	if v.client != nil {
		if v.outcome.Failure == nil {
			_ = v.within(StepIdle, time.Second, func() error { return v.client.Logout().Wait() }) // all was said before
		}
		_ = v.client.Close()
	}
	v.outcome.Whole = time.Since(started)
	return v.outcome
}

func (v *visit) connect() *smtp.Failure {
	within, cancel := context.WithTimeout(v.ctx, v.ConnectTimeout)
	defer cancel()
	conn, err := v.Dial(within, "tcp", v.Address)
	if err != nil {
		return smtp.Broken(v.ctx, smtp.StepConnect, err, v.ConnectTimeout.Milliseconds())
	}
	v.conn = conn
	options := &imapclient.Options{TLSConfig: v.TLS, UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: v.told}}
	if v.Secure {
		secure := tls.Client(conn, v.TLS)
		if failure := v.within(smtp.StepTLS, v.ConnectTimeout, func() error { return secure.HandshakeContext(within) }); failure != nil {
			return asTLS(failure)
		}
		conn = secure
	}
	if v.StartTLS && !v.Secure {
		return asTLS(v.within(smtp.StepTLS, v.ConnectTimeout, func() (err error) {
			v.client, err = imapclient.NewStartTLS(conn, options)
			return err
		}))
	}
	v.client = imapclient.New(conn, options)
	return v.within(smtp.StepConnect, v.ConnectTimeout, v.client.WaitGreeting)
}

// asTLS says of a failed handshake that it is one.
func asTLS(failure *smtp.Failure) *smtp.Failure {
	var certificate *tls.CertificateVerificationError
	if failure != nil && errors.As(failure.Cause, &certificate) {
		failure.Class, failure.Text = smtp.BadTLS, failure.Cause.Error()
	}
	return failure
}

// told hears of the mailbox unasked: that is how new messages are announced.
func (v *visit) told(data *imapclient.UnilateralDataMailbox) {
	if data.NumMessages == nil {
		return
	}
	select {
	case v.arrival <- int(*data.NumMessages):
	default:
	}
}

func (v *visit) login() *smtp.Failure {
	if !v.Secure && !v.StartTLS && !v.LoginWithoutTLS {
		return &smtp.Failure{Class: smtp.Capability, Step: StepLogin,
			Text: "the connection has no TLS and a password would be readable; use secure or startTls, or set auth.allowWithoutTls"}
	}
	started := time.Now()
	failure := v.within(StepLogin, v.ReplyTimeout, func() error { return v.client.Login(v.User, v.Password).Wait() })
	v.outcome.Login = time.Since(started)
	return failure
}

func (v *visit) open() *smtp.Failure {
	started := time.Now()
	failure := v.within(StepSelect, v.ReplyTimeout, func() error {
		data, err := v.client.Select(v.Mailbox, &imap.SelectOptions{ReadOnly: true}).Wait()
		if err == nil {
			v.outcome.Messages = int(data.NumMessages)
		}
		return err
	})
	v.outcome.Select = time.Since(started)
	return failure
}

func (v *visit) fetch() *smtp.Failure {
	count := min(v.Fetch, v.outcome.Messages)
	if count == 0 {
		return nil
	}
	var newest imap.SeqSet
	newest.AddRange(uint32(v.outcome.Messages-count+1), uint32(v.outcome.Messages))
	section := &imap.FetchItemBodySection{Peek: true}
	if !v.All {
		section.Specifier = imap.PartSpecifierHeader
	}
	started := time.Now()
	failure := v.within(StepFetch, v.ReplyTimeout, func() error {
		command := v.client.Fetch(newest, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}})
		for message := command.Next(); message != nil; message = command.Next() {
			v.outcome.Fetched++
			for item := message.Next(); item != nil; item = message.Next() {
				if body, ok := item.(imapclient.FetchItemDataBodySection); ok && body.Literal != nil {
					n, _ := io.Copy(io.Discard, body.Literal) // a broken connection is what Close reports
					v.outcome.FetchedBytes += n
				}
			}
		}
		return command.Close()
	})
	v.outcome.FetchTime = time.Since(started)
	return failure
}

func (v *visit) idle() *smtp.Failure {
	if v.Idle == 0 {
		return nil
	}
	started := time.Now()
	var command *imapclient.IdleCommand
	if failure := v.within(StepIdle, v.ReplyTimeout, func() (err error) {
		command, err = v.client.Idle()
		return err
	}); failure != nil {
		return failure
	}
	until := time.NewTimer(v.Idle)
	defer until.Stop()
	select {
	case messages := <-v.arrival:
		v.outcome.Arrived, v.outcome.Wait = max(0, messages-v.outcome.Messages), time.Since(started)
	case <-until.C:
	case <-v.client.Closed():
	case <-v.ctx.Done():
	}
	return v.within(StepIdle, v.ReplyTimeout, func() error { return errors.Join(command.Close(), command.Wait()) })
}

// within runs one step; where it takes too long, or the caller stops, the connection is closed under it.
func (v *visit) within(step smtp.Step, limit time.Duration, work func() error) *smtp.Failure {
	var late sync.Once
	expired := false
	timer := time.AfterFunc(limit, func() {
		late.Do(func() { expired = true })
		_ = v.conn.Close()
	})
	stop := context.AfterFunc(v.ctx, func() { _ = v.conn.Close() })
	err := work()
	timer.Stop()
	stop()
	late.Do(func() {}) // from here on expired does not change
	if err == nil {
		return nil
	}
	if expired && v.ctx.Err() == nil {
		err = context.DeadlineExceeded
	}
	return failureOf(v.ctx, step, err, limit)
}

// failureOf keeps the server's words: NO is a refusal, for now where its code says so, and BAD a misunderstanding.
func failureOf(ctx context.Context, step smtp.Step, err error, limit time.Duration) *smtp.Failure {
	var answer *imap.Error
	if !errors.As(err, &answer) {
		return smtp.Broken(ctx, step, err, limit.Milliseconds())
	}
	failure := &smtp.Failure{Class: smtp.Permanent, Step: step, Text: answer.Text, Cause: err}
	switch {
	case answer.Type == imap.StatusResponseTypeBad:
		failure.Class = smtp.Protocol
	case answer.Type == imap.StatusResponseTypeBye:
		failure.Class = smtp.Connection
	case answer.Code == imap.ResponseCodeUnavailable, answer.Code == imap.ResponseCodeInUse, answer.Code == imap.ResponseCodeLimit,
		answer.Code == imap.ResponseCodeServerBug, answer.Code == imap.ResponseCodeContactAdmin:
		failure.Class = smtp.Temporary
	}
	return failure
}
