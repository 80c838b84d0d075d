package mail

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// piecemeal writes one octet at a time.
type piecemeal struct{ net.Listener }

func (l piecemeal) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return pieces{conn}, err
}

type pieces struct{ net.Conn }

func (c pieces) Write(data []byte) (int, error) {
	for i := range data {
		if _, err := c.Conn.Write(data[i : i+1]); err != nil {
			return i, err
		}
	}
	return len(data), nil
}

// script answers each line with the next of its answers, whatever the line says; "" is no answer. After one that ends in
// "hang up" it closes.
func script(t *testing.T, answers ...string) int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		in := make([]byte, 4096)
		for _, answer := range answers {
			text, over := strings.CutSuffix(answer, "hang up")
			if _, err := conn.Write([]byte(text)); err != nil || over {
				return
			}
			if _, err := conn.Read(in); err != nil {
				return
			}
		}
		_, _ = io.Copy(io.Discard, conn)
	}()
	return listener.Addr().(*net.TCPAddr).Port
}

// counter is a dialer whose connections count the writes.
type counter struct {
	net.Dialer
	lock   sync.Mutex
	writes int
}

func (c *counter) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := c.Dialer.DialContext(ctx, network, address)
	return countedConn{conn, c}, err
}

func (c *counter) take() int {
	c.lock.Lock()
	defer c.lock.Unlock()
	writes := c.writes
	c.writes = 0
	return writes
}

type countedConn struct {
	net.Conn
	counter *counter
}

func (c countedConn) Write(data []byte) (int, error) {
	c.counter.lock.Lock()
	c.counter.writes++
	c.counter.lock.Unlock()
	return c.Conn.Write(data)
}

// certificate is one for mx.test, signed by itself, and its PEM text.
func certificate(t *testing.T) (tls.Certificate, string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	shape := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mx.test"}, DNSNames: []string{"mx.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, shape, shape, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
