"""Sealane and Apache Kafka under the same load from the same client: what is measured, and how. Every
measurement has a topic of its own, which goes afterwards; the brokers stay up, so that a JVM is warm."""

import base64
import dataclasses
import itertools
import os
import tempfile
import time
import uuid
from typing import Callable

from driver import kafka
from driver.broker_peer import BrokerPeer
from driver.cluster import CLUSTER_ID, Node, free_ports, questions, wait_until
from driver.daemons import PARTITIONS
from parts.wire import Wire

IDLE = 3  # seconds of rest before it is looked at, and while it is


class SealanePeer(BrokerPeer):
    name = "sealane"

    def __init__(self, bench, brokers):
        directory = tempfile.mkdtemp(prefix="sealane-", dir=bench.directory)
        ports = free_ports(brokers)
        super().__init__(directory, [Node(f"{bench.programs}/sealane-broker", f"{directory}/{n}", n, ports)
                                     for n in range(1, brokers + 1)])
        # A mirror between clusters of one id would carry nothing: every record comes from its target.
        identity = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[:22]
        for node in self.nodes:
            path = f"{node.directory}/broker.yaml"
            with open(path, encoding="utf-8") as config:
                text = config.read().replace(CLUSTER_ID, identity)
            with open(path, "w", encoding="utf-8") as config:
                config.write(text + 'super.users: ["User:ANONYMOUS"]\nmirror.principals: ["User:ANONYMOUS"]\n')

    def flush_flag(self):
        return ["--flush=os"]  # what Kafka does: acknowledged from the page cache

    def last_words(self):
        return self.nodes[0].last_words()


KINDS = {"sealane": SealanePeer, "kafka": kafka.KafkaPeer}
_topics = itertools.count(1)


@dataclasses.dataclass
class Absent:
    """A peer of workloads that start their own brokers."""

    name: str



def wait_led(peer, topic):
    """Until every leader serves its partitions: metadata may tell of a leader before it knows itself."""
    def missing():
        by_number = {number + 1: node.address for number, node in enumerate(peer.nodes)}
        try:
            with Wire(peer.bootstrap().split(",")[0], timeout=2) as wire:
                found = [part for part in questions.metadata(wire)[2] if part.topic == topic]
            for part in found:
                with Wire(by_number[part.leader], timeout=2) as wire:
                    if questions.high_watermark(wire, part) is None:
                        return f"a leader of {part.name}"
        except (OSError, RuntimeError, KeyError) as reason:
            return str(reason) or type(reason).__name__
        return "" if found else "the topic"

    wait_until(f"led: {topic}", missing, 30)


class Topic:
    """A topic of one measurement; a context that gives the flags to reach it."""

    def __init__(self, bench, peer, partitions, replicas):
        self.bench, self.peer = bench, peer
        self.name = f"bench{next(_topics)}"
        self.flags = [f"--bootstrap={peer.bootstrap()}", f"--topic={self.name}", f"--partitions={partitions}"]
        self.replicas = replicas

    def __enter__(self):
        self.bench.run("native", [*self.flags, *self.peer.flush_flag(), f"--replicas={self.replicas}"], "create")
        wait_led(self.peer, self.name)
        return self

    def __exit__(self, *_):
        self.bench.run("native", self.flags, "delete")

    def fill(self, mb, record_bytes):
        return self.bench.run("native", [*self.flags, "--acks=1", f"--record_bytes={record_bytes}",
                                         f"--total_mb={mb}"], "produce-batches")


class Cost:
    """CPU seconds and the highest memory of the brokers meanwhile; a context."""

    def __init__(self, peer):
        self.tree = peer.tree()

    def __enter__(self):
        self.tree.forget_peak()
        self.before = self.tree.cpu_seconds()
        return self

    def __exit__(self, *_):
        self.cpu_s = self.tree.cpu_seconds() - self.before
        self.peak_mb = self.tree.peak_bytes() / 1e6

    def add_to(self, found):
        found["broker_cpu_s_per_gb"] = self.cpu_s * 1e9 / found["bytes"]
        found["peak_mb"] = self.peak_mb
        return found


def _produce(client, record_bytes, acks, replicas):
    def measure(bench, peer, mb):
        with Topic(bench, peer, PARTITIONS, replicas) as topic, Cost(peer) as cost:
            if client == "java":
                found = kafka.producer_performance(peer.bootstrap(), topic.name, mb * 1_000_000 // record_bytes,
                                                   record_bytes, acks)
            else:
                numeric = -1 if acks == "all" else acks
                what = "produce" if client == "rdkafka" else "produce-batches"
                found = bench.run(client, [*topic.flags, f"--acks={numeric}", f"--record_bytes={record_bytes}",
                                           f"--total_mb={mb}"], what)
        return cost.add_to(found)

    return measure


def _drop_cache(peer):
    """What is on disk is not in the page cache any more."""
    os.sync()
    for root in peer.data():
        for folder, _, names in os.walk(root):
            for name in names:
                try:
                    with open(f"{folder}/{name}", "rb") as file:
                        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                except FileNotFoundError:
                    continue


