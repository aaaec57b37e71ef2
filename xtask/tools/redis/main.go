// redis-server is a small in-memory Redis on loopback, for an Argo CD that runs as plain processes.
//
// Why not the real one: Redis is not a Go module and has no release binaries, so it could be had from a package manager
// only, in whatever version that has. Argo CD uses it as a cache it can rebuild at any time, and its own headless mode
// uses this very library.
package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"
)

func main() {
	listen := flag.String("listen", "", "address to listen on, such as 127.0.0.1:6379; loopback only, as there is no password")
	flag.Parse()
	if err := serve(*listen); err != nil {
		fmt.Fprintln(os.Stderr, "redis-server:", err)
		os.Exit(1)
	}
}

func serve(listen string) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("--listen: %q is not a loopback address", host)
	}

	// Before the first connection, so that a TERM right after the start is not lost.
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)

	server := miniredis.NewMiniRedis()
	if err := server.StartAddr(listen); err != nil {
		return err
	}
	defer server.Close()
	fmt.Fprintln(os.Stderr, "redis-server: listening on", server.Addr())

	// The library is made for tests: its keys expire only when its clock is moved. Nobody else moves it here, and
	// without this the cache of Argo CD would keep every manifest for ever. By what really passed, not by one second:
	// a tick may come late.
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case now := <-ticker.C:
			server.FastForward(now.Sub(last))
			last = now
		case <-stop:
			return nil
		}
	}
}
