package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/lib/netext"

	"recette.test/k6-mail/message"
	"recette.test/k6-mail/sendlog"
	"recette.test/k6-mail/smtp"
)

const batchMax = 10_000

// client is one Client in one VU.
type client struct {
	*instance
	options   smtp.Options
	tls       tlsOptions
	perMax    int
	logFolder string
	logWriter string

	// busy is held while a send runs, so that the end of the test does not say QUIT in the middle of one.
	busy    sync.Mutex
	session *smtp.Session
	onLine  int // messages sent on the session
	log     *sendlog.Log
	dialled *netext.Conn // its counters are k6's data_sent and data_received

	message  smtp.Message
	outcome  smtp.Outcome
	tags     tagCache
	template *message.Template
	handle   sobek.Value
	row      sendlog.Submission
}

func (i *instance) newClient(call sobek.ConstructorCall) *sobek.Object {
	rt := i.vu.Runtime()
	if i.vu.InitEnv() == nil {
		i.throw("mail: a Client is made at the top of the script, not inside default(); move new Client() there")
	}
	c := &client{instance: i}
	if err := c.configure(readOptions(rt, "Client", call.Argument(0))); err != nil {
		i.typeError(err)
	}
	if err := i.root.limit.read(i.vu.InitEnv().LookupEnv); err != nil {
		i.typeError(err)
	}
	for name, method := range map[string]func(sobek.FunctionCall) sobek.Value{
		"send": c.jsSend, "sendBatch": c.jsSendBatch, "close": c.jsClose,
	} {
		must(call.This.DefineDataProperty(name, rt.ToValue(method), sobek.FLAG_FALSE, sobek.FLAG_FALSE, sobek.FLAG_TRUE))
	}
	i.root.lock.Lock()
	i.root.clients = append(i.root.clients, c)
	i.root.lock.Unlock()
	return nil
}

func (c *client) configure(o *options) error {
	milliseconds := func(name string, otherwise, most int) time.Duration {
		return time.Duration(o.integer(name, otherwise, 1, most)) * time.Millisecond
	}
	host := o.needed("host")
	lmtp := o.oneOf("protocol", "smtp", "lmtp") == "lmtp"
	secure := o.flag("secure", false)
	port := 25
	if secure {
		port = 465
	} else if lmtp {
		port = 24
	}
	c.options = smtp.Options{
		Address: net.JoinHostPort(host, strconv.Itoa(o.integer("port", port, 1, 65_535))),
		LMTP:    lmtp, Secure: secure, StartTLS: smtp.StartTLS(o.oneOf("startTls", "if-offered", "never", "required")),
		Name:       o.text("name", "k6.invalid"),
		Pipelining: o.flag("pipelining", true), Chunking: o.flag("chunking", true), PipelineMessages: o.flag("pipelineMessages", false),
		ConnectTimeout: milliseconds("connectTimeoutMs", 30_000, 600_000), ReplyTimeout: milliseconds("replyTimeoutMs", 300_000, 3_600_000),
		FinalReplyTimeout: milliseconds("finalReplyTimeoutMs", 600_000, 3_600_000), Dial: c.dial,
	}
	c.perMax = o.integer("messagesPerConnectionMax", 0, 0, 1_000_000_000)
	c.tls = readTLS(o, host)
	if auth := o.inner("auth"); auth != nil {
		c.options.User, c.options.Password = auth.needed("user"), auth.text("pass", "")
		if auth.get("method") != nil {
			c.options.Method = auth.oneOf("method", "PLAIN", "LOGIN")
		}
		c.options.AuthWithoutTLS = auth.flag("allowWithoutTls", false)
		o.close(auth)
	}
	if log := o.inner("log"); log != nil {
		c.logFolder, c.logWriter = log.needed("folder"), log.text("writer", "1")
		o.close(log)
	}
	return o.end()
}

// tlsOptions are the options for TLS as given.
type tlsOptions struct {
	serverName string
	insecure   bool
	roots      *x509.CertPool
}

func readTLS(o *options, host string) tlsOptions {
	t := tlsOptions{serverName: host}
	given := o.inner("tls")
	if given == nil {
		return t
	}
	t.serverName, t.insecure = given.text("serverName", host), given.flag("insecureSkipVerify", false)
	if ca := given.text("ca", ""); ca != "" {
		t.roots = x509.NewCertPool()
		if !t.roots.AppendCertsFromPEM([]byte(ca)) {
			given.fail(`ca has no certificate in PEM form; give the file's text, for example open("ca.pem")`)
		}
	}
	o.close(given)
	return t
}

