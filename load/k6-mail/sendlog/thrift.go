package sendlog

import "encoding/binary"

// Thrift's compact protocol, as far as Parquet's metadata needs it: structs of integers, text, lists and structs.
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
const (
	thriftInt32  = 5
	thriftInt64  = 6
	thriftBinary = 8
	thriftList   = 9
	thriftStruct = 12
)

// compact writes one struct after another, nested by begin and end.
type compact struct {
	out  []byte
	last []int16 // field number last written, for each open struct
}

func (c *compact) begin() { c.last = append(c.last, 0) }

func (c *compact) end() {
	c.out = append(c.out, 0)
	c.last = c.last[:len(c.last)-1]
}

// field writes a field's header; numbers must ascend by at most 15.
func (c *compact) field(number int16, kind byte) {
	last := &c.last[len(c.last)-1]
	c.out = append(c.out, byte(number-*last)<<4|kind)
	*last = number
}

func (c *compact) int(number int16, kind byte, value int64) {
	c.field(number, kind)
	c.varint(value)
}

// varint is zigzag coded.
func (c *compact) varint(value int64) { c.out = binary.AppendVarint(c.out, value) }

func (c *compact) text(number int16, value string) {
	c.field(number, thriftBinary)
	c.bareText(value)
}

func (c *compact) bareText(value string) {
	c.out = append(binary.AppendUvarint(c.out, uint64(len(value))), value...)
}

func (c *compact) list(number int16, kind byte, size int) {
	c.field(number, thriftList)
	if size < 15 {
		c.out = append(c.out, byte(size)<<4|kind)
		return
	}
	c.out = binary.AppendUvarint(append(c.out, 0xf0|kind), uint64(size))
}

// nested begins a struct that is a field.
func (c *compact) nested(number int16) {
	c.field(number, thriftStruct)
	c.begin()
}
