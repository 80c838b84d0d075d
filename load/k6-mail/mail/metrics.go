package mail

import (
	"strconv"

	"go.k6.io/k6/v2/metrics"
)

// theMetrics are what the module measures. Trends are in milliseconds.
type theMetrics struct {
	connect, tls, auth                             *metrics.Metric
	envelope, data, reply, send, lag               *metrics.Metric
	messages, recipients, bytes, failed, refusals  *metrics.Metric
	readLogin, readSelect, readFetch, readDuration *metrics.Metric
	readArrival, readMessages, readFailed          *metrics.Metric
}

func registerMetrics(registry *metrics.Registry) *theMetrics {
	duration := func(name string) *metrics.Metric { return registry.MustNewMetric(name, metrics.Trend, metrics.Time) }
	counter := func(name string, kind ...metrics.ValueType) *metrics.Metric {
		return registry.MustNewMetric(name, metrics.Counter, kind...)
	}
	return &theMetrics{
		connect:      duration("mail_connect_duration"),
		tls:          duration("mail_tls_duration"),
		auth:         duration("mail_auth_duration"),
		envelope:     duration("mail_envelope_duration"),
		data:         duration("mail_data_duration"),
		reply:        duration("mail_reply_duration"),
		send:         duration("mail_send_duration"),
		lag:          duration("mail_dispatch_lag"),
		messages:     counter("mail_messages"),
		recipients:   counter("mail_recipients"),
		bytes:        counter("mail_bytes", metrics.Data),
		failed:       registry.MustNewMetric("mail_failed", metrics.Rate),
		refusals:     counter("mail_refusals"),
		readLogin:    duration("mail_read_login_duration"),
		readSelect:   duration("mail_read_select_duration"),
		readFetch:    duration("mail_read_fetch_duration"),
		readDuration: duration("mail_read_duration"),
		readArrival:  duration("mail_read_arrival_duration"),
		readMessages: counter("mail_read_messages"),
		readFailed:   registry.MustNewMetric("mail_read_failed", metrics.Rate),
	}
}

// refusalTags tell refusals apart: few values each.
func refusalTags(tags *metrics.TagSet, class, step string, code int) *metrics.TagSet {
	return tags.With("class", class).With("step", step).With("code", strconv.Itoa(code))
}
