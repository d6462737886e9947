package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

type segmentio struct{}

func segmentioSASL() sasl.Mechanism {
	user, password := os.Getenv("SASL_USER"), os.Getenv("SASL_PASSWORD")
	switch saslMechanism() {
	case "":
		return nil
	case "PLAIN":
		return plain.Mechanism{Username: user, Password: password}
	case "SCRAM-SHA-256":
		mechanism, _ := scram.Mechanism(scram.SHA256, user, password)
		return mechanism
	}
	mechanism, _ := scram.Mechanism(scram.SHA512, user, password)
	return mechanism
}

func (segmentio) dialer() *kafka.Dialer {
	d := &kafka.Dialer{Timeout: 10 * time.Second}
	if feature == "tls" {
		d.TLS = tlsConfig()
	}
	if mechanism := segmentioSASL(); mechanism != nil {
		d.TLS, d.SASLMechanism = trustConfig(), mechanism
	}
	return d
}

func (segmentio) produce(ctx context.Context, values []string) error {
	if feature == "idempotent" {
		unsupported("kafka-go has no idempotent producer")
	}
	transport := &kafka.Transport{}
	if feature == "tls" {
		transport.TLS = tlsConfig()
	}
	if mechanism := segmentioSASL(); mechanism != nil {
		transport.TLS, transport.SASL = trustConfig(), mechanism
	}
	codecs := map[string]kafka.Compression{
		"gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd,
	}
	w := &kafka.Writer{
		Addr: kafka.TCP(broker), Topic: topic, RequiredAcks: kafka.RequireAll,
		Compression: codecs[feature], Transport: transport, AllowAutoTopicCreation: true,
		BatchTimeout: 10 * time.Millisecond,
	}
	defer w.Close()
	var messages []kafka.Message
	for i, value := range values {
		m := kafka.Message{Key: []byte("k"), Value: []byte(value)}
		if feature == "headers" {
			m.Headers = []kafka.Header{{Key: "h", Value: []byte(fmt.Sprint("x", i))}}
		}
		messages = append(messages, m)
	}
	// The library gives up at once while an automatic topic is being made.
	for {
		err := w.WriteMessages(ctx, messages...)
		if err == nil || !errors.Is(err, kafka.UnknownTopicOrPartition) || ctx.Err() != nil {
			return err
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func read(ctx context.Context, r *kafka.Reader, wanted int) ([]string, []kafka.Message, error) {
	var found []string
	var messages []kafka.Message
	for len(found) < wanted {
		m, err := r.FetchMessage(ctx)
		if err != nil {
			if ctx.Err() != nil {
				break
			}
			return nil, nil, err
		}
		want := fmt.Sprint("x", len(found))
		if feature == "headers" && (len(m.Headers) != 1 || string(m.Headers[0].Value) != want) {
			return nil, nil, fmt.Errorf("headers of %d", len(found))
		}
		found = append(found, string(m.Value))
		messages = append(messages, m)
	}
	return found, messages, nil
}

func (s segmentio) consume(ctx context.Context, wanted int) ([]string, error) {
	r := kafka.NewReader(kafka.ReaderConfig{
		Brokers: []string{broker}, Topic: topic, Partition: 0, Dialer: s.dialer(),
		MaxWait: 500 * time.Millisecond,
	})
	defer r.Close()
	found, _, err := read(ctx, r, wanted)
	return found, err
}

func (s segmentio) groupConsume(ctx context.Context, wanted int) ([]string, error) {
	r := kafka.NewReader(kafka.ReaderConfig{
		Brokers: []string{broker}, GroupID: groupID, Topic: topic, Dialer: s.dialer(),
		MaxWait: 500 * time.Millisecond, StartOffset: kafka.FirstOffset,
	})
	defer r.Close()
	found, messages, err := read(ctx, r, wanted)
	if err != nil {
		return nil, err
	}
	return found, r.CommitMessages(context.Background(), messages...)
}

func (s segmentio) admin(ctx context.Context) error {
	conn, err := s.dialer().DialContext(ctx, "tcp", broker)
	if err != nil {
		return err
	}
	defer conn.Close()
	config := kafka.TopicConfig{Topic: topic, NumPartitions: 2, ReplicationFactor: 1}
	if err := conn.CreateTopics(config); err != nil {
		return err
	}
	partitions, err := conn.ReadPartitions(topic)
	if err != nil || len(partitions) != 2 {
		return fmt.Errorf("list: %v %v", err, partitions)
	}
	return conn.DeleteTopics(topic)
}

func (segmentio) transactions(context.Context, []string) error {
	unsupported("kafka-go has no transactional producer")
	return nil
}
