"""A member of a consumer group with librdkafka that commits what it got, bunch by bunch: BOOTSTRAP
TOPIC GROUP HISTORY NAME. Says `error WORDS` and at the end `read N`. librdkafka does not tell the
generation, so assignments are written without a group and only positions are checked."""
import sys
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition
from history import History, name_of, now, place, say, told_to_end

BUNCH = 300
INTERVAL = 0.1


class Member:
    def __init__(self, bootstrap, topic, group, path, name):
        self.history, self.group, self.count = History(path, name), group, 0
        self.bunch, self.positions = [], {}
        self.consumer = Consumer({
            "bootstrap.servers": bootstrap, "client.id": name, "group.id": group,
            "enable.auto.commit": False, "auto.offset.reset": "earliest", "check.crcs": True,
            "session.timeout.ms": 10000, "heartbeat.interval.ms": 500, "fetch.wait.max.ms": 200,
            "socket.timeout.ms": 3000, "reconnect.backoff.ms": 50, "reconnect.backoff.max.ms": 500,
            "socket.connection.setup.timeout.ms": 1500, "topic.metadata.refresh.fast.interval.ms": 50,
            "topic.metadata.refresh.interval.ms": 5000, "coordinator.query.interval.ms": 1000,
        })  # fmt: skip
        self.consumer.subscribe([topic], on_assign=self.assigned, on_revoke=self.given_up,
                                on_lost=self.given_up)  # fmt: skip

    def assigned(self, consumer, partitions):
        self.write_poll()
        self.positions = {}
        asked = now()
        try:
            told = consumer.committed(partitions, timeout=10)
            offsets = [[f"{one.topic}-{one.partition}", one.offset] for one in told
                       if one.error is None and one.offset >= 0]  # fmt: skip
            if offsets:
                self.history.offsets(now(), "committed", self.group, offsets, asked)
        except KafkaException:
            pass  # the coordinator moves; librdkafka asks again by itself before it fetches
        self.history.assign(now(), [f"{one.topic}-{one.partition}" for one in partitions])

    def given_up(self, _, __):
        self.write_poll()
        self.positions = {}

    def write_poll(self):
        if self.bunch:
            self.history.poll(now(), self.bunch)
            self.count += len(self.bunch)
            self.bunch = []

    def take(self, message):
        if message.error():
            return
        name = name_of(message.value())
        if name is None:
            say("error", f"{place(message)}@{message.offset()}: not the bytes that were written")
            name = f"corrupt {place(message)} {message.offset()}"
        self.bunch.append((place(message), message.offset(), name))
        self.positions[message.topic(), message.partition()] = message.offset() + 1

    def commit(self):
        self.write_poll()
        if not self.positions:
            return
        offsets = [TopicPartition(topic, part, at) for (topic, part), at in self.positions.items()]
        self.positions = {}
        try:
            done = self.consumer.commit(offsets=offsets, asynchronous=False)
        except KafkaException:
            return  # a rebalance or a moving coordinator: nothing is promised
        good = [[f"{one.topic}-{one.partition}", one.offset] for one in done if one.error is None]
        if good:
            self.history.offsets(now(), "commit", self.group, good)

    def run(self, ending):
        due = time.monotonic() + INTERVAL
        while not ending.is_set():
            message = self.consumer.poll(0.05)
            if message is not None:
                self.take(message)
            if len(self.bunch) >= BUNCH or time.monotonic() > due:
                self.commit()
                due = time.monotonic() + INTERVAL
        self.commit()
        self.history.close()
        say("read", self.count)
        self.consumer.close()


if __name__ == "__main__":
    Member(*sys.argv[1:]).run(told_to_end())
