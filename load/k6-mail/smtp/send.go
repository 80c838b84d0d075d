package smtp

import (
	"context"
	"strconv"
	"time"
)

// idleMax is after how long without traffic a look at the connection comes before a message: servers close idle ones,
// and a message lost to that would be the generator's failure, not the server's.
const idleMax = time.Second

// Alive says that the session can take a message: not closed, and not given up by the server while it was idle.
func (s *Session) Alive() bool {
	if !s.closed && time.Since(s.used) > idleMax && s.wire.spoken() {
		s.abandon() // 421 or the end of the connection: nothing else comes unasked
	}
	return !s.closed
}

// Send sends one message. What became of it is in o, also where the connection broke.
func (s *Session) Send(ctx context.Context, m *Message, o *Outcome) {
	o.reset()
	o.Started = s.wire.clock()
	o.Bytes = len(m.Head) + len(m.Body.Raw)
	s.expectRecipients(m.Recipients)
	switch {
	case s.offers.chunking && s.offers.pipelining:
		s.sendChunk(ctx, m, o)
	case s.offers.pipelining:
		s.sendPipelined(ctx, m, o)
	default:
		s.sendStepwise(ctx, m, o)
	}
	s.settle(o)
}

func (s *Session) expectRecipients(count int) {
	if cap(s.took) < count {
		s.took = make([]bool, count)
	}
	s.took = s.took[:count]
	clear(s.took)
}

// settle ends a message: after 421 or a broken connection the session is closed.
func (s *Session) settle(o *Outcome) {
	o.Answered = s.wire.clock()
	s.used = o.Answered
	if o.Failure == nil {
		return
	}
	if o.Failure.Code == 0 || o.Failure.Code == 421 || o.Failure.Class == Protocol {
		s.abandon()
		return
	}
	for _, refusal := range o.Refusals {
		if refusal.Failure.Code == 421 || refusal.Failure.Code == 0 {
			s.abandon()
			return
		}
	}
}

// sendChunk writes envelope, BDAT and content in one go and reads all replies (RFC 3030, 4.2).
func (s *Session) sendChunk(ctx context.Context, m *Message, o *Outcome) {
	limit := o.Started.Add(s.options.ReplyTimeout)
	reset := s.open
	s.out = s.appendChunk(s.appendEnvelope(s.out[:0], m), m)
	tail := s.appendContent(m, m.Body.Raw)
	if err := s.wire.write(ctx, s.out, tail, true, limit); err != nil {
		s.breakOff(ctx, o, StepContent, err, s.options.ReplyTimeout)
		return
	}
	wrote := s.wire.wrote
	o.Data = wrote.Sub(o.Started)
	s.readChunk(ctx, o, reset, wrote)
}

// readChunk reads the replies to what sendChunk wrote.
func (s *Session) readChunk(ctx context.Context, o *Outcome, reset bool, wrote time.Time) {
	if !s.readEnvelope(ctx, o, reset, wrote.Add(s.options.ReplyTimeout)) {
		return
	}
	enveloped := s.wire.clock()
	o.Envelope = enveloped.Sub(wrote)
	s.readFinal(ctx, o, wrote.Add(s.options.FinalReplyTimeout))
	o.Reply = s.wire.clock().Sub(wrote)
}

// sendPipelined writes MAIL, RCPTs and DATA in one go, and the content after the 354 (RFC 2920).
func (s *Session) sendPipelined(ctx context.Context, m *Message, o *Outcome) {
	limit := o.Started.Add(s.options.ReplyTimeout)
	reset := s.open
	s.out = append(s.appendEnvelope(s.out[:0], m), "DATA\r\n"...)
	if err := s.wire.write(ctx, s.out, nil, true, limit); err != nil {
		s.breakOff(ctx, o, StepMail, err, s.options.ReplyTimeout)
		return
	}
	if s.readEnvelope(ctx, o, reset, limit) && s.readGoAhead(ctx, o, limit) {
		s.out = s.out[:0]
		s.sendContent(ctx, m, m.Body.Stuffed, o)
	}
}

