package smtp

import (
	"strings"
	"testing"
)

func TestReplies(t *testing.T) {
	for _, row := range []struct {
		name, wire, enhanced, text, rest string
		code                             int
	}{
		{name: "one line", wire: "250 2.1.0 Ok\r\n", code: 250, enhanced: "2.1.0", text: "Ok"},
		{name: "no enhanced code", wire: "220 mx.test ESMTP\r\n", code: 220, text: "mx.test ESMTP"},
		{name: "code alone", wire: "354\r\n", code: 354},
		{name: "line feed alone", wire: "250 ok\n", code: 250, text: "ok"},
		{name: "what follows stays", wire: "250 a\r\n550 b\r\n", code: 250, text: "a", rest: "550 b\r\n"},
		{name: "several lines", wire: "550-5.7.1 no\r\n550 5.7.1 never\r\n", code: 550, enhanced: "5.7.1", text: "no\nnever"},
		{name: "three digits", wire: "550 5.0.999 x\r\n", code: 550, enhanced: "5.0.999", text: "x"},
		{name: "a class that is not the code's", wire: "550 2.1.0 x\r\n", code: 550, text: "2.1.0 x"},
		{name: "a version is no status", wire: "220 2.4.1.3 x\r\n", code: 220, text: "2.4.1.3 x"},
		{name: "four digits are no status", wire: "250 2.1.0000 x\r\n", code: 250, text: "2.1.0000 x"},
	} {
		t.Run(row.name, func(t *testing.T) {
			reply, size, err := parseReply([]byte(row.wire))
			if err != nil {
				t.Fatal(err)
			}
			if reply.Code != row.code || string(reply.Enhanced) != row.enhanced || string(reply.AppendText(nil)) != row.text {
				t.Errorf("got %d %q %q", reply.Code, reply.Enhanced, reply.AppendText(nil))
			}
			if rest := row.wire[size:]; rest != row.rest {
				t.Errorf("left %q", rest)
			}
		})
	}
}

func TestPiecesOfReplies(t *testing.T) {
	const wire = "250-mx.test\r\n250-PIPELINING\r\n250 SIZE 1\r\n"
	for end := range len(wire) {
		if _, size, err := parseReply([]byte(wire[:end])); size != 0 || err != nil {
			t.Fatalf("%q: %d, %v", wire[:end], size, err)
		}
	}
}

func TestWrongReplies(t *testing.T) {
	for wire, want := range map[string]error{
		"HTTP/1.1 400\r\n":   errReplyShape,
		"H":                  errReplyShape,
		"25x":                errReplyShape,
		"250_":               errReplyShape,
		"650 x\r\n":          errReplyShape,
		"25\r\n":             errReplyShape,
		"\r\n":               errReplyShape,
		"250 a\rb\r\n":       errReplyControl,
		"250-a\r\n251 b\r\n": errReplyCodes,
		"250 " + strings.Repeat("x", lineBytesMax) + "\r\n":      errReplyLine,
		"250 " + strings.Repeat("x", lineBytesMax):               errReplyLine,
		strings.Repeat("250-x\r\n", replyLinesMax) + "250 y\r\n": errReplyLines,
	} {
		if _, size, err := parseReply([]byte(wire)); err != want || size != 0 {
			t.Errorf("%.20q: got %d, %v, want %v", wire, size, err, want)
		}
	}
}

// FuzzReply holds for any bytes: no panic, bounds kept, and what was read from a whole is read the same when it comes
// in two pieces or with more behind it.
func FuzzReply(f *testing.F) {
	f.Add([]byte("250 2.1.0 Ok\r\n"), uint(3))
	f.Add([]byte("250-mx\r\n250-SIZE\n250 HELP\r\n354 go\r\n"), uint(9))
	f.Add([]byte("550-5.7.1 a\r\n550 5.7.1 b\r\n"), uint(14))
	f.Add([]byte("421"), uint(1))
	f.Fuzz(func(t *testing.T, data []byte, cut uint) {
		reply, size, err := parseReply(data)
		if size < 0 || size > len(data) || (err != nil && size != 0) {
			t.Fatalf("size %d of %d, %v", size, len(data), err)
		}
		if size == 0 {
			return
		}
		if reply.Code < 200 || reply.Code > 599 || data[size-1] != '\n' {
			t.Fatalf("code %d, size %d", reply.Code, size)
		}
		text := string(reply.AppendText(nil))
		if strings.ContainsRune(text, '\r') {
			t.Fatalf("carriage return in %q", text)
		}
		if _, early, err := parseReply(data[:cut%uint(size)]); early != 0 || err != nil {
			t.Fatalf("a piece of a reply was read as %d, %v", early, err)
		}
		again, more, err := parseReply(append(data[:size:size], "250 next\r\n"...))
		if err != nil || more != size || again.Code != reply.Code || string(again.AppendText(nil)) != text {
			t.Fatalf("read otherwise with more behind: %d, %d, %v", more, again.Code, err)
		}
	})
}
