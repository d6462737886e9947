package main

import (
	"context"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

type franz struct{}

func (franz) options(more ...kgo.Opt) []kgo.Opt {
	opts := append([]kgo.Opt{kgo.SeedBrokers(broker), kgo.AllowAutoTopicCreation()}, more...)
	if feature == "tls" {
		opts = append(opts, kgo.DialTLSConfig(tlsConfig()))
	}
	if mechanism := saslMechanism(); mechanism != "" {
		opts = append(opts, kgo.DialTLSConfig(trustConfig()))
		auth := scram.Auth{User: os.Getenv("SASL_USER"), Pass: os.Getenv("SASL_PASSWORD")}
		switch mechanism {
		case "PLAIN":
			opts = append(opts, kgo.SASL(plain.Auth{User: auth.User, Pass: auth.Pass}.AsMechanism()))
		case "SCRAM-SHA-256":
			opts = append(opts, kgo.SASL(auth.AsSha256Mechanism()))
		default:
			opts = append(opts, kgo.SASL(auth.AsSha512Mechanism()))
		}
	}
	if feature != "idempotent" && feature != "transactions" {
		opts = append(opts, kgo.DisableIdempotentWrite())
	}
	codecs := map[string]kgo.CompressionCodec{
		"gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	codec, compressed := codecs[feature]
	if !compressed {
		codec = kgo.NoCompression()
	}
	return append(opts, kgo.ProducerBatchCompression(codec))
}

func (f franz) produce(ctx context.Context, values []string) error {
	cl, err := kgo.NewClient(f.options()...)
	if err != nil {
		return err
	}
	defer cl.Close()
	var records []*kgo.Record
	for i, value := range values {
		record := &kgo.Record{Topic: topic, Key: []byte("k"), Value: []byte(value)}
		if feature == "headers" {
			record.Headers = []kgo.RecordHeader{{Key: "h", Value: []byte(fmt.Sprint("x", i))}}
		}
		records = append(records, record)
	}
	return cl.ProduceSync(ctx, records...).FirstErr()
}

func poll(ctx context.Context, cl *kgo.Client, wanted int) ([]string, error) {
	var found []string
	for len(found) < wanted && ctx.Err() == nil {
		fetches := cl.PollFetches(ctx)
		for _, e := range fetches.Errors() {
			if ctx.Err() == nil {
				return nil, e.Err
			}
		}
		var wrong error
		fetches.EachRecord(func(r *kgo.Record) {
			want := fmt.Sprint("x", len(found))
			if feature == "headers" && (len(r.Headers) != 1 || string(r.Headers[0].Value) != want) {
				wrong = fmt.Errorf("headers of %d", len(found))
			}
			found = append(found, string(r.Value))
		})
		if wrong != nil {
			return nil, wrong
		}
	}
	return found, nil
}

func (f franz) consume(ctx context.Context, wanted int) ([]string, error) {
	return f.consumeAs(ctx, kgo.ReadUncommitted(), wanted)
}

func (f franz) consumeAs(ctx context.Context, isolation kgo.IsolationLevel, wanted int) ([]string, error) {
	start := map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}
	cl, err := kgo.NewClient(f.options(kgo.ConsumePartitions(start), kgo.FetchIsolationLevel(isolation))...)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	return poll(ctx, cl, wanted)
}

func (f franz) groupConsume(ctx context.Context, wanted int) ([]string, error) {
	cl, err := kgo.NewClient(f.options(
		kgo.ConsumerGroup(groupID), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	found, err := poll(ctx, cl, wanted)
	if err != nil {
		return nil, err
	}
	return found, cl.CommitUncommittedOffsets(context.Background())
}

func (f franz) admin(ctx context.Context) error {
	cl, err := kgo.NewClient(f.options()...)
	if err != nil {
		return err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	created, err := adm.CreateTopic(ctx, 2, 1, nil, topic)
	if err != nil || created.Err != nil {
		return fmt.Errorf("create: %v %v", err, created.Err)
	}
	topics, err := adm.ListTopics(ctx, topic)
	if err != nil || len(topics[topic].Partitions) != 2 {
		return fmt.Errorf("list: %v %v", err, topics)
	}
	configs, err := adm.DescribeTopicConfigs(ctx, topic)
	if err != nil || len(configs) != 1 || configs[0].Err != nil || len(configs[0].Configs) == 0 {
		return fmt.Errorf("configs: %v %v", err, configs)
	}
	if _, err := adm.DeleteTopics(ctx, topic); err != nil {
		return err
	}
	topics, err = adm.ListTopics(ctx)
	if err != nil || topics.Has(topic) {
		return fmt.Errorf("still listed: %v", err)
	}
	return nil
}

func franzRecords(to string, values []string) []*kgo.Record {
	var records []*kgo.Record
	for _, value := range values {
		records = append(records, &kgo.Record{Topic: to, Key: []byte("k"), Value: []byte(value)})
	}
	return records
}

// zombie takes half of the input over in a transaction with its offsets, aborts one, and leaves one open.
func (f franz) zombie(ctx context.Context, input string, half int) (*kgo.GroupTransactSession, error) {
	session, err := kgo.NewGroupTransactSession(f.options(
		kgo.TransactionalID(topic), kgo.ConsumerGroup(groupID), kgo.ConsumeTopics(input),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		return nil, err
	}
	if err := session.Begin(); err != nil {
		return nil, err
	}
	for taken := 0; taken < half && ctx.Err() == nil; {
		fetches := session.PollRecords(ctx, half-taken)
		var copies []*kgo.Record
		fetches.EachRecord(func(r *kgo.Record) {
			copies = append(copies, &kgo.Record{Topic: topic, Key: r.Key, Value: r.Value})
		})
		taken += len(copies)
		if err := session.ProduceSync(ctx, copies...).FirstErr(); err != nil {
			return nil, err
		}
	}
	committed, err := session.End(ctx, kgo.TryCommit)
	if err != nil || !committed {
		return nil, fmt.Errorf("commit: %v %v", committed, err)
	}
	for _, value := range []string{"aborted", "of a zombie"} {
		err := session.Begin()
		if err == nil {
			err = session.ProduceSync(ctx, franzRecords(topic, []string{value})...).FirstErr()
		}
		if err == nil && value == "aborted" {
			_, err = session.End(ctx, kgo.TryAbort)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", value, err)
		}
	}
	return session, nil
}

func (f franz) succeed(ctx context.Context, values []string, fenced func() error) error {
	cl, err := kgo.NewClient(f.options(kgo.TransactionalID(topic))...)
	if err != nil {
		return err
	}
	defer cl.Close()
	for i, value := range values {
		err := cl.BeginTransaction()
		if err == nil {
			err = cl.ProduceSync(ctx, franzRecords(topic, []string{value})...).FirstErr()
		}
		// The first of its records has made it the one with that transactional id.
		if err == nil && i == 0 {
			err = fenced()
		}
		if err == nil {
			err = cl.EndTransaction(ctx, kgo.TryCommit)
		}
		if err != nil {
			return fmt.Errorf("successor: %w", err)
		}
	}
	return nil
}

// Commit with offsets and abort; then a successor fences the first producer.
func (f franz) transactions(ctx context.Context, values []string) error {
	half, input := len(values)/2, topic+"-input"
	cl, err := kgo.NewClient(f.options()...)
	if err != nil {
		return err
	}
	defer cl.Close()
	if err := cl.ProduceSync(ctx, franzRecords(input, values)...).FirstErr(); err != nil {
		return err
	}
	zombie, err := f.zombie(ctx, input, half)
	if err != nil {
		return fmt.Errorf("zombie: %w", err)
	}
	defer zombie.Close()
	read := func(isolation kgo.IsolationLevel) reading {
		return func(ctx context.Context, wanted int) ([]string, error) { return f.consumeAs(ctx, isolation, wanted) }
	}
	if err := hidesOpen(ctx, read(kgo.ReadCommitted()), values[:half]); err != nil {
		return err
	}
	fenced := func() error {
		if committed, err := zombie.End(ctx, kgo.TryCommit); committed && err == nil {
			return fmt.Errorf("the zombie has committed")
		}
		return nil
	}
	if err := f.succeed(ctx, values[half:], fenced); err != nil {
		return err
	}
	if err := showsAll(ctx, read(kgo.ReadCommitted()), read(kgo.ReadUncommitted()), values); err != nil {
		return err
	}
	offsets, err := kadm.NewClient(cl).FetchOffsets(ctx, groupID)
	if at, there := offsets.Lookup(input, 0); err != nil || !there || at.At != int64(half) {
		return fmt.Errorf("offsets: %v %v", err, offsets)
	}
	return nil
}
