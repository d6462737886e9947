package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/IBM/sarama"
	"github.com/xdg-go/scram"
)

type ibm struct{}

// scramConversation is the interface that the library wants, over xdg-go's client.
type scramConversation struct {
	hash scram.HashGeneratorFcn
	*scram.ClientConversation
}

func (s *scramConversation) Begin(user, password, authzID string) error {
	client, err := s.hash.NewClient(user, password, authzID)
	if err == nil {
		s.ClientConversation = client.NewConversation()
	}
	return err
}

func (ibm) config() *sarama.Config {
	c := sarama.NewConfig()
	c.Producer.Return.Successes = true
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	codecs := map[string]sarama.CompressionCodec{
		"gzip": sarama.CompressionGZIP, "snappy": sarama.CompressionSnappy,
		"lz4": sarama.CompressionLZ4, "zstd": sarama.CompressionZSTD,
	}
	c.Producer.Compression = codecs[feature]
	if feature == "idempotent" || feature == "transactions" {
		c.Producer.Idempotent, c.Net.MaxOpenRequests = true, 1
	}
	if feature == "tls" {
		c.Net.TLS.Enable, c.Net.TLS.Config = true, tlsConfig()
	}
	if mechanism := saslMechanism(); mechanism != "" {
		c.Net.TLS.Enable, c.Net.TLS.Config = true, trustConfig()
		c.Net.SASL.Enable, c.Net.SASL.Mechanism = true, sarama.SASLMechanism(mechanism)
		c.Net.SASL.User, c.Net.SASL.Password = os.Getenv("SASL_USER"), os.Getenv("SASL_PASSWORD")
		hash := scram.SHA256
		if mechanism == "SCRAM-SHA-512" {
			hash = scram.SHA512
		}
		c.Net.SASL.SCRAMClientGeneratorFunc = func() sarama.SCRAMClient {
			return &scramConversation{hash: hash}
		}
	}
	return c
}

func saramaMessages(values []string) []*sarama.ProducerMessage {
	var messages []*sarama.ProducerMessage
	for i, value := range values {
		m := &sarama.ProducerMessage{Topic: topic, Key: sarama.StringEncoder("k"), Value: sarama.StringEncoder(value)}
		if feature == "headers" {
			m.Headers = []sarama.RecordHeader{{Key: []byte("h"), Value: []byte(fmt.Sprint("x", i))}}
		}
		messages = append(messages, m)
	}
	return messages
}

func (s ibm) produce(ctx context.Context, values []string) error {
	producer, err := sarama.NewSyncProducer([]string{broker}, s.config())
	if err != nil {
		return err
	}
	defer producer.Close()
	return producer.SendMessages(saramaMessages(values))
}

func (s ibm) consume(ctx context.Context, wanted int) ([]string, error) {
	return s.consumeAs(ctx, sarama.ReadUncommitted, wanted)
}

func (s ibm) consumeAs(ctx context.Context, isolation sarama.IsolationLevel, wanted int) ([]string, error) {
	config := s.config()
	config.Consumer.IsolationLevel = isolation
	consumer, err := sarama.NewConsumer([]string{broker}, config)
	if err != nil {
		return nil, err
	}
	defer consumer.Close()
	partition, err := consumer.ConsumePartition(topic, 0, sarama.OffsetOldest)
	if err != nil {
		return nil, err
	}
	defer partition.Close()
	var found []string
	for len(found) < wanted {
		select {
		case m := <-partition.Messages():
			want := fmt.Sprint("x", len(found))
			if feature == "headers" && (len(m.Headers) != 1 || string(m.Headers[0].Value) != want) {
				return nil, fmt.Errorf("headers of %d", len(found))
			}
			found = append(found, string(m.Value))
		case <-ctx.Done():
			return found, nil
		}
	}
	return found, nil
}

// member collects what one session of a group is given, and commits it.
type member struct {
	found  []string
	wanted int
	done   context.CancelFunc
}

func (*member) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (*member) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, open := <-claim.Messages():
			if !open {
				return nil
			}
			m.found = append(m.found, string(message.Value))
			session.MarkMessage(message, "")
			if len(m.found) == m.wanted {
				session.Commit()
				m.done()
			}
		case <-session.Context().Done():
			return nil
		}
	}
}