def _consume(client, record_bytes, cold, replicas):
    def measure(bench, peer, mb):
        with Topic(bench, peer, PARTITIONS, replicas) as topic:
            sent = topic.fill(mb, record_bytes)
            if cold:
                _drop_cache(peer)
            with Cost(peer) as cost:
                if client == "java":
                    found = kafka.consumer_performance(peer.bootstrap(), topic.name, int(sent["records"]), record_bytes)
                else:
                    found = bench.run(client, [*topic.flags, f"--records={sent['records']:.0f}"], "consume")
            return cost.add_to(found)

    return measure


def _latency(what, replicas):
    def measure(bench, peer, _mb):
        with Topic(bench, peer, 1, replicas) as topic, Cost(peer) as cost:
            flags = [*topic.flags, "--record_bytes=100", "--rate=1000", f"--seconds={bench.options.seconds}",
                     f"--target_bootstrap={peer.bootstrap()}"]
            found = bench.run("native", flags, what)
        found["broker_cpu_s"] = cost.cpu_s
        return found

    return measure


def _transactions(replicas):
    def measure(bench, peer, _mb):
        with Topic(bench, peer, PARTITIONS, replicas) as topic, Cost(peer) as cost:
            found = bench.run("rdkafka", [*topic.flags, "--record_bytes=100", "--records_per_transaction=100",
                                          "--transactions=200"], "transactions")
        return cost.add_to(found)

    return measure


def _start(brokers):
    """Fresh brokers: their first start, memory when idle, and a second start after a clean stop."""
    def measure(bench, peer, _mb):
        with KINDS[peer.name](bench, brokers) as fresh:
            time.sleep(IDLE)
            idle = fresh.tree().memory_bytes()
            before = fresh.tree().cpu_seconds()
            time.sleep(IDLE)
            share = (fresh.tree().cpu_seconds() - before) / IDLE
            fresh.stop()
            return {"start_s": fresh.start(), "idle_mb": idle / 1e6, "idle_cpu_share": share}

    return measure


@dataclasses.dataclass
class Shown:
    key: str
    label: str
    unit: str
    more_is_better: bool
    limit: Callable = None  # of the limits measured in the run: what the machine allows


@dataclasses.dataclass
class Workload:
    name: str
    measure: Callable
    shown: list
    warm: bool = True  # once for nothing, before it counts
    apart: bool = False  # starts its own brokers, and no others run


def _speed(record_bytes, limit):
    first = (Shown("records_per_s", "records", "1/s", True, lambda found: limit(found) * 1e6 / record_bytes)
             if record_bytes < 1024 else Shown("mb_per_s", "values", "MB/s", True, limit))
    return [first, Shown("broker_cpu_s_per_gb", "brokers' CPU", "s/GB", False),
            Shown("peak_mb", "brokers' memory at most", "MB", False)]


def _written(found):
    return min(found["write_mb_per_s"], found["loopback_mb_per_s"])


def _sent(found):
    return found["loopback_mb_per_s"]


def workloads(brokers):
    replicas = brokers
    made = []
    for client, name in (("rdkafka", "librdkafka"), ("java", "Kafka's ProducerPerformance"),
                         ("native", "prebuilt batches")):
        for size in (100, 1024):
            for acks in (1, "all"):
                if client == "native" and acks == 1:
                    continue
                made.append(Workload(f"produce {size} B, acks {acks}, {name}", _produce(client, size, acks, replicas),
                                     _speed(size, _written)))
    for client, name in (("rdkafka", "librdkafka"), ("java", "Kafka's ConsumerPerformance")):
        for cold in (False, True):
            made.append(Workload(f"consume 1024 B, {'cold' if cold else 'from memory'}, {name}",
                                 _consume(client, 1024, cold, replicas), _speed(1024, _sent)))
    for what, name in (("latency", "produce latency"), ("end-to-end", "end-to-end latency")):
        made.append(Workload(f"{name} at 1,000/s, 100 B, acks all", _latency(what, replicas), [
            Shown("p50_ms", "p50", "ms", False, lambda found: found["round_trip_ms"]["p50"]),
            Shown("p99_ms", "p99", "ms", False, lambda found: found["round_trip_ms"]["p99"]),
            Shown("p999_ms", "p99.9", "ms", False), Shown("broker_cpu_s", "brokers' CPU", "s", False)]))
    made.append(Workload("transactions of 100 x 100 B, librdkafka", _transactions(replicas), [
        Shown("transactions_per_s", "one after the other", "1/s", True), Shown("commit_p50_ms", "commit, p50", "ms", False),
        Shown("commit_p99_ms", "commit, p99", "ms", False), Shown("broker_cpu_s_per_gb", "brokers' CPU", "s/GB", False)]))
    made.append(Workload("start, and idle", _start(brokers), [
        Shown("start_s", "start to the first answer", "s", False), Shown("idle_mb", "memory, idle", "MB", False),
        Shown("idle_cpu_share", "CPU, idle", "of a processor", False)], warm=False, apart=True))
    return made


def run_workload(bench, workload, peers, rounds, others, say):
    """Numbers of each round, by peer; the peers alternate, and who begins does too."""
    found = {peer.name: [] for peer in peers}
    if workload.warm:
        for peer in peers:
            workload.measure(bench, peer, max(20, bench.options.mb // 4))
    for number in range(rounds):
        for peer in peers if number % 2 == 0 else reversed(peers):
            others.append(bench.others())
            say(f"{workload.name}: round {number + 1}, {peer.name}")
            found[peer.name].append(workload.measure(bench, peer, bench.options.mb))
    return found
