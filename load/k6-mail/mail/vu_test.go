package mail

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/grafana/sobek"
	"go.k6.io/k6/v2/js/modulestest"
	"go.k6.io/k6/v2/lib"
	"go.k6.io/k6/v2/lib/fsext"
	"go.k6.io/k6/v2/lib/netext"
	"go.k6.io/k6/v2/lib/types"
	"go.k6.io/k6/v2/metrics"
)

// testVU runs the JavaScript a user would write: first what stands at the top of a script, then iterations.
type testVU struct {
	t       *testing.T
	runtime *modulestest.Runtime
	samples chan metrics.SampleContainer
	state   *lib.State
	folder  string
	root    *root
}

// newVU runs top, in which PORT is the server's port and FOLDER a folder of the test.
func newVU(t *testing.T, port int, top string) *testVU {
	v := &testVU{t: t, runtime: modulestest.NewRuntime(t), samples: make(chan metrics.SampleContainer, 10_000), folder: t.TempDir()}
	environment := v.runtime.VU.InitEnvField
	environment.CWD = &url.URL{Scheme: "file", Path: v.folder}
	environment.FileSystems = map[string]fsext.Fs{"file": fsext.NewOsFs()}
	v.root = New().(*root)
	v.must(v.runtime.SetupModuleSystem(map[string]any{"k6/x/mail": v.root}, nil, nil))
	registry := environment.Registry
	_, err := v.js(fmt.Sprintf("const PORT = %d, FOLDER = %q; const { Client, Template, readMail } = require('k6/x/mail');", port, v.folder))
	v.must(err)
	_, err = v.js(top)
	v.must(err)
	resolver := netext.NewResolver(net.LookupIP, 0, types.DNSfirst, types.DNSpreferIPv4)
	v.state = &lib.State{
		Dialer: netext.NewDialer(net.Dialer{}, resolver), Samples: v.samples, VUID: 1, VUIDGlobal: 1,
		Tags: lib.NewVUStateTags(registry.RootTagSet().With("scenario", "s")),
	}
	v.runtime.MoveToVUContext(v.state)
	return v
}

func (v *testVU) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

func (v *testVU) js(code string) (sobek.Value, error) {
	return v.runtime.VU.Runtime().RunString(code)
}

// run is one iteration; it returns the value of code as JSON.
func (v *testVU) run(code string) string {
	v.t.Helper()
	v.state.Iteration++
	value, err := v.js("JSON.stringify(" + code + ")")
	v.must(err)
	return value.String()
}

// fails is an iteration that must throw.
func (v *testVU) fails(code string) string {
	v.t.Helper()
	if _, err := v.js(code); err != nil {
		return err.Error()
	}
	v.t.Fatalf("%s threw nothing", code)
	return ""
}

// sums are the samples pushed so far, added up for each metric, with the tags of refusals behind their name.
func (v *testVU) sums() map[string]float64 {
	sums := map[string]float64{}
	for _, container := range metrics.GetBufferedSamples(v.samples) {
		for _, sample := range container.GetSamples() {
			name := sample.Metric.Name
			if name == "mail_refusals" {
				tags := sample.Tags.Map()
				name += "{" + strings.Join([]string{tags["class"], tags["step"], tags["code"]}, ",") + "}"
			}
			sums[name] += sample.Value
			sums[name+" count"]++
		}
	}
	return sums
}

func (v *testVU) expectSums(want map[string]float64) {
	v.t.Helper()
	got := v.sums()
	for name, value := range want {
		if got[name] != value {
			v.t.Errorf("%s is %v, want %v (all: %v)", name, got[name], value, got)
		}
	}
}

func expect(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func writeFile(t *testing.T, folder, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// topError is what the top of a script fails with.
func topError(t *testing.T, top string) string {
	t.Helper()
	runtime := modulestest.NewRuntime(t)
	runtime.VU.InitEnvField.FileSystems = map[string]fsext.Fs{"file": fsext.NewMemMapFs()}
	if err := runtime.SetupModuleSystem(map[string]any{"k6/x/mail": New()}, nil, nil); err != nil {
		t.Fatal(err)
	}
	_, err := runtime.VU.Runtime().RunString("const { Client, Template, readMail } = require('k6/x/mail');" + top)
	if err == nil {
		t.Fatalf("%s threw nothing", top)
	}
	text := err.Error()
	return text[:strings.LastIndex(text, " at ")]
}
