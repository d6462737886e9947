"""A backlog drained by sealane-mirror and by MirrorMaker 2, between brokers of the same kind for both.
Timed from the first record that arrived, so that nobody pays for its start."""

import subprocess
import tempfile
import threading
import time

from driver import kafka, peers
from driver.daemons import PARTITIONS, Mirror
from driver.mirroring import _outcome
from driver.peers import Shown, Workload
from driver.processes import Tree

SLOWEST = 4  # MB/s; slower is given up
HEAP = "-Xms256M -Xmx2G"  # of connect-mirror-maker.sh


class MirrorMaker:
    def __init__(self, directory, source, target):
        self.directory, self.process = directory, None
        ones = ("replication.factor", "checkpoints.topic.replication.factor", "heartbeats.topic.replication.factor",
                "offset-syncs.topic.replication.factor", "offset.storage.replication.factor",
                "status.storage.replication.factor", "config.storage.replication.factor")
        settings = {
            "clusters": "source, target", "source.bootstrap.servers": source.bootstrap(),
            "target.bootstrap.servers": target.bootstrap(), "source->target.enabled": "true",
            "target->source.enabled": "false", "source->target.topics": "bench",
            "replication.policy.class": "org.apache.kafka.connect.mirror.IdentityReplicationPolicy",
            "tasks.max": PARTITIONS, "emit.heartbeats.enabled": "false", "emit.checkpoints.enabled": "false",
            "sync.topic.configs.enabled": "false", "sync.topic.acls.enabled": "false",
            # Larger than the defaults, as guides to its throughput say.
            "source.consumer.max.poll.records": 5000, "source.consumer.receive.buffer.bytes": 1048576,
            "source.consumer.max.partition.fetch.bytes": 4194304, "target.producer.batch.size": 131072,
            "target.producer.linger.ms": 5, "target.producer.buffer.memory": 67108864, **dict.fromkeys(ones, 1)}
        self.properties = f"{directory}/mm2.properties"
        with open(self.properties, "w", encoding="utf-8") as file:
            file.writelines(f"{key} = {value}\n" for key, value in settings.items())

    def start(self):
        with open(f"{self.directory}/log", "wb") as log:
            command = kafka.java("org.apache.kafka.connect.mirror.MirrorMaker", self.properties, heap=HEAP)
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def end(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class _Broker:
    """What the driver's Mirror asks of a broker."""

    def __init__(self, peer):
        self.peer = peer

    def address(self, _listener):
        return self.peer.bootstrap()


def _sealane_mirror(bench, directory, source, target):
    halves = [("consumer", _Broker(source), "source", f"{directory}/link.sock"),
              ("producer", _Broker(target), "target", f"{directory}/link.sock")]
    return Mirror(f"{bench.programs}/sealane-mirror", directory, "aggregate", False, halves)


class Samples:
    """CPU seconds of a process tree over time; a context."""

    def __init__(self, pid):
        self.tree, self.taken, self.ended = Tree([pid]), [], threading.Event()
        self.thread = threading.Thread(target=self._take, daemon=True)

    def _take(self):
        while not self.ended.wait(0.1):
            self.taken.append((time.monotonic(), self.tree.cpu_seconds()))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def since(self, moment):
        before = [cpu for at, cpu in self.taken if at <= moment] or [self.taken[0][1]]
        return self.taken[-1][1] - before[-1]


def _drain(source_kind, target_kind, record_bytes, mb):
    def measure(bench, peer, _mb):
        with peers.KINDS[source_kind](bench, 1) as source, peers.KINDS[target_kind](bench, 1) as target:
            flags = [f"--bootstrap={source.bootstrap()}", f"--partitions={PARTITIONS}", "--replicas=1"]
            bench.run("native", [*flags, *source.flush_flag()], "create")
            peers.wait_led(source, "bench")
            sent = bench.run("native", [*flags, "--acks=1", f"--record_bytes={record_bytes}", f"--total_mb={mb}"],
                             "produce-batches")
            directory = tempfile.mkdtemp(prefix="mirror-", dir=bench.directory)
            if peer.name == "sealane":
                tool = _sealane_mirror(bench, directory, source, target)
            else:
                tool = MirrorMaker(directory, source, target)
                bench.run("native", [f"--bootstrap={target.bootstrap()}", *flags[1:], *target.flush_flag()], "create")
                peers.wait_led(target, "bench")
            return _timed(bench, tool, target, sent, record_bytes, 60 + mb / SLOWEST)

    def _timed(bench, tool, target, sent, record_bytes, patience):
        flags = [f"--bootstrap={target.bootstrap()}", f"--partitions={PARTITIONS}", f"--record_bytes={record_bytes}",
                 f"--records={sent['records']:.0f}", f"--patience={patience}"]
        waiting = subprocess.Popen(bench.command("native", flags, "await"), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        waiting.stdout.readline()
        try:
            tool.start()
            with Samples(tool.process.pid) as mirror, Samples(target.tree().roots[0]) as there:
                found = _outcome(waiting, patience + 10)
                ended = time.monotonic()
                peak = Tree([tool.process.pid]).peak_bytes()
        finally:
            tool.end()
            if waiting.poll() is None:
                waiting.kill()
                waiting.communicate()
        began = ended - found["seconds"]
        gigabytes = sent["bytes"] / 1e9
        mirror_cpu = max(mirror.since(began), 0.01)
        return {"mb_per_s": found["mb_per_s"], "seconds": found["seconds"], "peak_mb": peak / 1e6,
                "mirror_cpu_s_per_gb": mirror_cpu / gigabytes, "mb_per_cpu_s": sent["bytes"] / 1e6 / mirror_cpu,
                "target_cpu_s_per_gb": there.since(began) / gigabytes}

    return measure


SHOWN = [Shown("mb_per_s", "values", "MB/s", True), Shown("mb_per_cpu_s", "values, of the mirror's CPU", "MB/CPU s", True),
         Shown("mirror_cpu_s_per_gb", "mirror's CPU", "s/GB", False), Shown("peak_mb", "mirror's memory at most", "MB", False),
         Shown("target_cpu_s_per_gb", "target broker's CPU", "s/GB", False)]


def workloads(chosen):
    made = []
    for source, target in (("sealane", "sealane"), ("kafka", "sealane")):
        for size in (1024, 100):
            names = {"sealane": "Sealane", "kafka": "Kafka"}
            made.append(Workload(f"mirror, {size} B, {names[source]} to {names[target]} brokers, against MirrorMaker 2",
                                 _drain(source, target, size, chosen.mirror_mb), SHOWN, warm=False, apart=True))
    return made
