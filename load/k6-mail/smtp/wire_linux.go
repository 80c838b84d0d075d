package smtp

import (
	"io"
	"syscall"
	"time"
	"unsafe"

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
		return !e.ask(fd)
	}
	n, errno := rawRead(fd, e.in)
	switch {
	case errno == unix.EAGAIN || errno == unix.EINTR:
		return false
	case errno != 0:
		e.err = errno
	case n == 0:
		e.err = io.EOF
	default:
		e.read = n
	}
	return true
}

// ask says whether everything was written.
func (e *exchange) ask(fd uintptr) bool {
	n, errno := rawWrite(fd, e.out[0], e.out[1])
	e.written, e.wrote = n, time.Now()
	if errno == unix.EAGAIN || errno == unix.EINTR {
		return false
	}
	if errno != 0 {
		e.err = errno
	}
	return errno == 0 && n == len(e.out[0])+len(e.out[1])
}

// rawWrite and rawRead do not tell Go's scheduler of the call, as unix.Write and unix.Read do. The poller's sockets do
// not block, so that there is nothing to tell; and to be told costs: a call that copies 50 KiB is long enough for the
// scheduler to wake another thread, which then finds nothing to do. That was a third of the CPU time of such messages.
func rawWrite(fd uintptr, head, tail []byte) (int, syscall.Errno) {
	if len(tail) == 0 {
		n, _, errno := unix.RawSyscall(unix.SYS_WRITE, fd, uintptr(unsafe.Pointer(unsafe.SliceData(head))), uintptr(len(head)))
		return max(int(n), 0), errno
	}
	parts := [2]unix.Iovec{{Base: unsafe.SliceData(head)}, {Base: unsafe.SliceData(tail)}}
	parts[0].SetLen(len(head))
	parts[1].SetLen(len(tail))
	n, _, errno := unix.RawSyscall(unix.SYS_WRITEV, fd, uintptr(unsafe.Pointer(&parts[0])), uintptr(len(parts)))
	return max(int(n), 0), errno
}

func rawRead(fd uintptr, in []byte) (int, syscall.Errno) {
	n, _, errno := unix.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(unsafe.SliceData(in))), uintptr(len(in)))
	return int(n), errno
}
