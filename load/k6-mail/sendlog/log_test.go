package sendlog

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
)

type submissionRow struct {
	ID             string `parquet:"id"`
	Stream         string `parquet:"stream"`
	Target         string `parquet:"target"`
	RecipientFirst int32  `parquet:"recipient_first"`
	Refused        int32  `parquet:"refused"`
	IntendedUs     int64  `parquet:"intended_us"`
	Code           int32  `parquet:"code"`
	Enhanced       string `parquet:"enhanced"`
	Text           string `parquet:"text"`
	Class          string `parquet:"class"`
}

func submission(i int) *Submission {
	return &Submission{
		ID: fmt.Appendf(nil, "k6.mail.1.%d", i), Stream: fmt.Appendf(nil, "s%d", i%3), Target: []byte("direct"),
		RecipientFirst: i, Recipients: 1, Refused: i % 2, Intended: time.UnixMicro(int64(1_700_000_000_000_000 + i)),
		Code: 250, Enhanced: []byte("2.0.0"), Text: fmt.Appendf(nil, "Ok: queued as %X", i),
	}
}

// A reader that is not ours must see what was written, across several row groups and a last one that is not full.
func TestAnotherReaderSeesWhatWasWritten(t *testing.T) {
	folder, rows := t.TempDir(), 2*groupRowsMax+5
	log, err := Open(folder, "1")
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		log.Submit(submission(i))
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	read, err := parquet.ReadFile[submissionRow](filepath.Join(folder, "submissions-1.parquet"))
	if err != nil || len(read) != rows {
		t.Fatalf("%d rows, %v", len(read), err)
	}
	for _, i := range []int{0, 1, 7, groupRowsMax - 1, groupRowsMax, rows - 1} {
		want := submissionRow{ID: fmt.Sprintf("k6.mail.1.%d", i), Stream: fmt.Sprintf("s%d", i%3), Target: "direct",
			RecipientFirst: int32(i), Refused: int32(i % 2), IntendedUs: int64(1_700_000_000_000_000 + i), Code: 250,
			Enhanced: "2.0.0", Text: fmt.Sprintf("Ok: queued as %X", i)}
		if read[i] != want {
			t.Errorf("row %d: %+v", i, read[i])
		}
	}
	if refusals, err := parquet.ReadFile[submissionRow](filepath.Join(folder, "refusals-1.parquet")); err != nil || len(refusals) != 0 {
		t.Errorf("an empty file: %d rows, %v", len(refusals), err)
	}
}

func TestAFileIsWholeOrAPart(t *testing.T) {
	folder := t.TempDir()
	log, err := Open(folder, "1")
	if err != nil {
		t.Fatal(err)
	}
	final := filepath.Join(folder, "submissions-1.parquet")
	if _, err := os.Stat(final); !os.IsNotExist(err) {
		t.Error("the final name is there before the end")
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(final + partSuffix); !os.IsNotExist(err) {
		t.Error("the part is there after the end")
	}
}

func TestAWordMoreThanThereAreNumbers(t *testing.T) {
	folder := t.TempDir()
	log, err := Open(folder, "1")
	if err != nil {
		t.Fatal(err)
	}
	rows := wordsMax + 3
	for i := range rows {
		row := submission(i)
		row.Target = fmt.Appendf(nil, "list%d", i)
		log.Submit(row)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	read, err := parquet.ReadFile[submissionRow](filepath.Join(folder, "submissions-1.parquet"))
	if err != nil || len(read) != rows || read[rows-1].Target != fmt.Sprintf("list%d", rows-1) {
		t.Fatalf("%d rows, %v", len(read), err)
	}
}

func TestOctetsThatAreNoText(t *testing.T) {
	folder := t.TempDir()
	log, err := Open(folder, "1")
	if err != nil {
		t.Fatal(err)
	}
	row := submission(1)
	row.Text, row.Class = []byte("caf\xe9 ferm\xe9"), []byte("\xff")
	log.Submit(row)
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	read, err := parquet.ReadFile[submissionRow](filepath.Join(folder, "submissions-1.parquet"))
	if err != nil || read[0].Text != "caf\uFFFD ferm\uFFFD" || read[0].Class != "\uFFFD" {
		t.Errorf("%+v, %v", read, err)
	}
}

func TestAFolderThatIsNotThere(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "no"), "1"); err == nil {
		t.Error("opened")
	}
	if _, err := Open(t.TempDir(), "a/b"); err == nil {
		t.Error("took a writer that is a path")
	}
}

func BenchmarkSubmit(b *testing.B) {
	log, err := Open(b.TempDir(), "1")
	if err != nil {
		b.Fatal(err)
	}
	row := submission(1)
	b.ReportAllocs()
	for b.Loop() {
		log.Submit(row)
	}
	if err := log.Close(); err != nil {
		b.Fatal(err)
	}
}
