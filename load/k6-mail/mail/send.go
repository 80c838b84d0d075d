package mail

import (
	"context"
	"time"

	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/metrics"

	"recette.test/k6-mail/message"
	"recette.test/k6-mail/sendlog"
	"recette.test/k6-mail/smtp"
)

// occasion is what the sends of one call have in common.
type occasion struct {
	ctx      context.Context
	state    *lib.State
	template *message.Template
	tags     metrics.TagsAndMeta
	// intended is when the iteration was due, zero where the executor has no schedule or this is not its first send.
	intended time.Time
	samples  metrics.Samples
}

func (c *client) begin(template *message.Template, samples int) *occasion {
	state := c.vu.State()
	o := &occasion{ctx: c.vu.Context(), state: state, template: template, samples: make(metrics.Samples, 0, samples)}
	o.tags = c.tags.with(state.Tags.GetCurrentValues(), template.Stream)
	if state.Iteration != c.iteration {
		c.iteration = state.Iteration
		if due, ok := c.schedule.dueFor(o.ctx, state); ok {
			now := time.Now()
			o.intended = due
			o.add(c.metrics.lag, now, metrics.D(now.Sub(due)))
		}
	}
	return o
}

func (o *occasion) add(metric *metrics.Metric, at time.Time, value float64) {
	o.samples = append(o.samples, metrics.Sample{
		TimeSeries: metrics.TimeSeries{Metric: metric, Tags: o.tags.Tags}, Time: at, Value: value, Metadata: o.tags.Metadata,
	})
}

// tagCache keeps the tags of the last call: a VU's tags and a template's stream seldom change.
type tagCache struct {
	from   *metrics.TagSet
	stream string
	tags   *metrics.TagSet
}

func (t *tagCache) with(current metrics.TagsAndMeta, stream string) metrics.TagsAndMeta {
	if t.from != current.Tags || t.stream != stream {
		t.from, t.stream, t.tags = current.Tags, stream, current.Tags.With("stream", stream)
	}
	current.Tags = t.tags
	return current
}

// send sends one message, whatever it takes, and returns what became of it.
func (c *client) send(template *message.Template) *sendResult {
	c.busy.Lock()
	defer c.busy.Unlock()
	o := c.begin(template, 10)
	sequence := c.sequence
	c.sequence++
	first := template.First(c.numbers(o.state, template, 1), c.composer.VU, sequence)
	started := time.Now()
	if failure := c.ready(o.ctx); failure != nil {
		c.outcome.Fail(template.PerMessage, failure, started)
	} else {
		c.composer.Compose(template, &c.message, sequence, first, c.session.EightBit())
		c.session.Send(o.ctx, &c.message, &c.outcome)
		c.onLine++
		c.count()
	}
	c.measure(o, &c.outcome)
	c.write(o, &c.outcome, sequence, first)
	metrics.PushIfNotDone(o.ctx, o.state.Samples, o.samples)
	return c.result(template, sequence, &c.outcome)
}

// measure adds the samples of one message.
func (c *client) measure(o *occasion, outcome *smtp.Outcome) {
	m, at := c.metrics, outcome.Answered
	failed := 1.0
	if outcome.Failure == nil {
		failed = 0
	}
	o.add(m.failed, at, failed)
	if outcome.Code != 0 {
		o.add(m.send, at, metrics.D(outcome.Answered.Sub(outcome.Started)))
		o.add(m.envelope, at, metrics.D(outcome.Envelope))
		o.add(m.data, at, metrics.D(outcome.Data))
		o.add(m.reply, at, metrics.D(outcome.Reply))
	}
	if outcome.Accepted > 0 {
		o.add(m.messages, at, 1)
		o.add(m.recipients, at, float64(outcome.Accepted))
		o.add(m.bytes, at, float64(outcome.Bytes))
	}
	c.measureRefusals(o, outcome)
}

// measureRefusals adds one sample for each kind of refusal, counting recipients.
func (c *client) measureRefusals(o *occasion, outcome *smtp.Outcome) {
	for from := 0; from < len(outcome.Refusals); {
		failure, to := outcome.Refusals[from].Failure, from+1
		for to < len(outcome.Refusals) && sameKind(outcome.Refusals[to].Failure, failure) {
			to++
		}
		tags := refusalTags(o.tags.Tags, string(failure.Class), string(failure.Step), failure.Code)
		o.samples = append(o.samples, metrics.Sample{
			TimeSeries: metrics.TimeSeries{Metric: c.metrics.refusals, Tags: tags},
			Time:       outcome.Answered, Value: float64(to - from), Metadata: o.tags.Metadata,
		})
		from = to
	}
}

func sameKind(a, b *smtp.Failure) bool {
	return a == b || a.Class == b.Class && a.Step == b.Step && a.Code == b.Code
}

// write adds the message, and whoever was refused, to the log.
func (c *client) write(o *occasion, outcome *smtp.Outcome, sequence uint64, first int) {
	if c.log == nil {
		return
	}
	t, row := o.template, &c.row
	id := c.composer.ID(t, sequence)
	*row = sendlog.Submission{
		ID: id, Stream: t.StreamName, Sender: t.Sender, Target: t.TargetName, Content: t.ContentHash,
		RecipientFirst: first, Recipients: t.PerMessage, Refused: len(outcome.Refusals), Bytes: outcome.Bytes,
		Intended: outcome.Started, Started: outcome.Started, Answered: outcome.Answered, VU: c.composer.VU,
		Code: outcome.Code, Enhanced: outcome.Enhanced, Text: outcome.Text,
	}
	if !o.intended.IsZero() {
		row.Intended = o.intended
	}
	if failure := outcome.Failure; failure != nil {
		row.Class, row.Step = []byte(failure.Class), []byte(failure.Step)
		if outcome.Code == 0 {
			row.Code, row.Enhanced, row.Text = failure.Code, []byte(failure.Enhanced), []byte(failure.Text)
		}
		for _, refusal := range outcome.Refusals {
			c.log.Refuse(&sendlog.Refusal{
				ID: id, Recipient: t.Recipients.Address(first + refusal.Recipient),
				Class: []byte(refusal.Failure.Class), Step: []byte(refusal.Failure.Step), Code: refusal.Failure.Code,
				Enhanced: []byte(refusal.Failure.Enhanced), Text: []byte(refusal.Failure.Text), Answered: outcome.Answered,
			})
		}
	}
	c.log.Submit(row)
}

// pushOpened adds the samples of a new connection.
func (c *client) pushOpened(ctx context.Context, times smtp.Times) {
	state, now := c.vu.State(), time.Now()
	o := &occasion{tags: state.Tags.GetCurrentValues()}
	o.add(c.metrics.connect, now, metrics.D(times.Connect))
	if times.TLS > 0 {
		o.add(c.metrics.tls, now, metrics.D(times.TLS))
	}
	if times.Auth > 0 {
		o.add(c.metrics.auth, now, metrics.D(times.Auth))
	}
	metrics.PushIfNotDone(ctx, state.Samples, o.samples)
}
