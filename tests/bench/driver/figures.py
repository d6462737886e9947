"""The measurements of one broker: produce, fetch, latency, memory, start and recovery."""

import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time

from driver.daemons import PARTITIONS, Broker, Failed


def json_line(text):
    return json.loads(text.strip().splitlines()[-1])


class Bench:
    """Where the programs are, how much load to make, and the limits measured before."""

    def __init__(self, programs, directory, domains, options):
        self.programs = programs
        self.directory = directory
        self.domain, self.second_domain = domains
        self.options = options
        self.limits = {}

    def broker(self, node=1, domain=None, **settings):
        at = tempfile.mkdtemp(prefix="broker-", dir=self.directory)
        return Broker(f"{self.programs}/sealane-broker", at, node, domain or self.domain, **settings)

    def command(self, client, flags, what):
        program = "sealane-bench-rdkafka" if client == "rdkafka" else "sealane-bench"
        return [f"{self.programs}/{program}", *flags, what]

    def run(self, client, flags, what, patience=300):
        try:
            done = subprocess.run(self.command(client, flags, what), capture_output=True,
                                  text=True, timeout=patience, check=False)
        except subprocess.TimeoutExpired as late:
            raise Failed(f"{what}: nothing within {patience} s") from late
        except FileNotFoundError as gone:
            raise Failed(f"{gone.filename} is not built") from gone
        if done.returncode != 0:
            raise Failed(f"{what}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
        return json_line(done.stdout)

    def create(self, broker, flush, partitions=PARTITIONS, topic="bench", topics=1, replicas=-1):
        """`broker` may be a cluster. Seconds that it took until the metadata showed them."""
        made = self.run("native", [*broker.flags(False), f"--topic={topic}", f"--topics={topics}",
                                   f"--partitions={partitions}", f"--flush={flush}",
                                   f"--replicas={replicas}"], "create")
        return made["seconds"]

    def fill(self, broker, mb, record_bytes=1024, batch_bytes=64 << 10, lz4=False):
        """Prebuilt batches, quickly; what was sent."""
        return self.run("native", [*broker.flags(False), f"--partitions={PARTITIONS}", "--acks=1",
                                   f"--record_bytes={record_bytes}", f"--batch_bytes={batch_bytes}",
                                   f"--total_mb={mb}", f"--lz4={str(lz4).lower()}"],
                        "produce-batches")

    def rounds(self, measure):
        """The median of each number over the rounds."""
        found = [measure() for _ in range(self.options.rounds)]
        return {key: statistics.median(one[key] for one in found) for key in found[0]}


# Which program makes the load, and how it is named in the table.
PRODUCERS = {
    "batches": ("native", "produce-batches", "prebuilt batches"),
    "records": ("native", "produce-records", "native client"),
    "rdkafka": ("rdkafka", "produce", "librdkafka"),
}
CONSUMERS = {
    "batches": ("native", "consume-batches", "native client, batches"),
    "records": ("native", "consume-records", "native client, records"),
    "rdkafka": ("rdkafka", "consume", "librdkafka"),
}


def produce(bench, how, record_bytes, acks, flush, tls):
    client, what, _ = PRODUCERS[how]

    def once():
        with bench.broker() as broker:
            bench.create(broker, flush)
            flags = [*broker.flags(tls), f"--partitions={PARTITIONS}", f"--acks={acks}",
                     f"--record_bytes={record_bytes}", f"--total_mb={bench.options.mb}"]
            before = broker.cpu_seconds()
            found = bench.run(client, flags, what)
            found["broker_cpu_s_per_gb"] = (broker.cpu_seconds() - before) * 1e9 / found["bytes"]
        found["client_cpu_s_per_gb"] = found["client_cpu_s"] * 1e9 / found["bytes"]
        return found

    return bench.rounds(once)


def produce_latency(bench, flush, tls):
    def once():
        with bench.broker() as broker:
            bench.create(broker, flush, partitions=1)
            flags = [*broker.flags(tls), "--record_bytes=100", "--rate=1000",
                     f"--seconds={bench.options.seconds}"]
            before = broker.cpu_seconds()
            found = bench.run("native", flags, "latency")
            found["broker_cpu_s"] = broker.cpu_seconds() - before
        return found

    return bench.rounds(once)


def fetch(bench, how, record_bytes, tls):
    client, what, _ = CONSUMERS[how]

    def once():
        with bench.broker() as broker:
            bench.create(broker, "os")
            sent = bench.fill(broker, bench.options.mb, record_bytes)
            flags = [*broker.flags(tls), f"--partitions={PARTITIONS}"]
            if client == "rdkafka":
                flags.append(f"--records={sent['records']:.0f}")
            before = broker.cpu_seconds()
            found = bench.run(client, flags, what)
            found["broker_cpu_s_per_gb"] = (broker.cpu_seconds() - before) * 1e9 / found["bytes"]
        found["client_cpu_s_per_gb"] = found["client_cpu_s"] * 1e9 / found["bytes"]
        return found

    return bench.rounds(once)


def idle_memory(bench, partitions):
    with bench.broker() as broker:
        broker.first_answer()
        time.sleep(1)  # what starting needed is given back
        idle = broker.memory_bytes()
        bench.create(broker, "synced", partitions=partitions)
        time.sleep(1)
        full = broker.memory_bytes()
        before = broker.cpu_seconds()
        time.sleep(5)
        busy = (broker.cpu_seconds() - before) / 5
    return {"idle_bytes": idle, "per_partition_bytes": (full - idle) / partitions,
            "partitions": partitions, "idle_cpu_share": busy}


def first_answer(bench):
    def once():
        broker = bench.broker()
        try:
            began = time.monotonic()
            broker.start()
            broker.first_answer()
            return {"seconds": time.monotonic() - began}
        finally:
            broker.end()
            shutil.rmtree(broker.directory, ignore_errors=True)

    found = [once()["seconds"] for _ in range(5)]
    return {"seconds": statistics.median(found)}


def _restart(bench, broker, records, topic="bench", partitions=PARTITIONS):
    """kill -9, start, first answer; then everything that was acknowledged must be there."""
    broker.end(signal.SIGKILL)
    began = time.monotonic()
    broker.start(patience=300)
    broker.first_answer()
    seconds = time.monotonic() - began
    if records:
        bench.run("native", [*broker.flags(False), f"--topic={topic}", f"--partitions={partitions}",
                             f"--records={records:.0f}"], "await")
    return seconds


def recovery(bench, gigabytes):
    """Acknowledged into the page cache, killed, started again."""
    free = shutil.disk_usage(bench.directory).free / 1e9
    if free < gigabytes * 1.5 + 2:
        raise Failed(f"{free:.0f} GB free are too few for {gigabytes} GB")
    with bench.broker() as broker:
        bench.create(broker, "os")
        sent = bench.fill(broker, int(gigabytes * 1000), batch_bytes=1 << 20)
        seconds = _restart(bench, broker, sent["records"])
    return {"seconds": seconds, "gigabytes": gigabytes}


def restart_many_partitions(bench, partitions):
    with bench.broker() as broker:
        bench.create(broker, "os", partitions=1000, topic="many", topics=partitions // 1000)
        return {"seconds": _restart(bench, broker, 0), "partitions": partitions}


def processors(seconds=1.0):
    """How much of the machine others use right now, from 0 to 1."""
    def busy():
        with open("/proc/stat", encoding="ascii") as stat:
            numbers = [int(word) for word in stat.readline().split()[1:9]]
        return sum(numbers) - numbers[3] - numbers[4], sum(numbers)

    used, total = busy()
    time.sleep(seconds)
    used_now, total_now = busy()
    return (used_now - used) / max(1, total_now - total)


def programs_directory(root):
    return os.environ.get("SEALANE_PROGRAMS", f"{root}/.build/release/bin")
