// Package mail is the JavaScript face of k6/x/mail: it converts options and results, and pushes metrics. What speaks
// SMTP, IMAP or Parquet is in the packages beside it, which know nothing of k6.
package mail

import (
	"errors"
	"sync"

	"go.k6.io/k6/v2/js/modules"

	"recette.test/k6-mail/message"
	"recette.test/k6-mail/sendlog"
)

var (
	_ modules.Module   = (*root)(nil)
	_ modules.Instance = (*instance)(nil)
)

// root is what all VUs of a process share.
type root struct {
	ends  sync.Once
	limit limit

	lock      sync.Mutex
	templates map[string]*message.Template
	sources   map[string]*message.Source
	logs      map[string]*sendlog.Log
	clients   []*client
}

// New is the module, to be registered once.
func New() modules.Module {
	return &root{templates: map[string]*message.Template{}, sources: map[string]*message.Source{}, logs: map[string]*sendlog.Log{}}
}

// instance is the module in one VU.
type instance struct {
	root    *root
	vu      modules.VU
	metrics *theMetrics

	composer message.Composer
	// sequence is the number of the VU's last message, across its clients: ids are unique by it.
	sequence uint64
	// iteration is the last one in which a message was sent.
	iteration int64
	schedule  schedule
	// sent is the iteration in which each template was sent last; used in execution segments only.
	sent map[*message.Template]int64
}

func (r *root) NewModuleInstance(vu modules.VU) modules.Instance {
	r.ends.Do(func() { r.awaitEnd(vu) })
	return &instance{root: r, vu: vu, metrics: registerMetrics(vu.InitEnv().Registry), iteration: -1}
}

func (i *instance) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{
		"Client":   i.newClient,
		"Template": i.newTemplate,
		"readMail": i.jsRead,
	}}
}

// Numbers of k6's global events (internal/event, which extensions cannot import): after the last iteration, while
// metrics are still taken; and just before the process ends, however it ends.
const (
	eventTestEnd = 3
	eventExit    = 6
)

// awaitEnd says QUIT on all connections when the test is over, and gives the logs their names when k6 ends.
func (r *root) awaitEnd(vu modules.VU) {
	events := vu.Events().Global
	if events == nil {
		return // in a unit test
	}
	logger := vu.InitEnv().Logger
	_, ends := events.Subscribe(eventTestEnd, eventExit)
	go func() {
		for event := range ends {
			r.quit()
			if event.Type == eventExit {
				if err := r.closeLogs(); err != nil {
					logger.Error(err)
				}
			}
			event.Done()
		}
	}()
}

func (r *root) quit() {
	r.lock.Lock()
	clients := r.clients
	r.clients = nil
	r.lock.Unlock()
	var all sync.WaitGroup
	for _, one := range clients {
		all.Go(one.quit)
	}
	all.Wait()
}

func (r *root) closeLogs() error {
	r.lock.Lock()
	defer r.lock.Unlock()
	var all error
	for _, log := range r.logs {
		all = errors.Join(all, log.Close())
	}
	clear(r.logs)
	return all
}

func (r *root) log(folder, writer string) (*sendlog.Log, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	key := folder + "\x00" + writer
	if log, ok := r.logs[key]; ok {
		return log, nil
	}
	log, err := sendlog.Open(folder, writer)
	if err == nil {
		r.logs[key] = log
	}
	return log, err
}

func (i *instance) typeError(err error) {
	panic(i.vu.Runtime().NewTypeError(err.Error()))
}

func (i *instance) throw(message string) {
	rt := i.vu.Runtime()
	object, err := rt.New(rt.Get("Error"), rt.ToValue(message))
	if err != nil {
		panic(err)
	}
	panic(object)
}
