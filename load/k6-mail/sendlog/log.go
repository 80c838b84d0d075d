// Package sendlog records what was sent and what became of it, as Parquet files that DuckDB reads as they are. Written
// for the measured path: a row costs a tenth of a microsecond or so, and no allocation. It knows nothing of k6.
package sendlog

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"time"
)

// Submission is one message that was tried. Its slices are read during the call and not kept.
type Submission struct {
	ID, Stream, Sender, Target, Content []byte
	// RecipientFirst is the place of the first recipient in the template's source, Recipients their number.
	RecipientFirst, Recipients, Refused, Bytes int
	// Intended is when the message was due, Started when it began, Answered when its last reply came.
	Intended, Started, Answered time.Time
	VU                          uint64
	// Code, Enhanced and Text are the final reply; where there was none, those of what went wrong first.
	Code           int
	Enhanced, Text []byte
	// Class and Step are empty for a message that all recipients were accepted of.
	Class, Step []byte
}

// Refusal is one recipient that was not accepted.
type Refusal struct {
	ID, Recipient, Class, Step []byte
	Code                       int
	Enhanced, Text             []byte
	Answered                   time.Time
}

var submissionColumns = []columnShape{
	{"id", texts}, {"stream", words}, {"sender", words}, {"target", words}, {"content", words},
	{"recipient_first", int32s}, {"recipients", int32s}, {"refused", int32s}, {"bytes", int32s},
	{"intended_us", int64s}, {"started_us", int64s}, {"answered_us", int64s},
	{"vu", int32s}, {"code", int32s}, {"enhanced", words}, {"text", texts}, {"class", words}, {"step", words},
}

var refusalColumns = []columnShape{
	{"id", texts}, {"recipient", texts}, {"class", words}, {"step", words},
	{"code", int32s}, {"enhanced", words}, {"text", texts}, {"answered_us", int64s},
}

var writerName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// Log is the two files of one writer. Safe for concurrent use.
type Log struct {
	submissions, refusals *file
}

// Open creates `submissions-<writer>.parquet` and `refusals-<writer>.parquet` in folder; until Close their names end
// in `.part`.
func Open(folder, writer string) (*Log, error) {
	if !writerName.MatchString(writer) {
		return nil, fmt.Errorf("the writer of the send log is %q, and 1 to 40 letters, digits, - and _ are possible", writer)
	}
	submissions, err := create(filepath.Join(folder, "submissions-"+writer+".parquet"), submissionColumns)
	if err != nil {
		return nil, err
	}
	refusals, err := create(filepath.Join(folder, "refusals-"+writer+".parquet"), refusalColumns)
	if err != nil {
		return nil, errors.Join(err, submissions.close())
	}
	return &Log{submissions, refusals}, nil
}

// Submit adds one message.
func (l *Log) Submit(s *Submission) {
	l.submissions.add(func(c []column) {
		c[0].text(s.ID)
		c[1].word(s.Stream)
		c[2].word(s.Sender)
		c[3].word(s.Target)
		c[4].word(s.Content)
		c[5].int32(s.RecipientFirst)
		c[6].int32(s.Recipients)
		c[7].int32(s.Refused)
		c[8].int32(s.Bytes)
		c[9].int64(s.Intended.UnixMicro())
		c[10].int64(s.Started.UnixMicro())
		c[11].int64(s.Answered.UnixMicro())
		c[12].int32(int(s.VU))
		c[13].int32(s.Code)
		c[14].word(s.Enhanced)
		c[15].text(s.Text)
		c[16].word(s.Class)
		c[17].word(s.Step)
	})
}

// Refuse adds one recipient that was not accepted.
func (l *Log) Refuse(r *Refusal) {
	l.refusals.add(func(c []column) {
		c[0].text(r.ID)
		c[1].text(r.Recipient)
		c[2].word(r.Class)
		c[3].word(r.Step)
		c[4].int32(r.Code)
		c[5].word(r.Enhanced)
		c[6].text(r.Text)
		c[7].int64(r.Answered.UnixMicro())
	})
}

// Close writes what is left and gives the files their final names.
func (l *Log) Close() error {
	return errors.Join(l.submissions.close(), l.refusals.close())
}
