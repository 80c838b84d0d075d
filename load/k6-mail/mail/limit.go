package mail

import (
	"fmt"
	"strconv"
	"sync/atomic"

	"go.k6.io/k6/v2/errext"
)

// limitName is the environment variable that bounds the messages of a process, whatever its script asks for.
const limitName = "K6_MAIL_MESSAGES_MAX"

// limit counts the messages of all VUs. Without a bound, most is 0.
type limit struct {
	most  atomic.Uint64
	begun atomic.Uint64
}

// read takes the bound from the environment.
func (l *limit) read(lookup func(string) (string, bool)) error {
	if lookup == nil {
		return nil
	}
	text, ok := lookup(limitName)
	if !ok || text == "" {
		return nil
	}
	most, err := strconv.ParseUint(text, 10, 63)
	if err != nil || most == 0 {
		return fmt.Errorf("mail: the environment's %s must be a whole number from 1 on, and is %q", limitName, text)
	}
	l.most.Store(most)
	return nil
}

// allow says whether count messages more may begin.
func (l *limit) allow(count int) bool {
	most := l.most.Load()
	return most == 0 || l.begun.Add(uint64(count)) <= most
}

// spends says whether count messages more may begin. Where not, it ends the whole test, as exec.test.abort() does: the
// script goes no further once the call returns, and k6 exits with 108.
func (i *instance) spends(count int) bool {
	if i.root.limit.allow(count) {
		return true
	}
	reason := fmt.Sprintf("%s: %s allows %d messages, and the script asks for more", errext.AbortTest, limitName, i.root.limit.most.Load())
	i.vu.Runtime().Interrupt(&errext.InterruptError{Reason: reason})
	return false
}
