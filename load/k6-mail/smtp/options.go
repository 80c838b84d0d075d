// Package smtp is the client side of SMTP (RFC 5321) and LMTP (RFC 2033), made for load: one connection that stays
// open, few writes, no allocation for a message that is accepted. It knows nothing of k6.
//
// Open a [Session] with [Open], give it a [Message] with [Session.Send] or several with [Session.SendBatch], and read
// the [Outcome]. A Session is for one goroutine at a time. After a failure that is not a plain refusal it is closed
// ([Session.Closed]) and a new one has to be opened.
package smtp

import (
	"context"
	"crypto/tls"
	"net"
	"time"
)

// StartTLS says what to do with STARTTLS (RFC 3207).
type StartTLS string

// Values of [Options.StartTLS].
const (
	StartTLSNever     StartTLS = "never"
	StartTLSIfOffered StartTLS = "if-offered"
	StartTLSRequired  StartTLS = "required"
)

// Options say how to reach a server and what to use of what it offers.
type Options struct {
	// Address is host:port.
	Address string
	// LMTP speaks LMTP: LHLO, and one final reply for each accepted recipient.
	LMTP bool
	// Secure is TLS from the first byte.
	Secure   bool
	StartTLS StartTLS
	// TLS must carry ServerName or InsecureSkipVerify where TLS is used.
	TLS *tls.Config
	// User logs in where it is not empty, with the first of PLAIN and LOGIN that the server offers, or Method.
	User, Password, Method string
	// AuthWithoutTLS lets the password go over a connection without TLS.
	AuthWithoutTLS bool
	// Name is said in EHLO or LHLO.
	Name string
	// Pipelining and Chunking are used where they are allowed here and offered there (RFC 2920, RFC 3030).
	Pipelining, Chunking bool
	// PipelineMessages lets a batch write the next envelope together with the end of the message before.
	PipelineMessages bool
	// ConnectTimeout bounds everything up to the first MAIL, ReplyTimeout each reply, FinalReplyTimeout the last one.
	ConnectTimeout, ReplyTimeout, FinalReplyTimeout time.Duration
	// Dial opens the TCP connection.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Times of the opening of a connection, 0 for a part that there was not.
type Times struct {
	// Connect is from the call to the accepted EHLO, login included; TLS is the handshake in it, Auth the login.
	Connect, TLS, Auth time.Duration
}