// config joins them with k6's own options for TLS.
func (t tlsOptions) config(base *tls.Config) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if base != nil {
		config = base.Clone()
		config.NextProtos = nil // k6's are those of HTTP
	}
	config.ServerName = t.serverName
	config.InsecureSkipVerify = config.InsecureSkipVerify || t.insecure
	if t.roots != nil {
		config.RootCAs = t.roots
	}
	return config
}

// dial goes through k6's dialer (its hosts, blocks and local addresses), and takes the connection out of its wrapper:
// the wrapper only counts, and hides the system's connection that the fast path needs.
func (c *client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := c.vu.State().Dialer.DialContext(ctx, network, address)
	if wrapped, ok := conn.(*netext.Conn); ok && err == nil {
		c.dialled = wrapped
		return wrapped.Conn, nil
	}
	return conn, err
}

// ready makes sure of an open session.
func (c *client) ready(ctx context.Context) *smtp.Failure {
	if c.session != nil {
		if c.perMax > 0 && c.onLine >= c.perMax {
			c.session.Close()
		}
		if c.session.Alive() {
			return nil
		}
		c.count()
	}
	c.session, c.onLine = nil, 0
	state := c.vu.State()
	if c.options.Secure || c.options.StartTLS != smtp.StartTLSNever {
		c.options.TLS = c.tls.config(state.TLSConfig)
	}
	session, err := smtp.Open(ctx, c.options)
	if err != nil {
		return smtp.Broken(ctx, smtp.StepConnect, err, 0) // it is a *smtp.Failure already
	}
	c.session = session
	c.pushOpened(ctx, session.Times)
	return nil
}

// count adds what went over the line to data_sent and data_received, which k6 takes from its dialer each iteration.
func (c *client) count() {
	sent, received := c.session.Bytes()
	if c.dialled != nil {
		atomic.AddInt64(c.dialled.BytesWritten, sent)
		atomic.AddInt64(c.dialled.BytesRead, received)
	}
}

func (c *client) jsClose(sobek.FunctionCall) sobek.Value {
	c.quit()
	return sobek.Undefined()
}

// quit says QUIT, unless a send is still running.
func (c *client) quit() {
	if !c.busy.TryLock() {
		return
	}
	defer c.busy.Unlock()
	if c.session != nil {
		c.session.Close()
		c.count()
		c.session = nil
	}
}

func (c *client) jsSend(call sobek.FunctionCall) sobek.Value {
	template := c.prepare("send", call.Argument(0))
	if !c.spends(1) {
		return sobek.Undefined()
	}
	return c.vu.Runtime().NewDynamicObject(c.send(template))
}

func (c *client) jsSendBatch(call sobek.FunctionCall) sobek.Value {
	template := c.prepare("sendBatch", call.Argument(0))
	count, ok := call.Argument(1).Export().(int64)
	if !ok || count < 1 || count > batchMax {
		c.throw("mail: sendBatch(template, count) needs a whole number from 1 to " + strconv.Itoa(batchMax))
	}
	if !c.spends(int(count)) {
		return sobek.Undefined()
	}
	return c.vu.Runtime().NewDynamicObject(c.sendBatch(template, int(count)))
}

// prepare checks where and with what a send was called, and opens the log.
func (c *client) prepare(verb string, argument sobek.Value) *message.Template {
	state := c.vu.State()
	if state == nil {
		c.throw("mail: connections open inside default(), not at the top of the script; move " + verb + "() there")
	}
	if state.VUIDGlobal == 0 {
		c.throw("mail: " + verb + "() works in a VU's iterations, not in setup() or teardown(); give it a scenario of its own")
	}
	c.composer.VU = state.VUIDGlobal
	if c.handle == nil || argument != c.handle {
		template := templateOf(argument)
		if template == nil {
			c.throw("mail: " + verb + "() needs a Template: const message = new Template({ ... }) at the top of the script")
		}
		c.template, c.handle = template, argument
	}
	if isSegment(state) && !c.onceInIteration(c.template) {
		c.throw("mail: in an execution segment each iteration sends with a template once, for the iteration's number says to whom; use sendBatch(), or another Template")
	}
	if c.logFolder != "" && c.log == nil {
		log, err := c.root.log(c.logFolder, c.logWriter)
		if err != nil {
			c.throw("mail: " + err.Error())
		}
		c.log = log
	}
	return c.template
}
