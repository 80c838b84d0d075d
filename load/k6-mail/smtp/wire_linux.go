package smtp

import (
	"io"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// exchange writes and then waits for the answer inside one read of the runtime's poller. An ordinary Write and Read
// make two calls more: the read tries once in vain before it waits. The poller must be made ready before the write
// (RawConn.Read does that), for it reports a change once, and the answer may come before the wait begins.
type exchange struct {
	raw  syscall.RawConn
	step func(fd uintptr) bool

	out           [2][]byte
	in            []byte
	asked         bool
	written, read int
	wrote         time.Time
	err           error
}

func newExchange(raw syscall.RawConn) *exchange {
	e := &exchange{raw: raw}
	e.step = e.next // made once: a method value allocates
	return e
}

// run returns early, without error, when the kernel did not take everything: the rest is for an ordinary write.
func (e *exchange) run(head, tail, in []byte) (written, read int, err error) {
	e.out, e.in, e.asked, e.written, e.read, e.err = [2][]byte{head, tail}, in, false, 0, 0, nil
	err = e.raw.Read(e.step)
	if e.err != nil {
		err = e.err
	}
	e.out, e.in = [2][]byte{}, nil
	return e.written, e.read, err
}

func (e *exchange) next(fd uintptr) bool {
	if !e.asked {
		e.asked = true
		return !e.ask(int(fd))
	}
	n, err := unix.Read(int(fd), e.in)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
		return false
	case err != nil:
		e.err = err
	case n == 0:
		e.err = io.EOF
	default:
		e.read = n
	}
	return true
}

// ask says whether everything was written.
func (e *exchange) ask(fd int) bool {
	var n int
	var err error
	if len(e.out[1]) == 0 {
		n, err = unix.Write(fd, e.out[0])
	} else {
		n, err = unix.Writev(fd, e.out[:])
	}
	e.written, e.wrote = max(n, 0), time.Now()
	if err == unix.EAGAIN || err == unix.EINTR {
		return false
	}
	e.err = err
	return err == nil && n == len(e.out[0])+len(e.out[1])
}
