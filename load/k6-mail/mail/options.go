package mail

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/grafana/sobek"
)

// options reads the properties of an options object: each once, with its type and range. What is wrong is kept, and
// end says the first of it, or the first property that nobody asked for.
type options struct {
	what   string
	object *sobek.Object
	rt     *sobek.Runtime
	known  []string
	err    error
}

func readOptions(rt *sobek.Runtime, what string, value sobek.Value) *options {
	o := &options{what: what, rt: rt}
	if object, ok := value.(*sobek.Object); ok && !isFunction(value) {
		o.object = object
	} else {
		o.object = rt.NewObject()
		o.fail("it needs an object of options, for example %s({ ... })", what)
	}
	return o
}

func isFunction(value sobek.Value) bool {
	_, ok := sobek.AssertFunction(value)
	return ok
}

func (o *options) fail(format string, args ...any) {
	if o.err == nil {
		o.err = fmt.Errorf("%s: %s", o.what, fmt.Sprintf(format, args...))
	}
}

// get is the property, nil where it is not there.
func (o *options) get(name string) sobek.Value {
	o.known = append(o.known, name)
	value := o.object.Get(name)
	if value == nil || sobek.IsUndefined(value) || sobek.IsNull(value) {
		return nil
	}
	return value
}

func (o *options) text(name, otherwise string) string {
	value := o.get(name)
	if value == nil {
		return otherwise
	}
	text, ok := value.Export().(string)
	if !ok {
		o.fail("%s must be text, and is %s", name, value)
	}
	return text
}

func (o *options) needed(name string) string {
	text := o.text(name, "")
	if text == "" {
		o.fail("%s is missing", name)
	}
	return text
}

// oneOf is a text of a closed list, the first of which is the default.
func (o *options) oneOf(name string, values ...string) string {
	text := o.text(name, values[0])
	if !slices.Contains(values, text) {
		o.fail("%s is %q, valid values are: %s", name, text, strings.Join(values, ", "))
	}
	return text
}

func (o *options) flag(name string, otherwise bool) bool {
	value := o.get(name)
	if value == nil {
		return otherwise
	}
	flag, ok := value.Export().(bool)
	if !ok {
		o.fail("%s must be true or false, and is %s", name, value)
	}
	return flag
}

func (o *options) integer(name string, otherwise, least, most int) int {
	value := o.get(name)
	if value == nil {
		return otherwise
	}
	number := math.NaN()
	switch exported := value.Export().(type) {
	case int64:
		number = float64(exported)
	case float64:
		number = exported
	}
	if number != math.Trunc(number) || number < float64(least) || number > float64(most) {
		o.fail("%s must be a whole number from %d to %d, and is %s", name, least, most, value)
		return otherwise
	}
	return int(number)
}

// inner reads an object that is a property; nil where it is not there.
func (o *options) inner(name string) *options {
	value := o.get(name)
	if value == nil {
		return nil
	}
	inner := readOptions(o.rt, o.what+"."+name, value)
	if inner.err != nil {
		o.fail("%s must be an object, and is %s", name, value)
	}
	return inner
}

// close ends an inner object.
func (o *options) close(inner *options) {
	if inner == nil {
		return
	}
	if err := inner.end(); err != nil && o.err == nil {
		o.err = err
	}
}

func (o *options) end() error {
	if o.err != nil {
		return o.err
	}
	for _, name := range o.object.Keys() {
		if !slices.Contains(o.known, name) {
			return fmt.Errorf("%s: unknown option %q, valid options are: %s", o.what, name, strings.Join(o.known, ", "))
		}
	}
	return nil
}
