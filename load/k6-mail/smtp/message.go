package smtp

import "time"

// Message is what one transaction sends. Its slices are read during the call and not kept.
type Message struct {
	// Mail is `MAIL FROM:<...>` without parameters and line end.
	Mail []byte
	// Rcpts are whole lines `RCPT TO:<...>\r\n`, in up to two pieces, Recipients in number: at most a thousand, for all
	// are written before a reply is read, and the replies must fit into the socket's buffers (RFC 2920, 3.1).
	Rcpts      [2][]byte
	Recipients int
	// Head is what differs between messages: header and the first lines of the body. No line of it begins with a dot.
	Head []byte
	Body *Body
}

// Body is what follows Head, the same for many messages.
type Body struct {
	// Raw is for BDAT, Stuffed for DATA: dots doubled (RFC 5321, 4.5.2), line end, dot and line end behind it.
	Raw, Stuffed []byte
	// EightBit is true where octets above 127 occur.
	EightBit bool
}

// Outcome is what became of one message. Its slices are valid until the next message of the session.
type Outcome struct {
	// Started is when the message's first octet was about to go out; Answered when its last reply was read.
	Started, Answered time.Time
	// Envelope is up to the reply to DATA (to the last RCPT's reply with BDAT), Data the writing of the content,
	// Reply the wait after it.
	Envelope, Data, Reply time.Duration
	Accepted              int
	// Code, Enhanced and Text are the final reply, 0 and empty where there was none.
	Code     int
	Enhanced []byte
	Text     []byte
	// Refusals are the recipients that were not accepted, nil when all were.
	Refusals []Refusal
	// Failure is the first thing that went wrong.
	Failure *Failure
	// Bytes is the size of header and body.
	Bytes int
}

// Refusal is a recipient that was not accepted, by its place in the message.
type Refusal struct {
	Recipient int
	Failure   *Failure
}

func (o *Outcome) reset() {
	*o = Outcome{Enhanced: o.Enhanced[:0], Text: o.Text[:0]}
}

func (o *Outcome) final(reply Reply) {
	o.Code = reply.Code
	o.Enhanced = append(o.Enhanced[:0], reply.Enhanced...)
	o.Text = reply.AppendText(o.Text[:0])
}

func (o *Outcome) refuse(recipient int, failure *Failure) {
	o.Refusals = append(o.Refusals, Refusal{recipient, failure})
	if o.Failure == nil {
		o.Failure = failure
	}
}

// Fail makes o the outcome of a message that was not even begun.
func (o *Outcome) Fail(recipients int, failure *Failure, started time.Time) {
	o.reset()
	o.Started, o.Answered = started, time.Now()
	for recipient := range recipients {
		o.refuse(recipient, failure)
	}
}
