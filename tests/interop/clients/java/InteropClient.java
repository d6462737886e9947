// Apache Kafka's Java client: one feature per run; see tests/interop/run for the contract.

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.*;

public class InteropClient {
    static final Map<String, String> ENV = System.getenv();
    static final String TOPIC = ENV.get("TOPIC");
    static final int COUNT = Integer.parseInt(ENV.getOrDefault("COUNT", "0"));
    static String feature;

    static Properties base() {
        Properties p = new Properties();
        p.put("bootstrap.servers", ENV.get("BOOTSTRAP"));
        if (feature.equals("tls")) {
            p.put("security.protocol", "SSL");
            p.put("ssl.truststore.type", "PEM");
            p.put("ssl.truststore.location", ENV.get("TLS_DIR") + "/ca.pem");
            p.put("ssl.keystore.type", "PEM");
            p.put("ssl.keystore.location", ENV.get("TLS_DIR") + "/client.both.pem");
        }
        if (ENV.containsKey("SASL_MECHANISM")) {
            String mechanism = ENV.get("SASL_MECHANISM");
            String module = mechanism.equals("PLAIN") ? "plain.Plain" : "scram.Scram";
            p.put("security.protocol", "SASL_SSL");
            p.put("ssl.truststore.type", "PEM");
            p.put("ssl.truststore.location", ENV.get("TLS_DIR") + "/ca.pem");
            p.put("sasl.mechanism", mechanism);
            p.put("sasl.jaas.config", "org.apache.kafka.common.security." + module
                + "LoginModule required username=\"" + ENV.get("SASL_USER")
                + "\" password=\"" + ENV.get("SASL_PASSWORD") + "\";");
        }
        return p;
    }

    static void check(boolean holds, Object seen) {
        if (!holds) throw new AssertionError(String.valueOf(seen));
    }

    static void produce(List<String> values) throws Exception {
        Properties p = base();
        if (List.of("gzip", "snappy", "lz4", "zstd").contains(feature))
            p.put("compression.type", feature);
        p.put("enable.idempotence", feature.equals("idempotent"));
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (var producer = new KafkaProducer<>(p, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < values.size(); i++) {
                var record = new ProducerRecord<>(TOPIC, "k", values.get(i));
                if (feature.equals("headers"))
                    record.headers().add("h", ("x" + i).getBytes(StandardCharsets.UTF_8));
                sent.add(producer.send(record));
            }
            for (var each : sent) each.get(30, TimeUnit.SECONDS);
        }
    }

    static KafkaConsumer<String, String> consumer(boolean group) {
        Properties p = base();
        if (group) p.put("group.id", ENV.get("GROUP"));
        p.put("auto.offset.reset", "earliest");
        p.put("enable.auto.commit", "false");
        return new KafkaConsumer<>(p, new StringDeserializer(), new StringDeserializer());
    }

    static List<ConsumerRecord<String, String>> consume(
        KafkaConsumer<String, String> consumer, int wanted, int seconds
    ) {
        List<ConsumerRecord<String, String>> found = new ArrayList<>();
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        while (found.size() < wanted && System.nanoTime() < end)
            consumer.poll(Duration.ofMillis(300)).forEach(found::add);
        return found;
    }

    static List<String> texts(List<ConsumerRecord<String, String>> records) {
        return records.stream().map(ConsumerRecord::value).toList();
    }

