// Package message makes messages out of templates: all that is the same for many messages is text made once, and a
// message costs a few copies. It knows nothing of k6.
package message

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"recette.test/k6-mail/smtp"
)

// Options describe a template. Their meaning and defaults are those of TemplateOptions in index.d.ts.
type Options struct {
	From, FromName, ToHeader, Subject, Text string
	Headers                                 [][2]string
	Recipients                              *Source
	PerMessage                              int
	Random                                  bool
	SizeBytes                               int
	Attachment                              *Attachment
	Run, Stream, Target, IDDomain, IDHeader string
}

// Attachment is one file beside the text.
type Attachment struct {
	Name, Type string
	Content    []byte
}

const (
	sizeBytesMax = 100_000_000
	nullSender   = "MAILER-DAEMON@invalid"
)

var word = regexp.MustCompile(`^[A-Za-z0-9_-]{1,40}$`)

// Template is a message to be. Safe for concurrent use.
type Template struct {
	Options
	// Content is the SHA-256, in hexadecimal, of the decoded text after its first line, which carries the id. White space
	// at its end counts as one line end: servers that put the text into a part of its own change that.
	Content string
	// The same, and what else the send log says of each message, as octets.
	StreamName, Sender, TargetName, ContentHash []byte

	mail     []byte
	idStart  []byte
	seed     uint64
	sevenBit variant
	eightBit variant
	next     atomic.Uint64
}

// variant is a template in one transfer encoding: pieces of header and the first lines of the body, and the rest.
type variant struct {
	pieces []piece
	body   smtp.Body
}

// piece is text as it stands, or a place to fill in.
type piece struct {
	text []byte
	fill fill
}

type fill int

const (
	asIs fill = iota
	theID
	theDate
	theRecipient
)

// New checks options and makes the texts.
func New(options Options) (*Template, error) {
	t := &Template{Options: options}
	if err := t.check(); err != nil {
		return nil, err
	}
	t.mail = []byte("MAIL FROM:<" + t.From + ">")
	t.idStart = []byte(t.Run + "." + t.Stream + ".")
	hash := fnv.New64a()
	_, _ = hash.Write(t.idStart) // never fails
	t.seed = hash.Sum64()
	text, err := t.text()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(strings.TrimRight(text, " \t\r\n") + "\r\n"))
	t.Content = hex.EncodeToString(sum[:])
	t.StreamName, t.Sender, t.TargetName, t.ContentHash = []byte(t.Stream), []byte(t.From), []byte(t.Target), []byte(t.Content)
	if t.sevenBit, err = t.variant(text, false); err != nil {
		return nil, err
	}
	t.eightBit = t.sevenBit
	if !isASCII(text) {
		t.eightBit, err = t.variant(text, true)
	}
	return t, err
}

func (t *Template) check() error {
	if t.From != "" {
		if err := checkAddress(t.From); err != nil {
			return fmt.Errorf("from: %w", err)
		}
	}
	if t.Recipients == nil {
		return fmt.Errorf("to: there are no recipients")
	}
	if t.PerMessage < 1 || t.PerMessage > perMessageMax || t.PerMessage > t.Recipients.Len() {
		return fmt.Errorf("to.perMessage is %d, and 1 to %d are possible, at most as many as there are recipients (%d)",
			t.PerMessage, perMessageMax, t.Recipients.Len())
	}
	if t.SizeBytes < 0 || t.SizeBytes > sizeBytesMax {
		return fmt.Errorf("sizeBytes is %d, and 0 to %d are possible", t.SizeBytes, sizeBytesMax)
	}
	for name, value := range map[string]string{"run": t.Run, "stream": t.Stream} {
		if !word.MatchString(value) {
			return fmt.Errorf("%s is %q, and 1 to 40 letters, digits, - and _ are possible", name, value)
		}
	}
	if t.IDDomain == "" {
		t.IDDomain = "invalid"
		if at := strings.LastIndexByte(t.From, '@'); at >= 0 {
			t.IDDomain = t.From[at+1:]
		}
	}
	return nil
}

// SizeNow is the size of header and body of a message with a short id.
func (t *Template) SizeNow() int {
	composer := Composer{VU: 1}
	var m smtp.Message
	composer.Compose(t, &m, 1, 0, false)
	return len(m.Head) + len(m.Body.Raw)
}

// Take returns the numbers of the next count messages of this process, for the order of the recipients.
func (t *Template) Take(count int) (first uint64) {
	return t.next.Add(uint64(count)) - uint64(count)
}

// First is the place in the source of the first recipient of a message: number is its number among the template's, from 0
// on (in one process that of [Template.Take]), seq its number in its VU.
func (t *Template) First(number uint64, vu, seq uint64) int {
	length := uint64(t.Recipients.Len())
	if !t.Random {
		return int(number % length * uint64(t.PerMessage) % length)
	}
	return int(mix(t.seed^mix(vu)^seq) % length)
}

// mix is the finaliser of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Composer fills in templates for one VU. Not safe for concurrent use.
type Composer struct {
	// VU is the number of the VU across all generators of a test.
	VU uint64

	id     []byte
	date   []byte
	second int64
}

// ID is the id of message seq of this VU. It is valid until the next call.
func (c *Composer) ID(t *Template, seq uint64) []byte {
	c.id = append(c.id[:0], t.idStart...)
	c.id = append(strconv.AppendUint(c.id, c.VU, 36), '.')
	c.id = strconv.AppendUint(c.id, seq, 36)
	return c.id
}

// Compose fills in m, whose Head it reuses.
func (c *Composer) Compose(t *Template, m *smtp.Message, seq uint64, first int, eightBit bool) {
	v := &t.sevenBit
	if eightBit {
		v = &t.eightBit
	}
	id := c.ID(t, seq)
	head := m.Head[:0]
	for i := range v.pieces {
		switch piece := &v.pieces[i]; piece.fill {
		case asIs:
			head = append(head, piece.text...)
		case theID:
			head = append(head, id...)
		case theDate:
			head = append(head, c.now()...)
		case theRecipient:
			head = append(head, t.Recipients.Address(first)...)
		}
	}
	m.Head, m.Body, m.Mail = head, &v.body, t.mail
	m.Rcpts, m.Recipients = t.Recipients.rcpts(first, t.PerMessage), t.PerMessage
}

// now is the date in the form of RFC 5322, made once a second.
func (c *Composer) now() []byte {
	now := time.Now()
	if second := now.Unix(); second != c.second {
		c.second = second
		c.date = now.AppendFormat(c.date[:0], "Mon, 02 Jan 2006 15:04:05 -0700")
	}
	return c.date
}
