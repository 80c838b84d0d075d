package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"
	"github.com/parquet-go/parquet-go"
)

// These tests run the whole of k6, as a process: the test binary itself becomes k6 when this variable is set.
const asK6 = "K6_MAIL_TEST_AS_K6"

func TestMain(m *testing.M) {
	if os.Getenv(asK6) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// sink takes all mail but that to refuse@, and hears what is said.
type sink struct {
	lock     sync.Mutex
	quits    int
	messages int
	first    chan struct{}
}

func (s *sink) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return session{s}, nil }

type session struct{ sink *sink }

func (session) Reset()                                 {}
func (session) Logout() error                          { return nil }
func (session) Mail(string, *gosmtp.MailOptions) error { return nil }

func (session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if strings.HasPrefix(to, "refuse@") {
		return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "unknown user"}
	}
	return nil
}

func (s session) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	s.sink.lock.Lock()
	defer s.sink.lock.Unlock()
	if s.sink.messages++; s.sink.messages == 1 {
		close(s.sink.first)
	}
	return err
}

// listener hears QUIT.
type listener struct {
	net.Listener
	sink *sink
}

func (l listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return heard{conn, l.sink}, err
}

type heard struct {
	net.Conn
	sink *sink
}

func (h heard) Read(data []byte) (int, error) {
	n, err := h.Conn.Read(data)
	if bytes.HasPrefix(data[:n], []byte("QUIT\r\n")) {
		h.sink.lock.Lock()
		h.sink.quits++
		h.sink.lock.Unlock()
	}
	return n, err
}

func serve(t *testing.T) (*sink, int) {
	s := &sink{first: make(chan struct{})}
	server := gosmtp.NewServer(s)
	server.Domain = "mx.test"
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener{tcp, s}) }()
	t.Cleanup(func() { _ = server.Close() })
	return s, tcp.Addr().(*net.TCPAddr).Port
}

const script = `
import { Client, Template } from "k6/x/mail"
const client = new Client({ host: "127.0.0.1", port: %d, log: { folder: %q } })
const message = new Template({ from: "a@a.test", to: %q, run: "e2e", sizeBytes: 1000 })
export const options = %s
export default () => { client.send(message) }
export function handleSummary(data) { return { %q: JSON.stringify(data.metrics ?? data.results) } }`

