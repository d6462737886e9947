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
	if feature != "idempotent" {
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
	start := map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}
	cl, err := kgo.NewClient(f.options(kgo.ConsumePartitions(start))...)
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