func (s ibm) groupConsume(ctx context.Context, wanted int) ([]string, error) {
	group, err := sarama.NewConsumerGroup([]string{broker}, groupID, s.config())
	if err != nil {
		return nil, err
	}
	defer group.Close()
	until, done := context.WithCancel(ctx)
	defer done()
	m := &member{wanted: wanted, done: done}
	for until.Err() == nil {
		if err := group.Consume(until, []string{topic}, m); err != nil && until.Err() == nil {
			return nil, err
		}
	}
	return m.found, nil
}

func (s ibm) admin(ctx context.Context) error {
	admin, err := sarama.NewClusterAdmin([]string{broker}, s.config())
	if err != nil {
		return err
	}
	defer admin.Close()
	if err := admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 2, ReplicationFactor: 1}, false); err != nil {
		return err
	}
	described, err := admin.DescribeTopics([]string{topic})
	if err != nil || len(described) != 1 || len(described[0].Partitions) != 2 {
		return fmt.Errorf("describe: %v %v", err, described)
	}
	entries, err := admin.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: topic})
	if err != nil || len(entries) == 0 {
		return fmt.Errorf("configs: %v %v", err, entries)
	}
	if err := admin.DeleteTopic(topic); err != nil {
		return err
	}
	topics, err := admin.ListTopics()
	if _, there := topics[topic]; err != nil || there {
		return fmt.Errorf("still listed: %v", err)
	}
	return nil
}

func (s ibm) transactional() (sarama.SyncProducer, error) {
	config := s.config()
	config.Producer.Transaction.ID = topic
	return sarama.NewSyncProducer([]string{broker}, config)
}

func saramaOffset(offset int64) map[string][]*sarama.PartitionOffsetMetadata {
	return map[string][]*sarama.PartitionOffsetMetadata{topic: {{Partition: 0, Offset: offset}}}
}

// Commit and abort in turn, with offsets; then a successor fences the first producer.
func (s ibm) transactions(ctx context.Context, values []string) error {
	half := len(values) / 2
	zombie, err := s.transactional()
	if err != nil {
		return err
	}
	err = errors.Join(zombie.BeginTxn(), zombie.SendMessages(saramaMessages(values[:half])),
		zombie.AddOffsetsToTxn(saramaOffset(7), groupID), zombie.CommitTxn(),
		zombie.BeginTxn(), zombie.SendMessages(saramaMessages([]string{"aborted"})),
		zombie.AddOffsetsToTxn(saramaOffset(9), groupID), zombie.AbortTxn(),
		zombie.BeginTxn(), zombie.SendMessages(saramaMessages([]string{"of a zombie"})))
	if err != nil {
		return fmt.Errorf("zombie: %w", err)
	}
	read := func(isolation sarama.IsolationLevel) reading {
		return func(ctx context.Context, wanted int) ([]string, error) { return s.consumeAs(ctx, isolation, wanted) }
	}
	if err := hidesOpen(ctx, read(sarama.ReadCommitted), values[:half]); err != nil {
		return err
	}
	successor, err := s.transactional()
	if err != nil {
		return fmt.Errorf("successor: %w", err)
	}
	defer successor.Close()
	if err := zombie.CommitTxn(); err == nil {
		return errors.New("the zombie has committed")
	}
	for _, value := range values[half:] {
		err := errors.Join(successor.BeginTxn(), successor.SendMessages(saramaMessages([]string{value})), successor.CommitTxn())
		if err != nil {
			return fmt.Errorf("successor: %w", err)
		}
	}
	if err := showsAll(ctx, read(sarama.ReadCommitted), read(sarama.ReadUncommitted), values); err != nil {
		return err
	}
	admin, err := sarama.NewClusterAdmin([]string{broker}, s.config())
	if err != nil {
		return err
	}
	defer admin.Close()
	offsets, err := admin.ListConsumerGroupOffsets(groupID, map[string][]int32{topic: {0}})
	if err != nil || offsets.GetBlock(topic, 0).Offset != 7 {
		return fmt.Errorf("offsets: %v %v", err, offsets)
	}
	return nil
}
