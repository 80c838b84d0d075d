package sendlog

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// kind says how a column's values are kept.
type kind int

const (
	int64s kind = iota
	int32s
	texts // each value as it is
	words // few different values: each once, and a number of two octets for each row
)

// Parquet's numbers for types, encodings and page types (parquet.thrift of apache/parquet-format).
const (
	typeInt32, typeInt64, typeByteArray   = 1, 2, 6
	encodingPlain, encodingRLE            = 0, 3
	encodingDictionary                    = 8
	pageData, pageDictionary, convertUTF8 = 0, 2, 0
	wordsMax                              = 1 << 16
)

type columnShape struct {
	name string
	kind kind
}

func (s columnShape) parquetType() int64 {
	switch s.kind {
	case int64s:
		return typeInt64
	case int32s:
		return typeInt32
	default:
		return typeByteArray
	}
}

// column collects values already in the form in which they are written. Reused from one row group to the next.
type column struct {
	columnShape
	values     []byte
	rows       int
	dictionary []byte
	numbers    map[string]uint16
	last       []byte
	lastNumber uint16
}

func (c *column) int64(value int64) {
	c.values = binary.LittleEndian.AppendUint64(c.values, uint64(value))
	c.rows++
}

func (c *column) int32(value int) {
	c.values = binary.LittleEndian.AppendUint32(c.values, uint32(int32(value)))
	c.rows++
}

func (c *column) text(value []byte) {
	value = valid(value)
	c.values = append(binary.LittleEndian.AppendUint32(c.values, uint32(len(value))), value...)
	c.rows++
}

func (c *column) word(value []byte) {
	value = valid(value)
	if c.rows == 0 || !bytes.Equal(value, c.last) {
		number, known := c.numbers[string(value)]
		if !known {
			number = uint16(len(c.numbers))
			c.numbers[string(value)] = number
			c.dictionary = append(binary.LittleEndian.AppendUint32(c.dictionary, uint32(len(value))), value...)
		}
		c.last, c.lastNumber = append(c.last[:0], value...), number
	}
	c.values = binary.LittleEndian.AppendUint16(c.values, c.lastNumber)
	c.rows++
}

// valid replaces what is no UTF-8: servers say what they like, and readers refuse a file with one such octet.
func valid(value []byte) []byte {
	if utf8.Valid(value) {
		return value
	}
	return bytes.ToValidUTF8(value, []byte("\uFFFD"))
}

// full says that one more row might need a word that has no number any more.
func (c *column) full() bool { return len(c.numbers) == wordsMax }

func (c *column) reset() {
	c.values, c.dictionary, c.rows = c.values[:0], c.dictionary[:0], 0
	clear(c.numbers)
}

// chunk is where a column of a row group lies in the file.
type chunk struct {
	dictionaryAt, dataAt, size int64
}

// appendChunk appends the column's pages; at is the place in the file where they will begin.
func (c *column) appendChunk(to []byte, at int64) ([]byte, chunk) {
	start := len(to)
	var where chunk
	if c.kind == words {
		where.dictionaryAt = at
		to = appendPage(to, pageDictionary, len(c.dictionary), len(c.numbers), encodingPlain)
		to = append(to, c.dictionary...)
	}
	where.dataAt = at + int64(len(to)-start)
	if c.kind == words {
		to = c.appendNumbers(to)
	} else {
		to = appendPage(to, pageData, len(c.values), c.rows, encodingPlain)
		to = append(to, c.values...)
	}
	where.size = int64(len(to) - start)
	return to, where
}

// appendNumbers writes the numbers as one bit-packed run of width 16, which is the octets as they are, in groups of 8.
func (c *column) appendNumbers(to []byte) []byte {
	groups := (c.rows + 7) / 8
	head := binary.AppendUvarint([]byte{16}, uint64(groups)<<1|1)
	to = appendPage(to, pageData, len(head)+groups*16, c.rows, encodingDictionary)
	to = append(append(to, head...), c.values...)
	return append(to, make([]byte, groups*16-len(c.values))...)
}

func appendPage(to []byte, pageType int64, size, values int, encoding int64) []byte {
	c := compact{out: to}
	c.begin()
	c.int(1, thriftInt32, pageType)
	c.int(2, thriftInt32, int64(size))
	c.int(3, thriftInt32, int64(size))
	if pageType == pageDictionary {
		c.nested(7)
		c.int(1, thriftInt32, int64(values))
		c.int(2, thriftInt32, encoding)
	} else {
		c.nested(5)
		c.int(1, thriftInt32, int64(values))
		c.int(2, thriftInt32, encoding)
		c.int(3, thriftInt32, encodingRLE)
		c.int(4, thriftInt32, encodingRLE)
	}
	c.end()
	c.end()
	return c.out
}
