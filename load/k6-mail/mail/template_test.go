package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

const templateTop = `const client = new Client({ host: "127.0.0.1", port: PORT }), send = t => client.send(t).ok
`

func sent(t *testing.T, template string) (*mail.Message, received) {
	t.Helper()
	s := serve(t, serverOptions{})
	v := newVU(t, s.port, templateTop+"const one = new Template("+template+")")
	expect(t, v.run("send(one)"), "true")
	parsed, err := mail.ReadMessage(strings.NewReader(s.all()[0].data))
	if err != nil {
		t.Fatal(err)
	}
	return parsed, s.all()[0]
}

func TestHeaders(t *testing.T) {
	parsed, _ := sent(t, `{ from: "anne@a.test", fromName: "Anne \"Né\"", to: ["b@b.test", "c@b.test"], toHeader: "liste@b.test", subject: "Élection {id} ouverte",
		headers: { Precedence: "bulk", "X-Note": "été" }, run: "r", stream: "list", idDomain: "ids.test", idHeader: "X-Id" }`)
	decoder := mime.WordDecoder{}
	subject, _ := decoder.DecodeHeader(parsed.Header.Get("Subject"))
	note, _ := decoder.DecodeHeader(parsed.Header.Get("X-Note"))
	from, err := parsed.Header.AddressList("From")
	if err != nil {
		t.Fatal(err)
	}
	expect(t, strings.Join([]string{subject, note, from[0].Name, from[0].Address, parsed.Header.Get("To"), parsed.Header.Get("Precedence"),
		parsed.Header.Get("Message-ID"), parsed.Header.Get("X-Id")}, "|"),
		`Élection r.list.1.0 ouverte|été|Anne "Né"|anne@a.test|liste@b.test|bulk|<r.list.1.0@ids.test>|r.list.1.0`)
	if date, err := parsed.Header.Date(); err != nil || time.Since(date) > time.Minute {
		t.Errorf("Date: %v, %v", date, err)
	}
}

func TestTextBeyondASCII(t *testing.T) {
	for _, size := range []string{"0", "5000"} {
		parsed, got := sent(t, `{ from: "a@a.test", to: "b@b.test", text: "Été\n.point\n", sizeBytes: `+size+` }`)
		body, _ := io.ReadAll(parsed.Body)
		expect(t, parsed.Header.Get("Content-Transfer-Encoding"), "8bit") // go-smtp offers 8BITMIME
		if !strings.HasPrefix(string(body), "Id: k6.mail.1.0\r\nÉté\r\n.point\r\n") {
			t.Errorf("%.80q", body)
		}
		if size == "5000" && (len(got.data) < 4_990 || len(got.data) > 5_010) {
			t.Errorf("%d octets", len(got.data))
		}
	}
	// A server that does not offer it gets quoted-printable.
	port := script(t, "220 x\r\n", "250 x\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 ok\r\n")
	v := newVU(t, port, templateTop+`const one = new Template({ from: "a@a.test", to: "b@b.test", text: "Été" })`)
	expect(t, v.run("send(one)"), "true")
	encoded, _ := io.ReadAll(quotedprintable.NewReader(strings.NewReader("=C3=89t=C3=A9")))
	expect(t, string(encoded), "Été")
}

func TestSizes(t *testing.T) {
	for _, size := range []int{600, 601, 602, 603, 679, 680, 681, 2048, 51_200} {
		_, got := sent(t, `{ from: "a@a.test", to: "b@b.test", sizeBytes: `+itoa(size)+` }`)
		if len(got.data) != size {
			t.Errorf("asked %d, got %d", size, len(got.data))
		}
	}
}

func itoa(n int) string {
	var digits []byte
	for ; n > 0; n /= 10 {
		digits = append([]byte{byte('0' + n%10)}, digits...)
	}
	return string(digits)
}

func TestAttachments(t *testing.T) {
	parsed, _ := sent(t, `{ from: "a@a.test", to: "b@b.test", text: "see there", attachment: { name: "été.bin", sizeBytes: 100000 } }`)
	_, parameters, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(parsed.Body, parameters["boundary"])
	text, err := parts.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	words, _ := io.ReadAll(text)
	expect(t, string(words), "Id: k6.mail.1.0\r\nsee there\r\n")
	file, err := parts.NextPart()
	if err != nil {
		t.Fatal(err)
	}
	expect(t, file.FileName(), "été.bin")
	content, err := io.ReadAll(file)
	if err != nil || len(content) < 100_000 {
		t.Errorf("%d octets, %v", len(content), err)
	}
	if _, err := parts.NextPart(); err != io.EOF {
		t.Error(err)
	}
}

func TestRecipientsFromAFileAndARange(t *testing.T) {
	s := serve(t, serverOptions{})
	folder := t.TempDir()
	writeFile(t, folder, "people.txt", "# people\r\na@b.test\r\n\nc@b.test\n")
	v := newVU(t, s.port, templateTop+`
		const list = new Template({ from: "a@a.test", to: { file: "`+filepath.Join(folder, "people.txt")+`", perMessage: 2 } })
		const span = new Template({ from: "a@a.test", to: { range: { pattern: "u###@b.test", from: 98, count: 3 } } })
		const lots = new Template({ from: "a@a.test", to: { range: { pattern: "u####@b.test", count: 1000 }, order: "random" } })`)
	v.run(`[list, span, span, span, span].map(send)`)
	v.run(`client.sendBatch(lots, 50)`)
	var all []string
	different := map[string]bool{}
	for i, one := range s.all() {
		if i < 5 {
			all = append(all, strings.ReplaceAll(strings.Join(one.to, "+"), "@b.test", ""))
		} else {
			different[one.to[0]] = true
		}
	}
	expect(t, strings.Join(all, " "), "a+c u098 u099 u100 u098")
	if len(different) < 40 {
		t.Errorf("%d different of 50 at random", len(different))
	}
}

