package smtp

import (
	"context"
	"errors"
	"time"
)

const (
	// groupBytesMax and groupMessagesMax bound what is written before replies are read: the replies to it must fit
	// into the socket buffers, or both sides would wait for the other to read.
	groupBytesMax    = 64 << 10
	groupMessagesMax = 50
)

var errBrokenGroup = errors.New("the connection broke at an earlier message of the same group; what became of this one is not known")

// Batch is the two ends of a batch: Compose fills in message i, Done takes what became of it.
type Batch struct {
	Count   int
	Compose func(i int, m *Message)
	Done    func(i int, o *Outcome)
}

// SendBatch sends the messages from first on, one after another, and returns the number of the first one that was not
// tried: b.Count, or less when the session had to be closed.
func (s *Session) SendBatch(ctx context.Context, b Batch, first int, m *Message, o *Outcome) int {
	together := s.options.PipelineMessages && s.offers.pipelining
	switch {
	case together && s.offers.chunking:
		return s.batchChunks(ctx, b, first, m, o)
	case together:
		return s.batchPipelined(ctx, b, first, m, o)
	}
	for i := first; i < b.Count; i++ {
		if s.closed {
			return i
		}
		b.Compose(i, m)
		s.Send(ctx, m, o)
		b.Done(i, o)
	}
	return b.Count
}

// batchPipelined writes the next MAIL, RCPTs and DATA together with the end of the message before: one write and one
// wait for each message. The content may be the first part of such a group, DATA its last (RFC 2920, 3.1).
func (s *Session) batchPipelined(ctx context.Context, b Batch, first int, m *Message, o *Outcome) int {
	ahead := false // the envelope of message i is on its way
	var started time.Time
	for i := first; i < b.Count; i++ {
		o.reset()
		if !ahead {
			b.Compose(i, m)
			started = s.wire.clock()
		}
		o.Started, o.Bytes = started, len(m.Head)+len(m.Body.Raw)
		s.expectRecipients(m.Recipients)
		if !s.readyForContent(ctx, m, o, ahead) {
			ahead = false
		} else {
			ahead = i+1 < b.Count
			started = s.sendContentAnd(ctx, b, i, m, o)
		}
		s.settle(o)
		b.Done(i, o)
		if s.closed {
			return i + 1 // an envelope ahead was cut off before its content: nothing of that message was taken
		}
	}
	return b.Count
}

func (s *Session) readyForContent(ctx context.Context, m *Message, o *Outcome, ahead bool) bool {
	limit := o.Started.Add(s.options.ReplyTimeout)
	if ahead {
		limit = s.wire.now.Add(s.options.ReplyTimeout)
		return s.readEnvelope(ctx, o, false, limit) && s.readGoAhead(ctx, o, limit)
	}
	reset := s.open
	s.out = append(s.appendEnvelope(s.out[:0], m), "DATA\r\n"...)
	if err := s.wire.write(ctx, s.out, nil, true, limit); err != nil {
		s.breakOff(ctx, o, StepMail, err, s.options.ReplyTimeout)
		return false
	}
	return s.readEnvelope(ctx, o, reset, limit) && s.readGoAhead(ctx, o, limit)
}

// sendContentAnd sends the content of message i with the envelope of the next one behind it, which it composes, and
// reads the end of message i. It returns when the next one began.
func (s *Session) sendContentAnd(ctx context.Context, b Batch, i int, m *Message, o *Outcome) time.Time {
	begun := s.wire.clock()
	o.Envelope = begun.Sub(o.Started)
	limit := begun.Add(s.options.FinalReplyTimeout)
	s.out = s.out[:0]
	tail := s.appendContent(m, m.Body.Stuffed)
	if tail != nil && i+1 < b.Count {
		if err := s.wire.write(ctx, s.out, tail, false, limit); err != nil {
			s.breakOff(ctx, o, StepContent, err, s.options.FinalReplyTimeout)
			return begun
		}
		s.out, tail = s.out[:0], nil
	}
	if i+1 < b.Count {
		s.open = false // ended by the content before it
		b.Compose(i+1, m)
		s.out = append(s.appendEnvelope(s.out, m), "DATA\r\n"...)
	}
	if err := s.wire.write(ctx, s.out, tail, true, limit); err != nil {
		s.breakOff(ctx, o, StepContent, err, s.options.FinalReplyTimeout)
		return begun
	}
	wrote := s.wire.wrote
	o.Data = wrote.Sub(begun)
	s.readFinal(ctx, o, limit)
	s.open = false // refused or not, DATA's transaction is over, and the next envelope has no RSET before it
	o.Reply = s.wire.clock().Sub(wrote)
	return wrote
}

// batchChunks writes several whole messages at once and then reads their replies (RFC 3030, 4.2). RSET stands before
// each, because a refused BDAT leaves its transaction in doubt.
func (s *Session) batchChunks(ctx context.Context, b Batch, first int, m *Message, o *Outcome) int {
	type part struct{ recipients, bytes int }
	var group [groupMessagesMax]part
	for i := first; i < b.Count; {
		if s.closed {
			return i
		}
		begun, size := s.wire.clock(), 0
		s.out = s.out[:0]
		for size < groupMessagesMax && i+size < b.Count && len(s.out) < groupBytesMax {
			b.Compose(i+size, m)
			s.open = s.open || size > 0
			s.out = append(append(s.appendChunk(s.appendEnvelope(s.out, m), m), m.Head...), m.Body.Raw...)
			group[size] = part{m.Recipients, len(m.Head) + len(m.Body.Raw)}
			size++
			if m.Recipients > groupMessagesMax {
				break
			}
		}
		reset := s.out[0] == 'R' // RSET before the first: a transaction was left open
		err := s.wire.write(ctx, s.out, nil, true, begun.Add(s.options.ReplyTimeout))
		wrote := s.wire.wrote
		for n := range size {
			o.reset()
			o.Started, o.Bytes, o.Data = begun, group[n].bytes, wrote.Sub(begun)
			s.expectRecipients(group[n].recipients)
			switch {
			case err != nil:
				s.breakOff(ctx, o, StepContent, err, s.options.ReplyTimeout)
			case s.closed:
				s.breakOff(ctx, o, StepContent, errBrokenGroup, s.options.ReplyTimeout)
			default:
				s.readChunk(ctx, o, reset || n > 0, wrote)
			}
			s.settle(o)
			b.Done(i+n, o)
		}
		i += size
	}
	return b.Count
}
