package smtp

import (
	"context"
	"time"
)

// readEnvelope reads the replies to RSET (where it was sent), MAIL and all RCPTs; false when the connection broke.
func (s *Session) readEnvelope(ctx context.Context, o *Outcome, reset bool, limit time.Time) bool {
	if reset {
		if _, err := s.expect(ctx, StepMail, 250, limit); err != nil {
			s.breakOff(ctx, o, StepMail, err, s.options.ReplyTimeout)
			return false
		}
		s.open = false
	}
	mailed := s.readMail(ctx, o, limit)
	if !mailed && !s.isInStep(o) {
		return false
	}
	for recipient := range s.took {
		if mailed {
			if !s.readRcpt(ctx, o, recipient, limit) {
				return false
			}
			continue
		}
		if _, err := s.wire.reply(ctx, limit); err != nil {
			s.abandon() // the refusal of MAIL says it all: nothing was taken, however the connection ended
			return false
		}
	}
	return true
}

// isInStep says whether replies still come in the order of the commands: not after 421 or a broken connection.
func (s *Session) isInStep(o *Outcome) bool {
	return o.Failure == nil || o.Failure.Code != 0 && o.Failure.Code != 421 && o.Failure.Class != Protocol
}

// readMail reads the reply to MAIL; when it refuses, all recipients are refused.
func (s *Session) readMail(ctx context.Context, o *Outcome, limit time.Time) bool {
	reply, err := s.wire.reply(ctx, limit)
	if err != nil {
		s.breakOff(ctx, o, StepMail, err, s.options.ReplyTimeout)
		return false
	}
	if reply.Code == 250 {
		s.open = true
		return true
	}
	failure := refusal(StepMail, reply)
	for recipient := range s.took {
		o.refuse(recipient, failure)
	}
	return false
}

// readRcpt reads the reply to one RCPT; false when the dialog cannot go on.
func (s *Session) readRcpt(ctx context.Context, o *Outcome, recipient int, limit time.Time) bool {
	reply, err := s.wire.reply(ctx, limit)
	if err != nil {
		s.breakOff(ctx, o, StepRcpt, err, s.options.ReplyTimeout)
		return false
	}
	if reply.Code == 250 || reply.Code == 251 || reply.Code == 252 {
		s.took[recipient] = true
		o.Accepted++
		return true
	}
	failure := refusal(StepRcpt, reply)
	o.refuse(recipient, failure)
	if reply.Code != 421 {
		return true
	}
	s.refuseRest(o, failure)
	return false
}

// readGoAhead reads the reply to DATA; true when content must follow.
func (s *Session) readGoAhead(ctx context.Context, o *Outcome, limit time.Time) bool {
	reply, err := s.wire.reply(ctx, limit)
	if err != nil {
		s.breakOff(ctx, o, StepData, err, s.options.ReplyTimeout)
		return false
	}
	if reply.Code != 354 {
		s.refuseTaken(o, refusal(StepData, reply))
		return false
	}
	if o.Accepted > 0 {
		return true
	}
	// The server took DATA without a recipient: an empty message ends it (RFC 2920, 3.1), and its reply is of no interest.
	s.out = append(s.out[:0], ".\r\n"...)
	if err = s.wire.write(ctx, s.out, nil, true, limit); err == nil {
		_, err = s.wire.reply(ctx, limit)
	}
	if err != nil {
		s.abandon()
	}
	s.open = false
	return false
}

// readFinal reads the reply after the content: with LMTP one for each recipient whose RCPT was accepted (RFC 2033, 4.2).
func (s *Session) readFinal(ctx context.Context, o *Outcome, limit time.Time) {
	s.open = false
	if s.options.LMTP && o.Accepted > 0 {
		s.readFinalEach(ctx, o, limit)
		return
	}
	reply, err := s.wire.reply(ctx, limit)
	if err != nil {
		s.breakOff(ctx, o, StepContent, err, s.options.FinalReplyTimeout)
		return
	}
	o.final(reply)
	if reply.Code != 250 {
		s.open = true // a refused BDAT leaves the transaction in doubt (RFC 3030, 2); RSET never hurts
		s.refuseTaken(o, refusal(StepContent, reply))
	}
}

func (s *Session) readFinalEach(ctx context.Context, o *Outcome, limit time.Time) {
	refused := false
	for recipient, took := range s.took {
		if !took {
			continue
		}
		reply, err := s.wire.reply(ctx, limit)
		if err != nil {
			s.breakOffFrom(ctx, o, recipient, err)
			return
		}
		if !refused {
			o.final(reply) // the first refusal, else the last acceptance
		}
		if reply.Code != 250 {
			refused = true
			o.Accepted--
			o.refuse(recipient, refusal(StepContent, reply))
		}
	}
}

// breakOff ends a message whose connection broke: nobody whose acceptance was not confirmed counts as accepted.
func (s *Session) breakOff(ctx context.Context, o *Outcome, step Step, err error, waited time.Duration) {
	failure := Broken(ctx, step, err, waited.Milliseconds())
	o.Accepted = 0
	clear(s.took)
	s.refuseRest(o, failure)
	if o.Failure == nil || o.Failure.Code != 0 {
		o.Failure = failure
	}
	s.abandon()
}

// breakOffFrom is breakOff among the final replies of LMTP: the recipients before stay as answered.
func (s *Session) breakOffFrom(ctx context.Context, o *Outcome, first int, err error) {
	failure := Broken(ctx, StepContent, err, s.options.FinalReplyTimeout.Milliseconds())
	for recipient := first; recipient < len(s.took); recipient++ {
		if s.took[recipient] {
			o.Accepted--
			o.refuse(recipient, failure)
		}
	}
	s.abandon()
}

// refuseTaken refuses every recipient that RCPT had accepted.
func (s *Session) refuseTaken(o *Outcome, failure *Failure) {
	for recipient, took := range s.took {
		if took {
			o.refuse(recipient, failure)
		}
	}
	o.Accepted = 0
}

// refuseRest refuses every recipient that is neither refused yet nor accepted for good.
func (s *Session) refuseRest(o *Outcome, failure *Failure) {
	known := make(map[int]bool, len(o.Refusals))
	for _, refusal := range o.Refusals {
		known[refusal.Recipient] = true
	}
	for recipient := range s.took {
		if !known[recipient] {
			o.refuse(recipient, failure)
		}
	}
	o.Accepted = 0
}