type row struct {
	ID             string `parquet:"id"`
	Stream         string `parquet:"stream"`
	Sender         string `parquet:"sender"`
	Target         string `parquet:"target"`
	Content        string `parquet:"content"`
	RecipientFirst int32  `parquet:"recipient_first"`
	Recipients     int32  `parquet:"recipients"`
	Refused        int32  `parquet:"refused"`
	Bytes          int32  `parquet:"bytes"`
	IntendedUs     int64  `parquet:"intended_us"`
	StartedUs      int64  `parquet:"started_us"`
	AnsweredUs     int64  `parquet:"answered_us"`
	VU             int32  `parquet:"vu"`
	Code           int32  `parquet:"code"`
	Enhanced       string `parquet:"enhanced"`
	Text           string `parquet:"text"`
	Class          string `parquet:"class"`
	Step           string `parquet:"step"`
}

type refusalRow struct {
	ID        string `parquet:"id"`
	Recipient string `parquet:"recipient"`
	Class     string `parquet:"class"`
	Step      string `parquet:"step"`
	Code      int32  `parquet:"code"`
	Enhanced  string `parquet:"enhanced"`
	Text      string `parquet:"text"`
}

func TestTheLogSaysWhatBecameOfEachMessage(t *testing.T) {
	s := serve(t, serverOptions{})
	v := newVU(t, s.port, `
		const client = new Client({ host: "127.0.0.1", port: PORT, log: { folder: FOLDER, writer: "w1" } })
		const to = (names, more) => new Template({ from: "s@a.test", to: { list: names.map(n => n + "@b.test"), ...more }, text: "Bonjour", run: "r", stream: "people", target: "liste@b.test" })
		const three = to(["a", "refuse", "c"], { perMessage: 3 }), fine = to(["a", "b"]), cut = to(["drop"])`)
	v.run(`client.sendBatch(fine, 2)`)
	v.run(`client.send(three)`)
	v.run(`client.send(cut)`)
	if err := v.root.closeLogs(); err != nil {
		t.Fatal(err)
	}
	rows, err := parquet.ReadFile[row](filepath.Join(v.folder, "submissions-w1.parquet"))
	if err != nil || len(rows) != 4 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	body := s.all()[0].data[strings.Index(s.all()[0].data, "\r\n\r\nId: ")+4:]
	_, rest, _ := strings.Cut(body, "\r\n")
	sum := sha256.Sum256([]byte(rest))
	for i, one := range rows {
		if one.IntendedUs != one.StartedUs || one.AnsweredUs < one.StartedUs || time.Since(time.UnixMicro(one.StartedUs)) > time.Minute {
			t.Errorf("times of row %d: %+v", i, one)
		}
		rows[i].IntendedUs, rows[i].StartedUs, rows[i].AnsweredUs = 0, 0, 0
	}
	want := row{ID: "r.people.1.1", Stream: "people", Sender: "s@a.test", Target: "liste@b.test", Content: hex.EncodeToString(sum[:]),
		RecipientFirst: 1, Recipients: 1, Bytes: int32(len(s.all()[1].data)), VU: 1, Code: 250, Enhanced: "2.0.0", Text: "OK: queued"}
	if rows[1] != want {
		t.Errorf("got  %+v\nwant %+v", rows[1], want)
	}
	if rows[2].Refused != 1 || rows[2].Code != 250 || rows[2].Class != "permanent" || rows[2].Step != "rcpt" {
		t.Errorf("%+v", rows[2])
	}
	if rows[3].Refused != 1 || rows[3].Code != 0 || rows[3].Class != "connection" || rows[3].Text == "" {
		t.Errorf("%+v", rows[3])
	}
	refusals, err := parquet.ReadFile[refusalRow](filepath.Join(v.folder, "refusals-w1.parquet"))
	if err != nil || len(refusals) != 2 || refusals[0] != (refusalRow{"r.people.1.2", "refuse@b.test", "permanent", "rcpt", 550, "5.1.1", "unknown user"}) ||
		refusals[1].Recipient != "drop@b.test" {
		t.Errorf("%+v, %v", refusals, err)
	}
	if left, _ := filepath.Glob(filepath.Join(v.folder, "*.part")); len(left) > 0 {
		t.Error(left)
	}
}

func TestALogThatCannotBeWritten(t *testing.T) {
	v := newVU(t, 1, `const client = new Client({ host: "127.0.0.1", port: PORT, log: { folder: FOLDER + "/none" } })
		const one = new Template({ from: "", to: "a@b.test" })`)
	if got := v.fails(`client.send(one)`); !strings.Contains(got, "mail: the send log cannot be written, make the folder first: open ") {
		t.Error(got)
	}
	if _, err := os.Stat(v.folder + "/none"); err == nil {
		t.Error("made the folder")
	}
}