// sendStepwise waits for each reply, for servers without PIPELINING.
func (s *Session) sendStepwise(ctx context.Context, m *Message, o *Outcome) {
	limit := o.Started.Add(s.options.ReplyTimeout)
	if s.open {
		if _, err := s.command(ctx, StepMail, "RSET", 250, limit); err != nil {
			s.breakOff(ctx, o, StepMail, err, s.options.ReplyTimeout)
			return
		}
		s.open = false
	}
	s.out = s.appendMail(s.out[:0], m)
	if !s.ask(ctx, o, StepMail, s.out) || !s.readMail(ctx, o, limit) {
		return
	}
	recipient := 0
	for _, lines := range m.Rcpts {
		for len(lines) > 0 {
			line := firstLine(lines)
			lines = lines[len(line):]
			limit = s.wire.now.Add(s.options.ReplyTimeout)
			if !s.ask(ctx, o, StepRcpt, line) || !s.readRcpt(ctx, o, recipient, limit) {
				return
			}
			recipient++
		}
	}
	if o.Accepted == 0 {
		return // nothing to send; RSET comes before the next MAIL
	}
	if s.offers.chunking {
		s.out = s.appendChunk(s.out[:0], m)
		s.sendContent(ctx, m, m.Body.Raw, o)
		return
	}
	limit = s.wire.clock().Add(s.options.ReplyTimeout)
	s.out = append(s.out[:0], "DATA\r\n"...)
	if s.ask(ctx, o, StepData, s.out) && s.readGoAhead(ctx, o, limit) {
		s.out = s.out[:0]
		s.sendContent(ctx, m, m.Body.Stuffed, o)
	}
}

// sendContent sends header and body behind what s.out holds already, and reads the end of the transaction. body is the
// message's own in one of its two forms: raw behind BDAT, dot-stuffed behind DATA.
func (s *Session) sendContent(ctx context.Context, m *Message, body []byte, o *Outcome) {
	begun := s.wire.clock()
	o.Envelope = begun.Sub(o.Started)
	limit := begun.Add(s.options.FinalReplyTimeout)
	tail := s.appendContent(m, body)
	if err := s.wire.write(ctx, s.out, tail, true, limit); err != nil {
		s.breakOff(ctx, o, StepContent, err, s.options.FinalReplyTimeout)
		return
	}
	wrote := s.wire.wrote
	o.Data = wrote.Sub(begun)
	s.readFinal(ctx, o, limit)
	o.Reply = s.wire.clock().Sub(wrote)
}

func (s *Session) ask(ctx context.Context, o *Outcome, step Step, line []byte) bool {
	err := s.wire.write(ctx, line, nil, true, s.wire.now.Add(s.options.ReplyTimeout))
	if err != nil {
		s.breakOff(ctx, o, step, err, s.options.ReplyTimeout)
	}
	return err == nil
}

// appendEnvelope appends RSET where a transaction is open, MAIL, and all RCPTs.
func (s *Session) appendEnvelope(to []byte, m *Message) []byte {
	if s.open {
		to = append(to, "RSET\r\n"...)
	}
	to = s.appendMail(to, m)
	return append(append(to, m.Rcpts[0]...), m.Rcpts[1]...)
}

func (s *Session) appendMail(to []byte, m *Message) []byte {
	to = append(to, m.Mail...)
	if s.offers.size {
		to = strconv.AppendInt(append(to, " SIZE="...), int64(len(m.Head)+len(m.Body.Raw)), 10)
	}
	if m.Body.EightBit && s.offers.eightBit {
		to = append(to, " BODY=8BITMIME"...)
	}
	return append(to, "\r\n"...)
}

func (s *Session) appendChunk(to []byte, m *Message) []byte {
	to = strconv.AppendInt(append(to, "BDAT "...), int64(len(m.Head)+len(m.Body.Raw)), 10)
	return append(to, " LAST\r\n"...)
}

// appendContent appends the head to s.out, and body too where it is small; else it returns body to be sent in place.
func (s *Session) appendContent(m *Message, body []byte) (tail []byte) {
	s.out = append(s.out, m.Head...)
	if len(body) >= vectorBytesMin {
		return body
	}
	s.out = append(s.out, body...)
	return nil
}

func firstLine(lines []byte) []byte {
	for i, c := range lines {
		if c == '\n' {
			return lines[:i+1]
		}
	}
	return lines
}
