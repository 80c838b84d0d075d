package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

const (
	readBufferBytes = 8192
	// watch is how long a wait goes on before it looks whether the caller has stopped. A wait per message must not
	// register anything with the context: that costs more than the rest of a short dialog's bookkeeping.
	watch = 2 * time.Second
	// vectorBytesMin is from where on content is handed to the kernel in place instead of being copied behind the head.
	vectorBytesMin = 8192
)

// wire is the connection: it writes, and reads replies with a time limit. Not safe for concurrent use.
type wire struct {
	conn net.Conn
	// exchange is the fast path for plain TCP, nil otherwise.
	exchange *exchange
	// armed is the deadline now set on conn; now is the caller's last look at the clock; wrote is when the last write ended.
	armed, now, wrote time.Time

	in         []byte
	start, end int

	BytesWritten, BytesRead int64
}

func newWire(conn net.Conn) *wire {
	w := &wire{conn: conn, in: make([]byte, readBufferBytes)}
	if system, ok := conn.(syscall.Conn); ok {
		if raw, err := system.SyscallConn(); err == nil {
			w.exchange = newExchange(raw)
		}
	}
	return w
}

// secure goes on over TLS. What the server sent in the clear behind its 220 is an attack (RFC 3207, 4.2; CVE-2011-0411).
func (w *wire) secure(ctx context.Context, config *tls.Config) error {
	if w.start != w.end {
		return errors.New("bytes in the clear behind the reply to STARTTLS")
	}
	conn := tls.Client(counted{w.conn, w}, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return err
	}
	w.conn, w.exchange, w.armed = conn, nil, time.Time{}
	return nil
}

// counted keeps data_sent and data_received right under TLS: what counts is what is on the line.
type counted struct {
	net.Conn
	wire *wire
}

func (c counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.wire.BytesRead += int64(n)
	return n, err
}

func (c counted) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.wire.BytesWritten += int64(n)
	return n, err
}

func (w *wire) isTLS() bool {
	_, ok := w.conn.(*tls.Conn)
	return ok
}

// write sends head and then tail. With answer, it also waits for the first bytes of the reply, which saves a call.
func (w *wire) write(ctx context.Context, head, tail []byte, answer bool, limit time.Time) error {
	if err := w.arm(limit); err != nil {
		return err
	}
	if answer && w.exchange != nil && w.start == w.end {
		written, read, err := w.exchange.run(head, tail, w.in)
		w.wrote = w.exchange.wrote
		w.BytesWritten += int64(written)
		w.BytesRead += int64(read)
		w.start, w.end = 0, read
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		if written < len(head)+len(tail) { // also where the deadline had passed before anything was written
			return w.writeRest(ctx, head, tail, written, limit)
		}
		return nil // a reply that is still to come is awaited by reply, which knows the caller's limit
	}
	return w.writeRest(ctx, head, tail, 0, limit)
}

func (w *wire) writeRest(ctx context.Context, head, tail []byte, written int, limit time.Time) error {
	if w.isTLS() {
		// A TLS connection cannot go on after a write that timed out: it gets the whole limit at once.
		if err := w.conn.SetWriteDeadline(limit); err != nil {
			return err
		}
	}
	for _, part := range [][]byte{head, tail} {
		skip := min(written, len(part))
		written -= skip
		for part = part[skip:]; len(part) > 0; {
			n, err := w.conn.Write(part)
			part = part[n:]
			if w.isTLS() && err != nil {
				return err
			}
			if !w.isTLS() {
				w.BytesWritten += int64(n)
			}
			if err = w.goOn(ctx, err, limit); err != nil {
				return err
			}
		}
	}
	w.wrote = w.clock()
	return nil
}

// clock looks at the clock, for the caller and for the next deadline.
func (w *wire) clock() time.Time {
	w.now = time.Now()
	return w.now
}

// reply returns the next reply, which stays valid until the next call.
func (w *wire) reply(ctx context.Context, limit time.Time) (Reply, error) {
	for {
		reply, size, err := parseReply(w.in[w.start:w.end])
		if err != nil {
			return Reply{}, err
		}
		if size > 0 {
			w.start += size
			return reply, nil
		}
		if err := w.fill(ctx, limit); err != nil {
			return Reply{}, err
		}
	}
}

// fill waits for more bytes.
func (w *wire) fill(ctx context.Context, limit time.Time) error {
	switch {
	case w.start == w.end:
		w.start, w.end = 0, 0
	case w.end == len(w.in) && w.start > 0:
		w.end = copy(w.in, w.in[w.start:w.end])
		w.start = 0
	case w.end == len(w.in):
		if len(w.in) > lineBytesMax*replyLinesMax {
			return errReplyLine
		}
		w.in = append(w.in, make([]byte, len(w.in))...)
	}
	if err := w.arm(limit); err != nil {
		return err
	}
	for {
		n, err := w.conn.Read(w.in[w.end:])
		w.end += n
		if !w.isTLS() {
			w.BytesRead += int64(n)
		}
		if n > 0 {
			return nil
		}
		if err = w.goOn(ctx, err, limit); err != nil {
			return err
		}
	}
}

// arm sets the deadline up to which a read or write waits at once: at most watch from now, never past limit.
func (w *wire) arm(limit time.Time) error {
	if left := w.armed.Sub(w.now); left > watch/2 && !w.armed.After(limit) {
		return nil
	}
	until := w.clock().Add(watch)
	if until.After(limit) {
		until = limit
	}
	w.armed = until
	if w.isTLS() {
		return w.conn.SetReadDeadline(until)
	}
	return w.conn.SetDeadline(until)
}

// goOn decides after a read or write that ended with err: nil to go on, else the error to report.
func (w *wire) goOn(ctx context.Context, err error, limit time.Time) error {
	if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if !w.clock().Before(limit) {
		return os.ErrDeadlineExceeded
	}
	return w.arm(limit)
}

// spoken says whether bytes or the end of the connection have come unasked.
func (w *wire) spoken() bool {
	if w.start != w.end {
		return true
	}
	if w.conn.SetReadDeadline(time.Now().Add(time.Millisecond)) != nil {
		return true
	}
	w.armed = time.Time{}
	n, err := w.conn.Read(w.in)
	return n > 0 || !errors.Is(err, os.ErrDeadlineExceeded)
}
