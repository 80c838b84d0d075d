package message

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

const (
	sourceMax       = 5_000_000
	perMessageMax   = 1_000 // all are written before a reply is read: more replies would not fit into the socket's buffers
	addressBytesMax = 254   // RFC 3696, erratum 1690: the path's 256 octets less its angle brackets
)

var rcptStart, rcptEnd = []byte("RCPT TO:<"), []byte(">\r\n")

// Source is the people that messages go to, kept as the very lines that RCPT says: a message's recipients are
// neighbours, so that one copy writes all of them. Safe for concurrent use.
type Source struct {
	lines   []byte
	offsets []int // of each line, and the end of the last
}

// SourceOf takes addresses, in their order.
func SourceOf(addresses []string) (*Source, error) {
	s := &Source{offsets: []int{0}}
	for i, address := range addresses {
		if err := s.add(address); err != nil {
			return nil, fmt.Errorf("recipient %d: %w", i+1, err)
		}
	}
	return s.checked()
}

// SourceFromText takes one address a line; empty lines and lines that begin with # do not count.
func SourceFromText(text []byte) (*Source, error) {
	s := &Source{offsets: []int{0}}
	for number := 1; len(text) > 0; number++ {
		line, rest, _ := bytes.Cut(text, []byte{'\n'})
		text = rest
		address := string(bytes.TrimSpace(line))
		if address == "" || address[0] == '#' {
			continue
		}
		if err := s.add(address); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
	}
	return s.checked()
}

// SourceFromRange replaces the run of # in pattern by the numbers from, from+1, ... with leading zeros.
func SourceFromRange(pattern string, from, count int) (*Source, error) {
	start, end := strings.IndexByte(pattern, '#'), strings.LastIndexByte(pattern, '#')
	if start < 0 || strings.Trim(pattern[start:end+1], "#") != "" {
		return nil, fmt.Errorf("the pattern %q needs one run of # for the number, for example u####@example.test", pattern)
	}
	digits := end + 1 - start
	if from < 0 || count < 1 || count > sourceMax || len(strconv.Itoa(from+count-1)) > digits {
		return nil, fmt.Errorf("the numbers %d to %d do not fit the %d digits of %q; write more #, or fewer numbers",
			from, from+count-1, digits, pattern)
	}
	s := &Source{offsets: make([]int, 1, count+1)}
	for i := range count {
		if err := s.add(fmt.Sprintf("%s%0*d%s", pattern[:start], digits, from+i, pattern[end+1:])); err != nil {
			return nil, err
		}
	}
	return s.checked()
}

func (s *Source) add(address string) error {
	if err := checkAddress(address); err != nil {
		return err
	}
	s.lines = append(append(append(s.lines, rcptStart...), address...), rcptEnd...)
	s.offsets = append(s.offsets, len(s.lines))
	return nil
}

func (s *Source) checked() (*Source, error) {
	if s.Len() < 1 || s.Len() > sourceMax {
		return nil, fmt.Errorf("there are %d recipients, and 1 to %d are possible", s.Len(), sourceMax)
	}
	return s, nil
}

// Len is the number of recipients.
func (s *Source) Len() int { return len(s.offsets) - 1 }

// Address is recipient i, counted on from the beginning past the end.
func (s *Source) Address(i int) []byte {
	i %= s.Len()
	return s.lines[s.offsets[i]+len(rcptStart) : s.offsets[i+1]-len(rcptEnd)]
}

// rcpts are the lines of count neighbours from first on, in two pieces where the end of the source lies between.
func (s *Source) rcpts(first, count int) (pieces [2][]byte) {
	end := first + count
	if end <= s.Len() {
		pieces[0] = s.lines[s.offsets[first]:s.offsets[end]]
		return pieces
	}
	pieces[0] = s.lines[s.offsets[first]:]
	pieces[1] = s.lines[:s.offsets[end-s.Len()]]
	return pieces
}

// checkAddress refuses what cannot stand between the angle brackets of MAIL or RCPT. It is no full grammar: a load
// test may want addresses that a server should refuse.
func checkAddress(address string) error {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at == len(address)-1 {
		return fmt.Errorf("%q is no address: it needs text on both sides of @", address)
	}
	if len(address) > addressBytesMax {
		return fmt.Errorf("%.40q... has %d octets, and an address has at most %d", address, len(address), addressBytesMax)
	}
	for i := range len(address) {
		if c := address[i]; c <= ' ' || c > '~' || c == '<' || c == '>' {
			return fmt.Errorf("%q has a character that an address cannot have here: only visible ASCII without < and >", address)
		}
	}
	return nil
}
