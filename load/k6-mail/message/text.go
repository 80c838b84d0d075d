package message

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"mime"
	"mime/quotedprintable"
	"strings"
)

const (
	boundary       = "=_k6mail_boundary"
	base64Columns  = 76
	lineOctetsMax  = 998 // RFC 5322, 2.1.1
	markerStart    = "Id: "
	fillerSentence = "The quick brown fox jumps over the lazy dog, and nobody on the platform waits."
)

// Noise is an attachment's content that does not compress, the same for the same size.
func Noise(sizeBytes int) []byte {
	content := make([]byte, sizeBytes)
	_, _ = rand.NewChaCha8([32]byte{'k', '6'}).Read(content) // never fails
	return content
}

// text is the text after the marker line: lines end in CRLF. It is filled up to the wanted size.
func (t *Template) text() (string, error) {
	text := strings.ReplaceAll(strings.ReplaceAll(t.Text, "\r\n", "\n"), "\n", "\r\n")
	if strings.ContainsRune(strings.ReplaceAll(text, "\r\n", ""), '\r') {
		return "", fmt.Errorf("text has a carriage return without a line feed")
	}
	if !strings.HasSuffix(text, "\r\n") {
		text += "\r\n"
	}
	for _, line := range strings.Split(text, "\r\n") {
		if len(line) > lineOctetsMax && isASCII(text) {
			return "", fmt.Errorf("text has a line of %d octets, and %d are possible (RFC 5322, 2.1.1)", len(line), lineOctetsMax)
		}
	}
	bare, err := t.variant(text, true)
	if err != nil {
		return "", err
	}
	probe := Template{Options: t.Options, sevenBit: bare, idStart: t.idStart}
	missing := t.SizeBytes - probe.SizeNow()
	var filled strings.Builder
	filled.WriteString(text)
	for missing > 1 {
		line := fillerSentence[:min(max(missing-2, 0), len(fillerSentence))]
		if rest := missing - len(line) - 2; rest == 1 {
			line = line[:len(line)-1] // no line is a single octet: leave three for the next one
		}
		filled.WriteString(line + "\r\n")
		missing -= len(line) + 2
	}
	return filled.String(), nil
}

// variant lays out header and body: what stands before the marker, the marker, the rest.
func (t *Template) variant(text string, eightBit bool) (v variant, err error) {
	encoding, body := "7bit", []byte(text)
	switch {
	case isASCII(text):
	case eightBit:
		encoding = "8bit"
	default:
		encoding, body = "quoted-printable", quotedPrintable(text)
	}
	v.body.EightBit = encoding == "8bit"
	textPart := "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n"
	if err := t.header(&v); err != nil {
		return v, err
	}
	if t.Attachment == nil {
		v.add("MIME-Version: 1.0\r\n" + textPart)
	} else {
		v.add("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n--" + boundary + "\r\n" + textPart)
		body = append(body, t.Attachment.part()...)
	}
	v.add(markerStart)
	v.pieces = append(v.pieces, piece{fill: theID})
	v.add("\r\n")
	v.body.Raw, v.body.Stuffed = body, stuffed(body)
	return v, nil
}

func (t *Template) header(v *variant) error {
	from := t.From
	if from == "" {
		from = nullSender
	}
	if t.FromName != "" {
		from = phrase(t.FromName) + " <" + from + ">"
	}
	for name, value := range map[string]string{"from": from, "toHeader": t.ToHeader, "subject": t.Subject, "idDomain": t.IDDomain, "idHeader": t.IDHeader} {
		if strings.ContainsAny(value, "\r\n\x00") {
			return fmt.Errorf("%s has a line end, and a header field is one line", name)
		}
	}
	v.add("From: " + from + "\r\nTo: ")
	switch {
	case t.ToHeader != "":
		v.add(t.ToHeader)
	case t.PerMessage == 1:
		v.pieces = append(v.pieces, piece{fill: theRecipient})
	default:
		v.add("undisclosed-recipients:;")
	}
	v.add("\r\nSubject: ")
	before, after, found := strings.Cut(t.Subject, "{id}")
	v.add(encoded(before))
	if found {
		v.pieces = append(v.pieces, piece{fill: theID})
		v.add(encoded(after))
	}
	v.add("\r\nDate: ")
	v.pieces = append(v.pieces, piece{fill: theDate})
	v.add("\r\nMessage-ID: <")
	v.pieces = append(v.pieces, piece{fill: theID})
	v.add("@" + t.IDDomain + ">\r\n" + t.IDHeader + ": ")
	v.pieces = append(v.pieces, piece{fill: theID})
	v.add("\r\n")
	for _, field := range t.Headers {
		if field[0] == "" || strings.ContainsFunc(field[0], func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }) ||
			strings.ContainsAny(field[1], "\r\n\x00") {
			return fmt.Errorf("headers: %q: %q is no header field of one line", field[0], field[1])
		}
		v.add(field[0] + ": " + encoded(field[1]) + "\r\n")
	}
	return nil
}

// add appends text as it stands, to the piece before where that is text too.
func (v *variant) add(text string) {
	if last := len(v.pieces) - 1; last >= 0 && v.pieces[last].fill == asIs {
		v.pieces[last].text = append(v.pieces[last].text, text...)
		return
	}
	v.pieces = append(v.pieces, piece{text: []byte(text)})
}

func (a *Attachment) part() []byte {
	var part bytes.Buffer
	name := mime.FormatMediaType("attachment", map[string]string{"filename": a.Name})
	fmt.Fprintf(&part, "\r\n--%s\r\nContent-Type: %s\r\nContent-Disposition: %s\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		boundary, a.Type, name)
	text := base64.StdEncoding.EncodeToString(a.Content)
	for len(text) > 0 {
		end := min(base64Columns, len(text))
		part.WriteString(text[:end] + "\r\n")
		text = text[end:]
	}
	part.WriteString("\r\n--" + boundary + "--\r\n")
	return part.Bytes()
}

// encoded writes what is beyond ASCII as encoded words (RFC 2047), spaces at both ends kept outside.
func encoded(text string) string {
	if isASCII(text) {
		return text
	}
	core := strings.TrimSpace(text)
	start := strings.Index(text, core)
	return text[:start] + mime.QEncoding.Encode("utf-8", core) + text[start+len(core):]
}

func phrase(name string) string {
	if !isASCII(name) {
		return mime.BEncoding.Encode("utf-8", name) // Q would leave quotes and commas as they are
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

func quotedPrintable(text string) []byte {
	var out bytes.Buffer
	writer := quotedprintable.NewWriter(&out)
	_, _ = writer.Write([]byte(text)) // to memory: never fails
	_ = writer.Close()
	return out.Bytes()
}

// stuffed is body in the form of DATA: dots at the beginning of lines doubled, and the end behind it (RFC 5321, 4.5.2).
func stuffed(body []byte) []byte {
	out := make([]byte, 0, len(body)+len(body)/64+8)
	if len(body) > 0 && body[0] == '.' {
		out = append(out, '.')
	}
	out = append(out, bytes.ReplaceAll(body, []byte("\r\n."), []byte("\r\n.."))...)
	return append(out, ".\r\n"...)
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] > 127 {
			return false
		}
	}
	return true
}
