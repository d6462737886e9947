"""An idempotent writer with librdkafka: BOOTSTRAP TOPIC PARTITIONS RATE HISTORY NAME. Says `gap
PARTITION FROM TO` for every pause between acknowledgements, `oldest TIME` (since when some partition
waits), `error WORDS`, and at the end `sent N`."""
import sys
import time

from confluent_kafka import KafkaError, KafkaException, Producer
from history import History, now, say, told_to_end, value_of

WINDOW = 1000  # records of one partition on their way
TICK = 0.005
GAP = 100_000_000
REFUSED = {KafkaError._MSG_TIMED_OUT}  # nobody knows whether these were written


class Writer:
    def __init__(self, bootstrap, topic, partitions, rate, path, name):
        self.topic, self.partitions, self.rate, self.name = topic, partitions, rate, name
        self.history, self.lives, self.sent = History(path, name), 0, 0
        self.under_way = [0] * partitions
        self.last = [now()] * partitions
        self.config = {
            "bootstrap.servers": bootstrap, "client.id": name, "enable.idempotence": True,
            "acks": "all", "linger.ms": 5, "message.timeout.ms": 300000,
            "request.timeout.ms": 1500, "socket.timeout.ms": 2000, "retry.backoff.ms": 50,
            "retry.backoff.max.ms": 500, "reconnect.backoff.ms": 50, "reconnect.backoff.max.ms": 500,
            "socket.connection.setup.timeout.ms": 1500, "topic.metadata.refresh.fast.interval.ms": 50,
            "queue.buffering.max.messages": 1000000,
        }  # fmt: skip
        self.renew()

    def renew(self):
        """A fresh producer: another process in the eyes of the checker, for its order is its own."""
        self.lives += 1
        self.history.process = f"{self.name}.{self.lives}"
        self.producer = Producer(self.config, error_cb=self.trouble)

    def trouble(self, error):
        if error.fatal():
            say("error", f"fatal: {error.str()}")

    def deliver(self, partition, name, process):
        where = f"{self.topic}-{partition}"

        def done(error, message):
            at, self.under_way[partition] = now(), self.under_way[partition] - 1
            self.history.process = process
            if error is not None:
                say("error", f"{name} was not delivered: {error.str()}")
                self.history.record(at, "info", where, name)
                return
            if at - self.last[partition] > GAP:
                say("gap", partition, self.last[partition], at)
            self.last[partition] = at
            self.history.record(at, "ack", where, name, message.offset())

        return done

    def send(self, partition):
        if self.under_way[partition] >= WINDOW:
            return
        process = f"{self.name}.{self.lives}"
        name = f"{self.name}#{self.sent}"
        self.history.process = process
        self.history.record(now(), "send", f"{self.topic}-{partition}", name)
        self.under_way[partition] += 1
        self.sent += 1
        try:
            self.producer.produce(
                self.topic, value_of(name), partition=partition,
                on_delivery=self.deliver(partition, name, process),
            )  # fmt: skip
        except KafkaException as refused:
            self.under_way[partition] -= 1
            self.history.record(now(), "fail", f"{self.topic}-{partition}", name)
            say("error", f"{name} was refused: {refused}")
            self.producer.purge()
            self.producer.flush(10)
            self.renew()

    def run(self, ending):
        began, owed, turn, told = time.monotonic(), 0, 0, 0
        while not ending.is_set():
            due = int((time.monotonic() - began) * self.rate)
            for _ in range(min(due - owed, self.rate)):
                self.send(turn % self.partitions)
                turn += 1
            owed = due
            self.producer.poll(TICK)
            if time.monotonic() - told > 0.1:
                told = time.monotonic()
                say("oldest", min(self.last))
                self.history.file.flush()
        self.finish()

    def finish(self):
        left = self.producer.flush(60)
        if left:
            say("error", f"{left} records were not answered 60 s after the end")
            self.producer.purge()
            self.producer.flush(10)
        self.history.close()
        say("sent", self.sent)


if __name__ == "__main__":
    bootstrap, topic, partitions, rate, path, name = sys.argv[1:]
    Writer(bootstrap, topic, int(partitions), int(rate), path, name).run(told_to_end())
