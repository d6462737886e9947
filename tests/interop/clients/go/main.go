// franz-go, segmentio/kafka-go and sarama: `interop CLIENT FEATURE`, one feature per run; see
// tests/interop/run for the contract.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"
)

// client is what every library must do. Exit code 77: the library has no such thing.
type client interface {
	produce(ctx context.Context, values []string) error
	consume(ctx context.Context, wanted int) ([]string, error)
	// groupConsume reads with the group until `wanted` or the context ends, and commits.
	groupConsume(ctx context.Context, wanted int) ([]string, error)
	admin(ctx context.Context) error
	// transactions commits and aborts; what readers see goes through hidesOpen and showsAll.
	transactions(ctx context.Context, values []string) error
}

// reading is a consume with one isolation level.
type reading func(ctx context.Context, wanted int) ([]string, error)

var (
	feature = os.Args[2]
	topic   = os.Getenv("TOPIC")
	broker  = os.Getenv("BOOTSTRAP")
	groupID = os.Getenv("GROUP")
	count   = 0
)

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}

func unsupported(why string) {
	fmt.Println(why)
	os.Exit(77)
}

func tlsConfig() *tls.Config {
	dir := os.Getenv("TLS_DIR")
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(must(os.ReadFile(dir + "/ca.pem")))
	pair := must(tls.LoadX509KeyPair(dir+"/client.pem", dir+"/client.key"))
	return &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}}
}

// Without a certificate of our own: SASL says who we are.
func trustConfig() *tls.Config {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(must(os.ReadFile(os.Getenv("TLS_DIR") + "/ca.pem")))
	return &tls.Config{RootCAs: pool}
}

func saslMechanism() string { return os.Getenv("SASL_MECHANISM") }

func same(found, wanted []string) error {
	if strings.Join(found, "|") != strings.Join(wanted, "|") {
		return fmt.Errorf("%d values instead of %d, or others", len(found), len(wanted))
	}
	return nil
}

func group(ctx context.Context, c client, values []string) error {
	if err := c.produce(ctx, values); err != nil {
		return err
	}
	found, err := c.groupConsume(ctx, count)
	if err == nil {
		err = same(found, values)
	}
	if err != nil {
		return fmt.Errorf("first: %w", err)
	}
	if err := c.produce(ctx, []string{"after"}); err != nil {
		return err
	}
	short, cancel := context.WithTimeout(ctx, 12*time.Second)
	defer cancel()
	found, err = c.groupConsume(short, 2)
	if err == nil {
		err = same(found, []string{"after"})
	}
	return err
}

// hidesOpen: neither what was aborted nor what is still open is seen.
func hidesOpen(ctx context.Context, committed reading, values []string) error {
	short, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	found, err := committed(short, len(values)+1)
	if err == nil {
		err = same(found, values)
	}
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	return nil
}

// showsAll: all that was committed is seen by one reader, and two more by the other.
func showsAll(ctx context.Context, committed, uncommitted reading, values []string) error {
	found, err := committed(ctx, len(values))
	if err == nil {
		err = same(found, values)
	}
	if err != nil {
		return fmt.Errorf("committed: %w", err)
	}
	found, err = uncommitted(ctx, len(values)+2)
	if err != nil || len(found) != len(values)+2 {
		return fmt.Errorf("uncommitted: %d, %v", len(found), err)
	}
	return nil
}

var modules = map[string]string{
	"franz": "github.com/twmb/franz-go", "segmentio": "github.com/segmentio/kafka-go",
	"sarama": "github.com/IBM/sarama",
}

func printVersion() {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == modules[os.Args[1]] {
			fmt.Println(strings.TrimPrefix(module.Version, "v"))
		}
	}
}

func run(ctx context.Context, c client) error {
	var values []string
	for i := 0; i < count; i++ {
		values = append(values, strings.Repeat(fmt.Sprintf("value %d ", i), 10))
	}
	switch feature {
	case "admin":
		return c.admin(ctx)
	case "group":
		return group(ctx, c, values)
	case "transactions":
		return c.transactions(ctx, values)
	}
	if err := c.produce(ctx, values); err != nil {
		return err
	}
	found, err := c.consume(ctx, count)
	if err != nil {
		return err
	}
	return same(found, values)
}

func main() {
	if feature == "version" {
		printVersion()
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	count = must(strconv.Atoi(os.Getenv("COUNT")))
	clients := map[string]client{"franz": franz{}, "segmentio": segmentio{}, "sarama": ibm{}}
	if err := run(ctx, clients[os.Args[1]]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
