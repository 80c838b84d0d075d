package mail

import (
	"net"
	"strconv"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/metrics"

	"recette.test/k6-mail/reader"
)

const idleMsMax = 29 * 60_000

// jsRead is readMail(options): one visit, in an iteration.
func (i *instance) jsRead(call sobek.FunctionCall) sobek.Value {
	state := i.vu.State()
	if state == nil {
		i.throw("mail: connections open inside default(), not at the top of the script; move readMail() there")
	}
	options, err := readerOptions(readOptions(i.vu.Runtime(), "readMail", call.Argument(0)), state)
	if err != nil {
		i.typeError(err)
	}
	outcome := reader.Visit(i.vu.Context(), options)
	i.measureVisit(state, &outcome)
	return i.vu.Runtime().NewDynamicObject(&readResult{i.vu.Runtime(), outcome})
}

func readerOptions(o *options, state *lib.State) (reader.Options, error) {
	milliseconds := func(name string, otherwise, least, most int) time.Duration {
		return time.Duration(o.integer(name, otherwise, least, most)) * time.Millisecond
	}
	host, secure, port := o.needed("host"), o.flag("secure", false), 143
	if secure {
		port = 993
	}
	parsed := reader.Options{
		Address: net.JoinHostPort(host, strconv.Itoa(o.integer("port", port, 1, 65_535))), Secure: secure,
		StartTLS: o.oneOf("startTls", "required", "never") == "required", TLS: readTLS(o, host).config(state.TLSConfig),
		Mailbox: o.text("mailbox", "INBOX"), Fetch: o.integer("fetch", 1, 0, 100_000),
		All: o.oneOf("fetchPart", "headers", "all") == "all", Idle: milliseconds("idleMs", 0, 0, idleMsMax),
		ConnectTimeout: milliseconds("connectTimeoutMs", 30_000, 1, 600_000),
		ReplyTimeout:   milliseconds("replyTimeoutMs", 60_000, 1, 3_600_000), Dial: state.Dialer.DialContext,
	}
	auth := o.inner("auth")
	if auth == nil {
		o.fail("auth is missing: { user, pass }")
		return parsed, o.end()
	}
	parsed.User, parsed.Password = auth.needed("user"), auth.text("pass", "")
	parsed.LoginWithoutTLS = auth.flag("allowWithoutTls", false)
	o.close(auth)
	return parsed, o.end()
}

func (i *instance) measureVisit(state *lib.State, outcome *reader.Outcome) {
	m, at := i.metrics, time.Now()
	o := &occasion{tags: state.Tags.GetCurrentValues()}
	failed := 0.0
	if failure := outcome.Failure; failure != nil {
		failed = 1
		o.tags.Tags = o.tags.Tags.With("class", string(failure.Class)).With("step", string(failure.Step))
	}
	o.add(m.readFailed, at, failed)
	for _, one := range []struct {
		metric *metrics.Metric
		time   time.Duration
	}{{m.readLogin, outcome.Login}, {m.readSelect, outcome.Select}, {m.readFetch, outcome.FetchTime}, {m.readArrival, outcome.Wait}} {
		if one.time > 0 {
			o.add(one.metric, at, metrics.D(one.time))
		}
	}
	o.add(m.readDuration, at, metrics.D(outcome.Whole))
	if outcome.Fetched > 0 {
		o.add(m.readMessages, at, float64(outcome.Fetched))
	}
	metrics.PushIfNotDone(i.vu.Context(), state.Samples, o.samples)
}

// readResult is what readMail() returns.
type readResult struct {
	rt *sobek.Runtime
	reader.Outcome
}

var readResultKeys = []string{"ok", "messages", "fetched", "fetchedBytes", "arrived", "error"}

func (r *readResult) Get(key string) sobek.Value {
	switch key {
	case "ok":
		return r.rt.ToValue(r.Failure == nil)
	case "messages":
		return r.rt.ToValue(r.Messages)
	case "fetched":
		return r.rt.ToValue(r.Fetched)
	case "fetchedBytes":
		return r.rt.ToValue(r.FetchedBytes)
	case "arrived":
		return r.rt.ToValue(r.Arrived)
	case "error":
		return errorValue(r.rt, r.Failure)
	}
	return nil
}

func (r *readResult) Set(string, sobek.Value) bool { return false }
func (r *readResult) Delete(string) bool           { return false }
func (r *readResult) Has(key string) bool          { return has(readResultKeys, key) }
func (r *readResult) Keys() []string               { return readResultKeys }
