// The consumer protocol (KIP-848) of Kafka's Java client 4: see the cell group-848 of
// tests/interop/run, which calls it through InteropClient.

import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.*;

public class ConsumerProtocol {
    static final Map<String, String> ENV = System.getenv();
    static final String TOPIC = ENV.get("TOPIC");
    static final int COUNT = Integer.parseInt(ENV.get("COUNT"));

    static Properties base() {
        return InteropClient.base();
    }

    static void check(boolean holds, Object seen) {
        InteropClient.check(holds, seen);
    }

    // Consumers live in threads of their own; what each holds, and
    // what all have read, is shared.
    static class Member extends Thread {
        static final Set<String> READ = ConcurrentHashMap.newKeySet();
        final Set<TopicPartition> holds = ConcurrentHashMap.newKeySet();
        final CompletableFuture<Void> stopped = new CompletableFuture<>();
        final Properties p = base();
        volatile boolean leave;

        Member(String name, String instance) {
            setDaemon(true);
            p.put("group.id", ENV.get("GROUP"));
            p.put("group.protocol", "consumer");
            p.put("client.id", name);
            if (instance != null) p.put("group.instance.id", instance);
            p.put("auto.offset.reset", "earliest");
            p.put("enable.auto.commit", "false");
        }
        void subscribe(KafkaConsumer<String, String> consumer, ConsumerRebalanceListener listener) {
            consumer.subscribe(List.of(TOPIC), listener);
        }
        @Override
        public void run() {
            var listener = new ConsumerRebalanceListener() {
                public void onPartitionsAssigned(Collection<TopicPartition> all) { holds.addAll(all); }
                public void onPartitionsRevoked(Collection<TopicPartition> all) { holds.removeAll(all); }
            };
            try (var consumer =
                     new KafkaConsumer<>(p, new StringDeserializer(), new StringDeserializer())) {
                subscribe(consumer, listener);
                while (!leave) {
                    consumer.poll(Duration.ofMillis(100)).forEach(record -> READ.add(record.value()));
                    consumer.commitSync();
                }
            } catch (Throwable thrown) {
                stopped.completeExceptionally(thrown);
            }
            stopped.complete(null);
        }
        void end() throws Exception {
            leave = true;
            stopped.get(30, TimeUnit.SECONDS);
        }
    }

    static void until(String what, Callable<Boolean> holds) throws Exception {
        long end = System.nanoTime() + 60_000_000_000L;
        while (!holds.call()) {
            check(System.nanoTime() < end, "never: " + what);
            Thread.sleep(50);
        }
    }

    // Two share four partitions, one of them leaves, the other takes over; then the tools' view.
    public static void run() throws Exception {
        String group = ENV.get("GROUP");
        try (Admin admin = Admin.create(base())) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 4, (short) 1))).all().get();
            Properties p = base();
            try (var producer =
                     new KafkaProducer<>(p, new StringSerializer(), new StringSerializer())) {
                for (int i = 0; i < COUNT; i++)
                    producer.send(new ProducerRecord<>(TOPIC, i % 4, "k", "value " + i));
            }
            var first = new Member("first", null);
            first.start();
            until("the first has all", () -> first.holds.size() == 4);
            until("all is read", () -> Member.READ.size() == COUNT);
            var second = new Member("second", "instance-2");
            second.start();
            until("they share", () -> first.holds.size() == 2 && second.holds.size() == 2);
            check(Collections.disjoint(first.holds, second.holds), first.holds);
            until("stable", () -> admin.describeConsumerGroups(List.of(group)).all().get()
                .get(group).groupState() == org.apache.kafka.common.GroupState.STABLE);
            var shown = admin.describeConsumerGroups(List.of(group)).all().get().get(group);
            check(shown.type() == org.apache.kafka.common.GroupType.CONSUMER, shown);
            check(shown.members().size() == 2, shown);
            check(shown.partitionAssignor().equals("uniform"), shown);
            var listed = admin.listGroups(ListGroupsOptions.forConsumerGroups()).all().get();
            check(listed.stream().anyMatch(each -> each.groupId().equals(group)), listed);
            first.end();
            // The static one keeps its place while it is away.
            second.end();
            var again = new Member("again", "instance-2");
            again.start();
            until("the rest takes over", () -> again.holds.size() == 4);
            admin.createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(6))).all().get();
            until("new partitions", () -> again.holds.size() == 6);
            var pattern = new Member("pattern", null) {
                @Override
                void subscribe(
                    KafkaConsumer<String, String> consumer, ConsumerRebalanceListener listener
                ) {
                    String text = TOPIC.substring(0, TOPIC.length() - 1) + ".";
                    consumer.subscribe(new SubscriptionPattern(text), listener);
                }
            };
            pattern.start();
            until("patterns", () -> again.holds.size() == 3 && pattern.holds.size() == 3);
            pattern.end();
            again.end();
            var offsets =
                admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
            long sum = offsets.values().stream().mapToLong(OffsetAndMetadata::offset).sum();
            check(sum == COUNT, offsets);
            admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions(
                List.of(new MemberToRemove("instance-2")))).all().get();
            admin.deleteConsumerGroups(List.of(group)).all().get();
        }
    }
}