// k6 prepares a run; its folder holds the log and the summary.
func k6(t *testing.T, port int, to, options string) (*exec.Cmd, string) {
	folder := t.TempDir()
	file := filepath.Join(folder, "script.js")
	text := fmt.Sprintf(script, port, folder, to, options, filepath.Join(folder, "summary.json"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(os.Args[0], "run", "--quiet", "--no-usage-report", "--address", "127.0.0.1:0", file)
	command.Env = append(os.Environ(), asK6+"=1", "HOME="+folder)
	return command, folder
}

type row struct {
	ID         string `parquet:"id"`
	VU         int32  `parquet:"vu"`
	First      int32  `parquet:"recipient_first"`
	IntendedUs int64  `parquet:"intended_us"`
	StartedUs  int64  `parquet:"started_us"`
	Code       int32  `parquet:"code"`
}

func logRows(t *testing.T, folder string) []row {
	t.Helper()
	rows, err := parquet.ReadFile[row](filepath.Join(folder, "submissions-1.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*.part")); len(left) > 0 {
		t.Error(left)
	}
	return rows
}

func TestAnOpenModelEndToEnd(t *testing.T) {
	sink, port := serve(t)
	command, folder := k6(t, port, "b@b.test", `{ scenarios: { s: { executor: "constant-arrival-rate", rate: 100, duration: "1s",
		preAllocatedVUs: 100 } }, thresholds: { mail_failed: ["rate==0"], mail_messages: ["count>=90"], mail_dispatch_lag: ["p(99)<60000"] } }`)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rows, ids, users, late := logRows(t, folder), map[string]bool{}, map[int32]bool{}, 0
	for _, one := range rows {
		ids[one.ID], users[one.VU] = true, true
		if one.StartedUs > one.IntendedUs {
			late++
		}
		if one.StartedUs < one.IntendedUs || one.Code != 250 {
			t.Errorf("%+v", one)
		}
	}
	if len(rows) != sink.messages || len(ids) != len(rows) || len(rows) < 90 {
		t.Errorf("%d rows, %d ids, %d messages", len(rows), len(ids), sink.messages)
	}
	if late < len(rows)-1 {
		t.Errorf("only %d of %d rows say when they were due", late, len(rows))
	}
	if sink.quits != len(users) {
		t.Errorf("%d QUIT of %d connections", sink.quits, len(users))
	}
	var summary map[string]json.RawMessage
	text, err := os.ReadFile(filepath.Join(folder, "summary.json"))
	if err != nil || json.Unmarshal(text, &summary) != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for _, name := range []string{"mail_send_duration", "mail_dispatch_lag", "mail_recipients", "data_sent"} {
		if !bytes.Contains(text, []byte(name)) {
			t.Errorf("no %s in the summary", name)
		}
	}
}

// What three processes send, each its segment, is what one would: each recipient in turn once, no id twice. 10 users in three
// segments are 4, 3 and 3, and k6 gives iterations in that ratio.
func TestSegmentsOfATestTogetherSendWhatOneProcessWould(t *testing.T) {
	sink, port := serve(t)
	const messages = 60
	people := make([]string, messages)
	for i := range people {
		people[i] = fmt.Sprintf("u%d@b.test", i)
	}
	text, options := t.TempDir()+"/people.txt", `{ scenarios: { s: { executor: "constant-arrival-rate", rate: 60, timeUnit: "1.2s", duration: "1.19s",
		preAllocatedVUs: 10, maxVUs: 10 } } }`
	if err := os.WriteFile(text, []byte(strings.Join(people, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	ids, places := map[string]bool{}, make([]int, messages)
	for segment := range 3 {
		command, folder := k6(t, port, "PEOPLE", options)
		file := command.Args[len(command.Args)-1]
		script, _ := os.ReadFile(file)
		if err := os.WriteFile(file, bytes.Replace(script, []byte(`"PEOPLE"`), fmt.Appendf(nil, "{ file: %q }", text), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		command.Args = append(command.Args, "--execution-segment", fmt.Sprintf("%d/3:%d/3", segment, segment+1), "--execution-segment-sequence", "0,1/3,2/3,1")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		rows := logRows(t, folder)
		if len(rows) == 0 {
			t.Errorf("segment %d sent nothing", segment)
		}
		for _, one := range rows {
			ids[one.ID] = true
			places[one.First]++
		}
	}
	if sink.messages != messages || len(ids) != messages {
		t.Errorf("%d messages, %d ids of %d", sink.messages, len(ids), messages)
	}
	for place, count := range places {
		if count != 1 {
			t.Errorf("recipient %d got %d messages", place, count)
		}
	}
}

func TestARefusalFailsItsThreshold(t *testing.T) {
	_, port := serve(t)
	command, folder := k6(t, port, "refuse@b.test", `{ vus: 1, iterations: 3, thresholds: { mail_failed: ["rate==0"] } }`)
	out, err := command.CombinedOutput()
	if code := command.ProcessState.ExitCode(); code != 99 {
		t.Fatalf("exit code %d, %v\n%s", code, err, out)
	}
	if rows := logRows(t, folder); len(rows) != 3 {
		t.Errorf("%d rows", len(rows))
	}
}

func TestTheEnvironmentBoundsTheMessages(t *testing.T) {
	sink, port := serve(t)
	// The message one too many is the last that the script asks for: nothing comes after it that could show the end.
	command, folder := k6(t, port, "b@b.test", `{ vus: 1, iterations: 8 }`)
	command.Env = append(command.Env, "K6_MAIL_MESSAGES_MAX=7")
	out, err := command.CombinedOutput()
	if code := command.ProcessState.ExitCode(); code != 108 || !bytes.Contains(out, []byte("K6_MAIL_MESSAGES_MAX allows 7 messages")) {
		t.Fatalf("exit code %d, %v\n%s", code, err, out)
	}
	if rows := len(logRows(t, folder)); rows != 7 || sink.messages != 7 {
		t.Errorf("%d rows, %d messages", rows, sink.messages)
	}

	command, _ = k6(t, port, "b@b.test", `{}`)
	command.Env = append(command.Env, "K6_MAIL_MESSAGES_MAX=many")
	if out, err := command.CombinedOutput(); err == nil || !bytes.Contains(out, []byte(`must be a whole number from 1 on, and is \"many\"`)) {
		t.Fatalf("%v\n%s", err, out)
	}
}

func TestAnInterruptedRunLeavesAWholeLog(t *testing.T) {
	sink, port := serve(t)
	command, folder := k6(t, port, "b@b.test", `{ vus: 5, duration: "10m" }`)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-sink.first:
	case <-time.After(time.Minute):
		t.Error("nothing was sent within a minute")
	}
	if err := command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	// Each message that was begun has its row; the five that were under way may not have arrived.
	if rows := len(logRows(t, folder)); rows < sink.messages || rows > sink.messages+5 {
		t.Errorf("%d rows, %d messages", rows, sink.messages)
	}
}
