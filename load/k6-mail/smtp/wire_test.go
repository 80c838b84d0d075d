package smtp

import (
	"bufio"
	"context"
	"net"
	"testing"
	"time"
)

// pair is a wire and the server's end of it.
func pair(t *testing.T) (*wire, net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(); server.Close() })
	return newWire(conn), server
}

// A deadline of the connection may pass between two messages, or while a slow server answers one command after another.
// What was to be written must go out all the same: the caller's limit lies far ahead.
func TestAWriteAfterTheDeadlineOfTheConnection(t *testing.T) {
	w, server := pair(t)
	w.armed = w.clock().Add(watch) // as the wire believes
	if err := w.conn.SetDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 1)
	go func() {
		_ = server.SetReadDeadline(time.Now().Add(5 * time.Second))
		line, _ := bufio.NewReader(server).ReadString('\n')
		said <- line
		_, _ = server.Write([]byte("250 2.0.0 yes\r\n"))
	}()

	err := w.write(context.Background(), []byte("NOOP\r\n"), nil, true, time.Now().Add(10*time.Second))

	if err != nil {
		t.Fatal(err)
	}
	if line := <-said; line != "NOOP\r\n" {
		t.Fatalf("the server read %q", line)
	}
	if reply, err := w.reply(context.Background(), time.Now().Add(10*time.Second)); err != nil || reply.Code != 250 {
		t.Fatalf("%+v, %v", reply, err)
	}
}
