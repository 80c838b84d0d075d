package smtp

import (
	"bytes"
	"errors"
)

const (
	// lineBytesMax bounds one line of a reply. RFC 5321, 4.5.3.1.5 allows 512 octets; servers are longer now and then.
	lineBytesMax = 4096
	// replyLinesMax bounds the lines of one reply: an EHLO reply has some twenty.
	replyLinesMax = 128
)

var (
	errReplyShape   = errors.New("a line that is no reply (RFC 5321, 4.2)")
	errReplyLine    = errors.New("a reply line of more than 4096 octets")
	errReplyLines   = errors.New("a reply of more than 128 lines")
	errReplyCodes   = errors.New("a reply whose lines carry different codes (RFC 5321, 4.2.1)")
	errReplyControl = errors.New("a reply with a bare carriage return")
)

// Reply is one reply of a server. Its slices point into the bytes that were parsed.
type Reply struct {
	// Code is the reply code, 200 to 599.
	Code int
	// Enhanced is the enhanced status code (RFC 3463) of the first line, empty where there is none.
	Enhanced []byte
	// lines are the raw lines, each with its code and line end.
	lines []byte
}

// parseReply reads one reply from the beginning of data and says how many bytes it took; 0 when more bytes are needed.
// Lines may end in CRLF or, as some servers do, in LF alone.
func parseReply(data []byte) (reply Reply, size int, err error) {
	for count := 1; ; count++ {
		line := data[size:]
		end := bytes.IndexByte(line, '\n')
		if end < 0 {
			if len(line) > lineBytesMax {
				return Reply{}, 0, errReplyLine
			}
			return Reply{}, 0, badStart(line)
		}
		if end >= lineBytesMax {
			return Reply{}, 0, errReplyLine
		}
		code, last, text, err := parseLine(line[:end])
		if err != nil {
			return Reply{}, 0, err
		}
		if count == 1 {
			reply.Code, reply.Enhanced = code, enhancedCode(text, code)
		} else if code != reply.Code {
			return Reply{}, 0, errReplyCodes
		}
		size += end + 1
		if last {
			reply.lines = data[:size]
			return reply, size, nil
		}
		if count == replyLinesMax {
			return Reply{}, 0, errReplyLines
		}
	}
}

// badStart refuses an unfinished line that can no longer become a reply, so that a wrong server is named at once.
func badStart(line []byte) error {
	for i, c := range line[:min(len(line), 4)] {
		switch {
		case i == 0 && (c < '2' || c > '5'), (i == 1 || i == 2) && (c < '0' || c > '9'):
			return errReplyShape
		case i == 3 && c != ' ' && c != '-' && c != '\r':
			return errReplyShape
		}
	}
	return nil
}

func parseLine(line []byte) (code int, last bool, text []byte, err error) {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	if len(line) < 3 || line[0] < '2' || line[0] > '5' || line[1]-'0' > 9 || line[2]-'0' > 9 {
		return 0, false, nil, errReplyShape
	}
	code = int(line[0]-'0')*100 + int(line[1]-'0')*10 + int(line[2]-'0')
	if len(line) == 3 {
		return code, true, nil, nil
	}
	if line[3] != ' ' && line[3] != '-' {
		return 0, false, nil, errReplyShape
	}
	text = line[4:]
	if bytes.IndexByte(text, '\r') >= 0 {
		return 0, false, nil, errReplyControl
	}
	return code, line[3] == ' ', text, nil
}

// enhancedCode is the `class.subject.detail` at the beginning of text: RFC 2034 wants it to have the class of the code.
func enhancedCode(text []byte, code int) []byte {
	end := bytes.IndexByte(text, ' ')
	if end < 0 {
		end = len(text)
	}
	if end < 5 || end > 9 || text[1] != '.' || int(text[0]-'0') != code/100 || code/100 == 3 {
		return nil
	}
	dot, digits := 0, 0
	for _, c := range text[2:end] {
		switch {
		case c == '.' && digits > 0 && dot == 0:
			dot, digits = 1, 0
		case c >= '0' && c <= '9' && digits < 3:
			digits++
		default:
			return nil
		}
	}
	if dot == 0 || digits == 0 {
		return nil
	}
	return text[:end]
}

// AppendText appends the server's words without codes, lines joined by a line feed.
func (r Reply) AppendText(to []byte) []byte {
	rest := r.lines
	for first := true; len(rest) > 0; first = false {
		end := bytes.IndexByte(rest, '\n')
		line := bytes.TrimSuffix(rest[:end], []byte{'\r'})
		rest = rest[end+1:]
		line = line[min(4, len(line)):]
		if n := len(r.Enhanced); n > 0 && bytes.HasPrefix(line, r.Enhanced) {
			line = bytes.TrimPrefix(line[n:], []byte{' '})
		}
		if !first {
			to = append(to, '\n')
		}
		to = append(to, line...)
	}
	return to
}
