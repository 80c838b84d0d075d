package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
)

// Step is the part of the dialog in which something went wrong.
type Step string

// Steps of a dialog, in their order. StepContent is what follows DATA's 354: the message and the reply to its end.
const (
	StepConnect  Step = "connect"
	StepTLS      Step = "tls"
	StepGreeting Step = "greeting"
	StepHello    Step = "ehlo"
	StepStartTLS Step = "starttls"
	StepAuth     Step = "auth"
	StepMail     Step = "mail"
	StepRcpt     Step = "rcpt"
	StepData     Step = "data"
	StepContent  Step = "content"
)

// Class sorts failures by what they mean for the sender.
type Class string

// Classes of failures.
const (
	Temporary   Class = "temporary"   // the server answered 4yz: try later
	Permanent   Class = "permanent"   // the server answered 5yz: give up
	Timeout     Class = "timeout"     // no answer in time
	Connection  Class = "connection"  // refused, reset or closed
	BadTLS      Class = "tls"         // no handshake
	Protocol    Class = "protocol"    // an answer that is none, or one out of place
	Capability  Class = "capability"  // the server lacks what the options require
	Interrupted Class = "interrupted" // the caller stopped first; what became of the message is not known
)

// Failure says what went wrong, where in the dialog, and in whose words.
type Failure struct {
	Class Class
	Step  Step
	// Code is the reply code, 0 where there was no reply.
	Code int
	// Enhanced is the enhanced status code (RFC 3463), empty where the server said none.
	Enhanced string
	// Text is the server's own words; without a reply, what happened and what to do.
	Text string
	// Cause is the error below, nil for a reply.
	Cause error
}

func (f *Failure) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: ", f.Step)
	if f.Code != 0 {
		fmt.Fprintf(&text, "%d ", f.Code)
	}
	if f.Enhanced != "" {
		fmt.Fprintf(&text, "%s ", f.Enhanced)
	}
	text.WriteString(f.Text)
	return text.String()
}

func (f *Failure) Unwrap() error { return f.Cause }

// refusal turns a reply that is not the wanted one into a failure. A reply of class 2 or 3 is out of place there.
func refusal(step Step, reply Reply) *Failure {
	failure := &Failure{Step: step, Code: reply.Code, Enhanced: string(reply.Enhanced), Text: string(reply.AppendText(nil))}
	switch reply.Code / 100 {
	case 4:
		failure.Class = Temporary
	case 5:
		failure.Class = Permanent
	default:
		failure.Class = Protocol
	}
	return failure
}

// Broken sorts an error of the network. ctx tells a caller who stopped from a server that did not answer.
func Broken(ctx context.Context, step Step, err error, waitedMs int64) *Failure {
	var known *Failure
	if errors.As(err, &known) {
		return known
	}
	failure := &Failure{Class: Connection, Step: step, Cause: err}
	var network net.Error
	switch {
	case errors.Is(ctx.Err(), context.Canceled) || errors.Is(err, context.Canceled):
		failure.Class, failure.Text = Interrupted, "the test ended before the answer"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &network) && network.Timeout():
		failure.Class = Timeout
		failure.Text = fmt.Sprintf("no answer within %d ms; see the server's log, or raise the time limit", waitedMs)
	case isReplyError(err):
		failure.Class, failure.Text = Protocol, "the server sent "+err.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		failure.Text = "the server closed the connection without an answer; see its log"
	case errors.Is(err, syscall.ECONNREFUSED):
		failure.Text = "nobody listens there; check host and port, and that the server runs (" + err.Error() + ")"
	default:
		failure.Text = err.Error()
	}
	return failure
}

func isReplyError(err error) bool {
	for _, known := range []error{errReplyShape, errReplyLine, errReplyLines, errReplyCodes, errReplyControl} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}
