package sendlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
)

const (
	magic        = "PAR1"
	groupRowsMax = 1 << 16
	partSuffix   = ".part"
	createdBy    = "k6-mail"
)

// group is the rows collected for one row group.
type group struct {
	columns []column
	rows    int
}

// file is a Parquet file that grows by row groups, uncompressed, all columns required. Rows are collected under a lock
// and written beside the caller; where the disk cannot follow, adding waits. Safe for concurrent use.
type file struct {
	path   string
	shapes []columnShape

	lock sync.Mutex
	now  *group
	shut bool

	full  chan *group
	empty chan *group
	done  chan error

	disk   *os.File
	at     int64
	total  int64
	chunks [][]chunk
	rows   []int
}

func create(path string, shapes []columnShape) (*file, error) {
	disk, err := os.Create(path + partSuffix)
	if err != nil {
		return nil, fmt.Errorf("the send log cannot be written, make the folder first: %w", err)
	}
	f := &file{path: path, shapes: shapes, disk: disk, full: make(chan *group), empty: make(chan *group, 2), done: make(chan error, 1)}
	f.now = f.newGroup()
	f.empty <- f.newGroup()
	go f.write()
	return f, nil
}

func (f *file) newGroup() *group {
	g := &group{columns: make([]column, len(f.shapes))}
	for i, shape := range f.shapes {
		g.columns[i] = column{columnShape: shape}
		if shape.kind == words {
			g.columns[i].numbers = map[string]uint16{}
		}
	}
	return g
}

// add lets fill append one value to each column.
func (f *file) add(fill func(columns []column)) {
	f.lock.Lock()
	defer f.lock.Unlock()
	if f.shut {
		return // a row after the end: its VU was interrupted and the file is closed
	}
	fill(f.now.columns)
	f.now.rows++
	if f.now.rows == groupRowsMax || f.now.isFull() {
		f.full <- f.now
		f.now = <-f.empty
	}
}

func (g *group) isFull() bool {
	for i := range g.columns {
		if g.columns[i].kind == words && g.columns[i].full() {
			return true
		}
	}
	return false
}

// close writes what is left and gives the file its final name. With an error the file keeps the name of a part.
func (f *file) close() error {
	f.lock.Lock()
	defer f.lock.Unlock()
	if f.shut {
		return nil
	}
	f.shut = true
	f.full <- f.now
	close(f.full)
	err := errors.Join(<-f.done, f.disk.Close())
	if err == nil {
		err = os.Rename(f.path+partSuffix, f.path)
	}
	if err != nil {
		return fmt.Errorf("the send log %s is not whole, so it keeps the name %s: %w", f.path, f.path+partSuffix, err)
	}
	return nil
}

// write takes full groups to the disk until there are no more, and the footer behind them.
func (f *file) write() {
	out, err := []byte(magic), error(nil)
	for g := range f.full {
		if g.rows > 0 && err == nil {
			out = f.appendGroup(out, g)
			_, err = f.disk.Write(out)
			f.at += int64(len(out))
			out = out[:0]
		}
		for i := range g.columns {
			g.columns[i].reset()
		}
		g.rows = 0
		f.empty <- g
	}
	if err == nil {
		_, err = f.disk.Write(f.appendFooter(out))
	}
	f.done <- err
}

func (f *file) appendGroup(out []byte, g *group) []byte {
	chunks := make([]chunk, len(g.columns))
	for i := range g.columns {
		out, chunks[i] = g.columns[i].appendChunk(out, f.at+int64(len(out)))
	}
	f.chunks, f.rows = append(f.chunks, chunks), append(f.rows, g.rows)
	f.total += int64(g.rows)
	return out
}

// appendFooter writes FileMetaData.
func (f *file) appendFooter(out []byte) []byte {
	start := len(out)
	c := compact{out: out}
	c.begin()
	c.int(1, thriftInt32, 1)
	c.list(2, thriftStruct, len(f.shapes)+1)
	c.begin()
	c.text(4, "rows")
	c.int(5, thriftInt32, int64(len(f.shapes)))
	c.end()
	for _, shape := range f.shapes {
		c.begin()
		c.int(1, thriftInt32, shape.parquetType())
		c.int(3, thriftInt32, 0) // required
		c.text(4, shape.name)
		if shape.parquetType() == typeByteArray {
			c.int(6, thriftInt32, convertUTF8)
		}
		c.end()
	}
	c.int(3, thriftInt64, f.total)
	c.list(4, thriftStruct, len(f.chunks))
	for i := range f.chunks {
		f.appendRowGroup(&c, i)
	}
	c.text(6, createdBy)
	c.end()
	return append(binary.LittleEndian.AppendUint32(c.out, uint32(len(c.out)-start)), magic...)
}

func (f *file) appendRowGroup(c *compact, number int) {
	c.begin()
	c.list(1, thriftStruct, len(f.shapes))
	var size int64
	for i, where := range f.chunks[number] {
		shape := f.shapes[i]
		size += where.size
		c.begin()
		c.int(2, thriftInt64, where.dataAt)
		c.nested(3)
		c.int(1, thriftInt32, shape.parquetType())
		c.list(2, thriftInt32, 1)
		if shape.kind == words {
			c.varint(encodingDictionary)
		} else {
			c.varint(encodingPlain)
		}
		c.list(3, thriftBinary, 1)
		c.bareText(shape.name)
		c.int(4, thriftInt32, 0) // uncompressed
		c.int(5, thriftInt64, int64(f.rows[number]))
		c.int(6, thriftInt64, where.size)
		c.int(7, thriftInt64, where.size)
		c.int(9, thriftInt64, where.dataAt)
		if shape.kind == words {
			c.int(11, thriftInt64, where.dictionaryAt)
		}
		c.end()
		c.end()
	}
	c.int(2, thriftInt64, size)
	c.int(3, thriftInt64, int64(f.rows[number]))
	c.end()
}
