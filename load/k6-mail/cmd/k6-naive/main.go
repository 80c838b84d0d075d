// Command k6-naive is what the benchmarks hold the generator against: k6 with a module k6/x/naive that does what is
// nearest at hand, net/smtp's SendMail, which opens a connection for each message. Nothing else uses it.
package main

import (
	"net/smtp"

	"go.k6.io/k6/v2/cmd"
	"go.k6.io/k6/v2/js/modules"
)

type naive struct{}

var _ modules.Instance = naive{}

func (n naive) NewModuleInstance(modules.VU) modules.Instance { return n }

func (naive) Exports() modules.Exports {
	return modules.Exports{Named: map[string]any{
		"send": func(address, from, to, message string) error {
			return smtp.SendMail(address, nil, from, []string{to}, []byte(message))
		},
	}}
}

func main() {
	modules.Register("k6/x/naive", naive{})
	cmd.Execute()
}
