"""The measurements of a cluster of three: throughput and latency with three replicas, catching up,
how long writers wait for the next leader, and many partitions."""

import os
import signal
import statistics
import time

from driver.cluster import LOOK, Cluster, Writer, now, questions, wait_until
from driver.daemons import PARTITIONS, Failed
from driver.figures import PRODUCERS

MIB = 1 << 20
DEAD = 6  # seconds, longer than any limit and lag time: what ends a gap is never the victim's return


def produce(bench, how, record_bytes, flush):
    """Into three replicas of each partition and into one, in turn, on the same three brokers."""
    client, what, _ = PRODUCERS[how]

    def load(cluster, replicas):
        flags = [*cluster.flags(), f"--topic=r{replicas}", f"--partitions={PARTITIONS}", "--acks=-1",
                 f"--record_bytes={record_bytes}", f"--total_mb={bench.options.mb}"]
        before = cluster.cpu_seconds()
        found = bench.run(client, flags, what)
        found["brokers_cpu_s_per_gb"] = (cluster.cpu_seconds() - before) * 1e9 / found["bytes"]
        found["client_cpu_s_per_gb"] = found["client_cpu_s"] * 1e9 / found["bytes"]
        return found

    def once():
        with Cluster(bench) as cluster:
            for replicas in (1, 3):
                bench.create(cluster, flush, topic=f"r{replicas}", replicas=replicas)
            cluster.wait_whole()
            one, three = load(cluster, 1), load(cluster, 3)
        return {**three, **{f"one_{key}": value for key, value in one.items()}}

    return bench.rounds(once)


def produce_latency(bench, flush):
    def once():
        with Cluster(bench) as cluster:
            bench.create(cluster, flush, partitions=1)
            cluster.wait_whole()
            flags = [*cluster.flags(), "--record_bytes=100", "--rate=1000",
                     f"--seconds={bench.options.seconds}"]
            before = cluster.cpu_seconds()
            found = bench.run("native", flags, "latency")
            found["brokers_cpu_s"] = cluster.cpu_seconds() - before
        return found

    return bench.rounds(once)


def _copy_mb_per_s(source, directory, total):
    """What a plain copy of these logs costs: read as the leader reads, written and synced once."""
    path, copied = f"{directory}/copy", 0
    began = time.monotonic()
    with open(path, "wb", buffering=0) as into:
        for folder, _, names in os.walk(source):
            for name in sorted(names):
                if not name.endswith(".log") or copied >= total:
                    continue
                with open(f"{folder}/{name}", "rb", buffering=0) as log:
                    while piece := log.read(MIB):
                        copied += into.write(piece)
        os.fdatasync(into.fileno())
    seconds = time.monotonic() - began
    os.unlink(path)
    return copied / 1e6 / seconds


def catch_up(bench, flush, gigabytes):
    """One broker away while the others take `gigabytes`; from its start until all is in sync."""
    def once():
        with Cluster(bench) as cluster:
            bench.create(cluster, flush)
            cluster.wait_whole()
            away = cluster.leader()
            away.end()
            sent = bench.fill(cluster, int(gigabytes * 1000), batch_bytes=MIB)
            leader = next(node for node in cluster.running)
            os.sync()  # what is not yet written of this is not the follower's to wait for
            copy = _copy_mb_per_s(f"{leader.directory}/data", cluster.directory, sent["bytes"])
            before = cluster.cpu_seconds()
            began = time.monotonic()
            away.start()
            ready = time.monotonic() - began
            cluster.wait_whole(600)
            seconds = time.monotonic() - began
            return {"seconds": seconds, "ready_seconds": ready, "bytes": sent["bytes"],
                    "mb_per_s": sent["bytes"] / 1e6 / (seconds - ready), "copy_mb_per_s": copy,
                    "brokers_cpu_s_per_gb": (cluster.cpu_seconds() - before) * 1e9 / sent["bytes"]}

    return bench.rounds(once)


def _kill(node):
    node.end(signal.SIGKILL)
    time.sleep(DEAD)
    node.start()


def kill_leader(cluster):
    _kill(cluster.leader())


def kill_controller(cluster):
    _kill(cluster.controller())


def pause_leader(cluster):
    node = cluster.leader()
    node.send(signal.SIGSTOP)
    try:
        time.sleep(9)  # longer than the limit, so that the resumption is not what ends the gap
    finally:
        node.send(signal.SIGCONT)


def rolling_restart(cluster):
    for node in cluster.all:
        node.end(signal.SIGTERM)
        node.start()
        cluster.wait_whole()


def gaps(bench, fault, flush="synced"):
    """Longest time without an acknowledgement, of each round, and errors that reached the writer."""
    found = []
    with Cluster(bench) as cluster:
        bench.create(cluster, flush)
        cluster.wait_whole()
        with Writer(cluster) as writer:
            for _ in range(bench.options.fault_rounds):
                writer.settle()
                since = now()
                fault(cluster)
                cluster.wait_whole()
                writer.settle()
                found.append(writer.longest_gap_ms(since))
                cluster.spread_leaders()
        errors = list(writer.errors)
    ordered = sorted(found)
    return {"p50_ms": statistics.median(found), "p99_ms": ordered[int(len(ordered) * 0.99)],
            "max_ms": ordered[-1], "rounds": len(found), "errors": len(errors),
            "first_error": errors[0] if errors else "", "gaps_ms": found}


def _led_by(cluster, survivor, number):
    """How many partitions still name that leader, or none."""
    known = cluster.ask(questions.metadata, survivor)
    if known is None:
        return -1
    return sum(part.leader in (-1, number) for part in known[2])


def _elect(cluster, dead):
    """kill -9 of `dead`: seconds until the first partition has another leader, and until all have."""
    survivor = next(node for node in cluster.running if node is not dead)
    led = _led_by(cluster, survivor, dead.number)
    if led < 1:
        raise Failed(f"broker {dead.number} leads nothing")
    dead.end(signal.SIGKILL)
    began, first = time.monotonic(), None
    while (left := _led_by(cluster, survivor, dead.number)) != 0:
        passed = time.monotonic() - began
        if first is None and 0 <= left < led:
            first = passed
        if passed > 120:
            raise Failed(f"{left} of {led} partitions have no leader after 120 s")
        time.sleep(LOOK)
    last = time.monotonic() - began
    return {"led": led, "elect_first_seconds": first or last, "elect_seconds": last}


def many_partitions(bench, partitions):
    """Topics of 1,000 partitions each, three replicas, all idle."""
    with Cluster(bench) as cluster:
        idle = statistics.mean(node.memory_bytes() for node in cluster.all)
        create = bench.create(cluster, "synced", partitions=min(partitions, 1000), topic="many",
                              topics=max(partitions // 1000, 1))
        whole = cluster.wait_whole(300)
        before = cluster.cpu_seconds()
        time.sleep(5)
        share = (cluster.cpu_seconds() - before) / 5
        full = statistics.mean(node.memory_bytes() for node in cluster.all)
        controller = cluster.controller()
        dead = next(node for node in cluster.all if node is not controller)
        elected = _elect(cluster, dead)
        ready = dead.start()
        in_sync = cluster.wait_whole(300)
        return {"partitions": partitions, "create_seconds": create, "whole_seconds": whole,
                "idle_bytes": idle, "full_bytes": full, "idle_cpu_share": share,
                "per_partition_bytes": (full - idle) / partitions, **elected,
                "ready_seconds": ready, "restart_seconds": ready + in_sync}
