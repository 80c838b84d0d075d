package mail

import (
	"encoding/json"
	"fmt"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/lib/fsext"

	"recette.test/k6-mail/message"
)

// templateHandle is what a JavaScript Template holds.
type templateHandle struct {
	template *message.Template
}

// newTemplate makes a Template; VUs that give the same options share one.
func (i *instance) newTemplate(call sobek.ConstructorCall) *sobek.Object {
	rt := i.vu.Runtime()
	if i.vu.InitEnv() == nil {
		i.throw("mail: a Template is made at the top of the script, not inside default(); move new Template() there")
	}
	template, err := i.sharedTemplate(readOptions(rt, "Template", call.Argument(0)))
	if err != nil {
		i.typeError(err)
	}
	must(call.This.DefineDataProperty("sizeBytes", rt.ToValue(template.SizeNow()), sobek.FLAG_FALSE, sobek.FLAG_FALSE, sobek.FLAG_TRUE))
	must(call.This.DefineDataPropertySymbol(handleSymbol, rt.ToValue(&templateHandle{template}), sobek.FLAG_FALSE, sobek.FLAG_FALSE, sobek.FLAG_FALSE))
	return nil
}

var handleSymbol = sobek.NewSymbol("k6/x/mail template")

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// templateOf is the Go side of a JavaScript Template.
func templateOf(value sobek.Value) *message.Template {
	object, ok := value.(*sobek.Object)
	if !ok {
		return nil
	}
	hidden := object.GetSymbol(handleSymbol)
	if hidden == nil {
		return nil
	}
	handle, _ := hidden.Export().(*templateHandle)
	if handle == nil {
		return nil
	}
	return handle.template
}

func (i *instance) sharedTemplate(o *options) (*message.Template, error) {
	key, err := json.Marshal(o.object)
	if err != nil {
		return nil, err
	}
	i.root.lock.Lock()
	defer i.root.lock.Unlock()
	if template, ok := i.root.templates[string(key)]; ok {
		return template, nil
	}
	parsed, err := i.templateOptions(o)
	if err != nil {
		return nil, err
	}
	template, err := message.New(parsed)
	if err != nil {
		return nil, fmt.Errorf("Template: %w", err)
	}
	i.root.templates[string(key)] = template
	return template, nil
}

func (i *instance) templateOptions(o *options) (message.Options, error) {
	parsed := message.Options{
		From: o.text("from", ""), FromName: o.text("fromName", ""), ToHeader: o.text("toHeader", ""),
		Subject: o.text("subject", "Message {id}"), Text: o.text("text", ""), SizeBytes: o.integer("sizeBytes", 0, 0, 100_000_000),
		Run: o.text("run", "k6"), Stream: o.text("stream", "mail"), Target: o.text("target", "direct"),
		IDDomain: o.text("idDomain", ""), IDHeader: o.text("idHeader", "X-Recette-Id"),
	}
	if o.object.Get("from") == nil {
		o.fail(`from is missing; "" is the null sender`)
	}
	i.recipients(o, &parsed)
	if headers := o.inner("headers"); headers != nil {
		for _, name := range headers.object.Keys() {
			parsed.Headers = append(parsed.Headers, [2]string{name, headers.text(name, "")})
		}
		o.close(headers)
	}
	if attachment := o.inner("attachment"); attachment != nil {
		parsed.Attachment = i.attachment(attachment)
		o.close(attachment)
	}
	return parsed, o.end()
}

func (i *instance) recipients(o *options, parsed *message.Options) {
	parsed.PerMessage = 1
	value := o.get("to")
	if value == nil {
		o.fail("to is missing")
		return
	}
	var err error
	switch exported := value.Export().(type) {
	case string:
		parsed.Recipients, err = message.SourceOf([]string{exported})
	case []any:
		var list []string
		if list, err = texts(exported); err == nil {
			parsed.PerMessage = max(len(list), 1)
			parsed.Recipients, err = message.SourceOf(list)
		}
	default:
		to := readOptions(o.rt, "Template.to", value)
		parsed.PerMessage = to.integer("perMessage", 1, 1, 1_000)
		parsed.Random = to.oneOf("order", "sequence", "random") == "random"
		parsed.Recipients, err = i.source(to)
		if to.err == nil && err == nil {
			err = to.end()
		} else if to.err != nil {
			err = to.err
		}
		if err != nil && o.err == nil {
			o.err = err
		}
		return
	}
	if err != nil {
		o.fail("to: %v", err)
	}
}

func texts(values []any) ([]string, error) {
	list := make([]string, len(values))
	for n, value := range values {
		text, ok := value.(string)
		if !ok {
			return nil, fmt.Errorf("recipient %d must be text, and is %v", n+1, value)
		}
		list[n] = text
	}
	return list, nil
}

// source reads list, file or range; the same file is read once for all VUs. The caller holds the root's lock.
func (i *instance) source(to *options) (*message.Source, error) {
	list, file, span := to.get("list"), to.text("file", ""), to.inner("range")
	given := 0
	for _, one := range []bool{list != nil, file != "", span != nil} {
		if one {
			given++
		}
	}
	switch {
	case given != 1:
		return nil, fmt.Errorf("Template.to: exactly one of list, file and range says who the recipients are, and %d do", given)
	case list != nil:
		values, _ := list.Export().([]any)
		addresses, err := texts(values)
		if err != nil {
			return nil, fmt.Errorf("Template.to.list: %w", err)
		}
		return wrapped("Template.to.list", message.SourceOf, addresses)
	case span != nil:
		pattern, from, count := span.needed("pattern"), span.integer("from", 0, 0, 1_000_000_000), span.integer("count", 0, 1, 5_000_000)
		if err := span.end(); err != nil {
			return nil, err
		}
		source, err := message.SourceFromRange(pattern, from, count)
		if err != nil {
			return nil, fmt.Errorf("Template.to.range: %w", err)
		}
		return source, nil
	}
	path := i.vu.InitEnv().GetAbsFilePath(file)
	if source, ok := i.root.sources[path]; ok {
		return source, nil
	}
	text, err := i.readFile(file)
	if err != nil {
		return nil, fmt.Errorf("Template.to.file: %w", err)
	}
	source, err := wrapped("Template.to.file "+file, message.SourceFromText, text)
	if err == nil {
		i.root.sources[path] = source
	}
	return source, err
}

func wrapped[T any](what string, read func(T) (*message.Source, error), from T) (*message.Source, error) {
	source, err := read(from)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return source, nil
}

// readFile reads through k6's file system, so that archives of a test contain the file.
func (i *instance) readFile(name string) ([]byte, error) {
	environment := i.vu.InitEnv()
	return fsext.ReadFile(environment.FileSystems["file"], environment.GetAbsFilePath(name))
}

func (i *instance) attachment(o *options) *message.Attachment {
	attachment := &message.Attachment{Name: o.needed("name"), Type: o.text("type", "application/octet-stream")}
	file, size := o.text("file", ""), o.integer("sizeBytes", -1, 0, 75_000_000)
	switch {
	case (file == "") == (size < 0):
		o.fail("exactly one of file and sizeBytes says what is attached")
	case file != "":
		content, err := i.readFile(file)
		if err != nil {
			o.fail("file: %v", err)
		}
		attachment.Content = content
	default:
		attachment.Content = message.Noise(size)
	}
	return attachment
}