    static void admin() throws Exception {
        try (Admin admin = Admin.create(base())) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 2, (short) 1))).all().get();
            var described = admin.describeTopics(List.of(TOPIC)).allTopicNames().get().get(TOPIC);
            check(described.partitions().size() == 2, described);
            var resource = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);
            var alter = new AlterConfigOp(
                new ConfigEntry("retention.ms", "123456"), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(resource, List.of(alter))).all().get();
            var configs = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            check(configs.get("retention.ms").value().equals("123456"), configs);
            check(admin.describeCluster().nodes().get().size() >= 1, "nodes");
            admin.deleteTopics(List.of(TOPIC)).all().get();
            check(!admin.listTopics().names().get().contains(TOPIC), "still listed");
        }
    }

    static void group(List<String> values) throws Exception {
        try (var first = consumer(true)) {
            first.subscribe(List.of(TOPIC));
            check(texts(consume(first, COUNT, 30)).equals(values), "first");
            first.commitSync();
        }
        produce(List.of("after"));
        try (var second = consumer(true)) {
            second.subscribe(List.of(TOPIC));
            var found = texts(consume(second, 2, 12));
            check(found.equals(List.of("after")), found);
        }
        try (Admin admin = Admin.create(base())) {
            var shown = admin.describeConsumerGroups(List.of(ENV.get("GROUP"))).all().get();
            check(shown.size() == 1, shown);
            admin.deleteConsumerGroups(List.of(ENV.get("GROUP"))).all().get();
        }
    }

    static KafkaProducer<String, String> transactional(String id) {
        Properties p = base();
        p.put("transactional.id", id);
        var producer = new KafkaProducer<>(p, new StringSerializer(), new StringSerializer());
        producer.initTransactions();
        return producer;
    }

    static List<String> readAs(String isolation, int wanted, int seconds) {
        Properties p = base();
        p.put("isolation.level", isolation);
        p.put("enable.auto.commit", "false");
        try (var reader = new KafkaConsumer<>(p, new StringDeserializer(), new StringDeserializer())) {
            reader.assign(List.of(new TopicPartition(TOPIC, 0)));
            reader.seekToBeginning(reader.assignment());
            return texts(consume(reader, wanted, seconds));
        }
    }

    // Commit and abort in turn, with offsets; then a successor fences the first producer.
    static void transactions(List<String> values) throws Exception {
        var position = new TopicPartition(TOPIC, 0);
        int half = COUNT / 2;
        try (var zombie = transactional(TOPIC)) {
            zombie.beginTransaction();
            for (String value : values.subList(0, half))
                zombie.send(new ProducerRecord<>(TOPIC, "k", value));
            zombie.sendOffsetsToTransaction(
                Map.of(position, new OffsetAndMetadata(7, "seven")),
                new ConsumerGroupMetadata(ENV.get("GROUP")));
            zombie.commitTransaction();
            zombie.beginTransaction();
            zombie.send(new ProducerRecord<>(TOPIC, "k", "aborted")).get(30, TimeUnit.SECONDS);
            zombie.sendOffsetsToTransaction(
                Map.of(position, new OffsetAndMetadata(9)),
                new ConsumerGroupMetadata(ENV.get("GROUP")));
            zombie.abortTransaction();
            zombie.beginTransaction();
            zombie.send(new ProducerRecord<>(TOPIC, "k", "of a zombie")).get(30, TimeUnit.SECONDS);
            check(readAs("read_committed", half + 1, 3).equals(values.subList(0, half)), "open");
            try (var successor = transactional(TOPIC)) {
                try {
                    zombie.commitTransaction();
                    check(false, "the zombie has committed");
                } catch (org.apache.kafka.common.errors.ProducerFencedException
                         | org.apache.kafka.common.errors.InvalidProducerEpochException fenced) {
                }
                for (String value : values.subList(half, COUNT)) {
                    successor.beginTransaction();
                    successor.send(new ProducerRecord<>(TOPIC, "k", value));
                    successor.commitTransaction();
                }
            }
        }
        check(readAs("read_committed", COUNT, 30).equals(values), "committed");
        check(readAs("read_uncommitted", COUNT + 2, 30).size() == COUNT + 2, "uncommitted");
        try (Admin admin = Admin.create(base())) {
            var offsets = admin.listConsumerGroupOffsets(ENV.get("GROUP"))
                .partitionsToOffsetAndMetadata().get();
            check(offsets.get(position).offset() == 7, offsets);
            check(offsets.get(position).metadata().equals("seven"), offsets);
            var listed = admin.listTransactions().all().get();
            check(listed.stream().anyMatch(each -> each.transactionalId().equals(TOPIC)), listed);
            var described = admin.describeTransactions(List.of(TOPIC)).all().get().get(TOPIC);
            check(described.topicPartitions().isEmpty(), described);
            var producers = admin.describeProducers(List.of(position)).all().get().get(position);
            check(!producers.activeProducers().isEmpty(), producers);
        }
    }

    public static void main(String[] args) throws Exception {
        feature = args[0];
        if (feature.equals("version")) {
            System.out.println(org.apache.kafka.common.utils.AppInfoParser.getVersion());
            return;
        }
        if (feature.equals("admin")) {
            admin();
            return;
        }
        if (feature.equals("group-848")) {
            // Only where the client has the new protocol, in a class of its own.
            Class.forName("ConsumerProtocol").getMethod("run").invoke(null);
            return;
        }
        List<String> values = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) values.add(("value " + i + " ").repeat(10));
        if (feature.equals("transactions")) {
            transactions(values);
            return;
        }
        produce(values);
        if (feature.equals("group")) {
            group(values);
            return;
        }
        try (var consumer = consumer(false)) {
            consumer.assign(List.of(new TopicPartition(TOPIC, 0)));
            consumer.seekToBeginning(consumer.assignment());
            var found = consume(consumer, COUNT, 30);
            check(texts(found).equals(values), found.size());
            if (feature.equals("headers")) {
                for (int i = 0; i < COUNT; i++) {
                    var value = new String(
                        found.get(i).headers().lastHeader("h").value(), StandardCharsets.UTF_8);
                    check(value.equals("x" + i), value);
                }
            }
        }
    }
}
