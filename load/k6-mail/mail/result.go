package mail

import (
	"github.com/grafana/sobek"

	"recette.test/k6-mail/message"
	"recette.test/k6-mail/smtp"
)

// sendResult is what send() returns. Its properties become JavaScript values when they are read: most scripts read
// none, and values cost more than the rest of the call.
type sendResult struct {
	client            *client
	template          *message.Template
	sequence          uint64
	accepted, refused int
	code              int
	enhanced, text    string
	failure           *smtp.Failure
}

func (c *client) result(template *message.Template, sequence uint64, o *smtp.Outcome) *sendResult {
	return &sendResult{client: c, template: template, sequence: sequence, accepted: o.Accepted, refused: len(o.Refusals),
		code: o.Code, enhanced: string(o.Enhanced), text: string(o.Text), failure: o.Failure}
}

var sendResultKeys = []string{"ok", "id", "accepted", "refused", "code", "enhanced", "text", "error"}

func (r *sendResult) Get(key string) sobek.Value {
	rt := r.client.vu.Runtime()
	switch key {
	case "ok":
		return rt.ToValue(r.failure == nil)
	case "id":
		return rt.ToValue(string(r.client.composer.ID(r.template, r.sequence)))
	case "accepted":
		return rt.ToValue(r.accepted)
	case "refused":
		return rt.ToValue(r.refused)
	case "code":
		return rt.ToValue(r.code)
	case "enhanced":
		return rt.ToValue(r.enhanced)
	case "text":
		return rt.ToValue(r.text)
	case "error":
		return errorValue(rt, r.failure)
	}
	return nil
}

func (r *sendResult) Set(string, sobek.Value) bool { return false }
func (r *sendResult) Delete(string) bool           { return false }
func (r *sendResult) Has(key string) bool          { return has(sendResultKeys, key) }
func (r *sendResult) Keys() []string               { return sendResultKeys }

// batchResult is what sendBatch() returns.
type batchResult struct {
	rt                                *sobek.Runtime
	messages, sent, accepted, refused int
	failure                           *smtp.Failure
}

var batchResultKeys = []string{"ok", "messages", "sent", "accepted", "refused", "error"}

func (r *batchResult) Get(key string) sobek.Value {
	switch key {
	case "ok":
		return r.rt.ToValue(r.failure == nil)
	case "messages":
		return r.rt.ToValue(r.messages)
	case "sent":
		return r.rt.ToValue(r.sent)
	case "accepted":
		return r.rt.ToValue(r.accepted)
	case "refused":
		return r.rt.ToValue(r.refused)
	case "error":
		return errorValue(r.rt, r.failure)
	}
	return nil
}

func (r *batchResult) Set(string, sobek.Value) bool { return false }
func (r *batchResult) Delete(string) bool           { return false }
func (r *batchResult) Has(key string) bool          { return has(batchResultKeys, key) }
func (r *batchResult) Keys() []string               { return batchResultKeys }

func has(keys []string, key string) bool {
	for _, one := range keys {
		if one == key {
			return true
		}
	}
	return false
}

// errorValue is a MailError: a real Error, so that a script may throw it.
func errorValue(rt *sobek.Runtime, failure *smtp.Failure) sobek.Value {
	if failure == nil {
		return sobek.Undefined()
	}
	object, err := rt.New(rt.Get("Error"), rt.ToValue(failure.Error()))
	must(err)
	for name, value := range map[string]any{
		"name": "MailError", "class": string(failure.Class), "step": string(failure.Step),
		"code": failure.Code, "enhanced": failure.Enhanced, "text": failure.Text,
	} {
		must(object.Set(name, value))
	}
	return object
}
