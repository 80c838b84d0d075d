package mail

import (
	"time"

	"go.k6.io/k6/v2/metrics"

	"recette.test/k6-mail/message"
	"recette.test/k6-mail/smtp"
)

// tally is what a batch adds up: its counters are pushed once.
type tally struct {
	messages, accepted, bytes int
	result                    *batchResult
}

// sendBatch sends count messages. Where no connection can be had, the rest of the batch fails with that failure.
func (c *client) sendBatch(template *message.Template, count int) *batchResult {
	c.busy.Lock()
	defer c.busy.Unlock()
	o := c.begin(template, 3*count+8)
	base, number := c.sequence, c.numbers(o.state, template, count)
	c.sequence += uint64(count)
	first := func(i int) int { return template.First(number+uint64(i), c.composer.VU, base+uint64(i)) }
	sum := tally{result: &batchResult{rt: c.vu.Runtime(), messages: count}}
	done := func(i int, outcome *smtp.Outcome) {
		c.measureInBatch(o, outcome, &sum)
		c.write(o, outcome, base+uint64(i), first(i))
		o.intended = time.Time{}
	}
	compose := func(i int, m *smtp.Message) {
		c.composer.Compose(template, m, base+uint64(i), first(i), c.session.EightBit())
	}
	for next := 0; next < count; {
		started := time.Now()
		if failure := c.ready(o.ctx); failure != nil {
			for ; next < count; next++ {
				c.outcome.Fail(template.PerMessage, failure, started)
				done(next, &c.outcome)
			}
			break
		}
		end := count
		if c.perMax > 0 {
			end = min(count, next+c.perMax-c.onLine)
		}
		tried := c.session.SendBatch(o.ctx, smtp.Batch{Count: end, Compose: compose, Done: done}, next, &c.message, &c.outcome)
		c.onLine += tried - next
		next = tried
		c.count()
	}
	c.measureBatch(o, &sum)
	metrics.PushIfNotDone(o.ctx, o.state.Samples, o.samples)
	return sum.result
}

// measureInBatch adds the samples of one message of a batch. Envelope and data have no times of their own there:
// with pipelined messages they overlap.
func (c *client) measureInBatch(o *occasion, outcome *smtp.Outcome, sum *tally) {
	at := outcome.Answered
	failed := 1.0
	if outcome.Failure == nil {
		failed = 0
		sum.result.sent++
	} else if sum.result.failure == nil {
		sum.result.failure = outcome.Failure
	}
	o.add(c.metrics.failed, at, failed)
	if outcome.Code != 0 {
		o.add(c.metrics.send, at, metrics.D(outcome.Answered.Sub(outcome.Started)))
		o.add(c.metrics.reply, at, metrics.D(outcome.Reply))
	}
	sum.result.accepted += outcome.Accepted
	sum.result.refused += len(outcome.Refusals)
	if outcome.Accepted > 0 {
		sum.messages++
		sum.accepted += outcome.Accepted
		sum.bytes += outcome.Bytes
	}
	c.measureRefusals(o, outcome)
}

func (c *client) measureBatch(o *occasion, sum *tally) {
	if sum.messages == 0 {
		return
	}
	now := time.Now()
	o.add(c.metrics.messages, now, float64(sum.messages))
	o.add(c.metrics.recipients, now, float64(sum.accepted))
	o.add(c.metrics.bytes, now, float64(sum.bytes))
}
