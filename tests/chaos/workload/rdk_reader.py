"""A reader with librdkafka that assigns itself all partitions: BOOTSTRAP TOPIC PARTITIONS HISTORY
NAME [END,END,...]. With ends it stops when every partition is read up to its end. Says `lag MS`, the
age of the oldest record of each bunch, `error WORDS`, and at the end `read N`."""
import sys
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from history import History, name_of, now, place, say, told_to_end

BUNCH = 500


class Reader:
    def __init__(self, bootstrap, topic, partitions, path, name, ends):
        self.history, self.ends, self.count = History(path, name), ends, 0
        self.next = [0] * partitions
        self.consumer = Consumer({
            "bootstrap.servers": bootstrap, "client.id": name, "group.id": f"unused.{name}",
            "enable.auto.commit": False, "auto.offset.reset": "error", "check.crcs": True,
            "fetch.wait.max.ms": 200, "socket.timeout.ms": 3000, "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 500, "socket.connection.setup.timeout.ms": 1500,
            "topic.metadata.refresh.fast.interval.ms": 50,
            "topic.metadata.refresh.interval.ms": 5000,
        })  # fmt: skip
        parts = [TopicPartition(topic, p, OFFSET_BEGINNING) for p in range(partitions)]
        self.history.assign(now(), [f"{topic}-{p}" for p in range(partitions)])
        self.consumer.assign(parts)

    def take(self, messages):
        at, records, oldest = now(), [], None
        for message in messages:
            if message.error():
                say("error", f"{place(message)}: {message.error().str()}")
                continue
            name = name_of(message.value())
            if name is None:
                say("error", f"{place(message)}@{message.offset()}: not the bytes that were written")
                name = f"corrupt {place(message)} {message.offset()}"
            records.append((place(message), message.offset(), name))
            self.next[message.partition()] = message.offset() + 1
            created = message.timestamp()[1]
            oldest = created if oldest is None else min(oldest, created)
        if records:
            self.history.poll(at, records)
            self.count += len(records)
            say("lag", int(time.time() * 1000) - oldest)

    def done(self):
        return self.ends and all(at >= end for at, end in zip(self.next, self.ends))

    def run(self, ending):
        while not ending.is_set() and not self.done():
            self.take(self.consumer.consume(BUNCH, 0.2))
        self.history.close()
        say("read", self.count)
        self.consumer.close()


if __name__ == "__main__":
    bootstrap, topic, partitions, path, name = sys.argv[1:6]
    ends = [int(end) for end in sys.argv[6].split(",")] if len(sys.argv) > 6 else []
    Reader(bootstrap, topic, int(partitions), path, name, ends).run(told_to_end())
