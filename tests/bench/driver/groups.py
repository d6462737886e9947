"""The group coordinator of one broker: memory of groups and committed offsets, how long it loads
after a restart, and how long a group of a hundred members needs for a rebalance. Measurements and
rows."""

import signal
import time

from driver.table import Row

MB = 1e6
KIB = 1024
OFFSETS_OF_EACH = 10
SETTLE = 1.0  # seconds: what the load itself needed is given back


def _flags(broker, groups, partitions):
    return [*broker.flags(False), "--topic=offsets", f"--groups={groups}", f"--partitions={partitions}"]


def committed(bench, groups):
    """Two fillings, so that a group and an offset have a price each; then kill -9 and start."""
    def once():
        with bench.broker() as broker:
            bench.create(broker, "os", partitions=OFFSETS_OF_EACH, topic="offsets")
            bench.run("native", _flags(broker, 1, 1), "commit-offsets")  # makes the offsets topic
            time.sleep(SETTLE)
            empty = broker.memory_bytes()
            bench.run("native", _flags(broker, groups, 1), "commit-offsets")
            time.sleep(SETTLE)
            one_each = broker.memory_bytes()
            more = bench.run("native", _flags(broker, groups, OFFSETS_OF_EACH), "commit-offsets")
            time.sleep(SETTLE)
            all_of_them = broker.memory_bytes()
            broker.end(signal.SIGKILL)
            began = time.monotonic()
            broker.start()
            ready = time.monotonic() - began
            bench.run("native", _flags(broker, groups, OFFSETS_OF_EACH), "fetch-offsets")
            answered = time.monotonic() - began
            served = bench.run("native", _flags(broker, groups, OFFSETS_OF_EACH), "fetch-offsets")
            again = broker.memory_bytes()
        offset = (all_of_them - one_each) / (groups * (OFFSETS_OF_EACH - 1))
        return {"groups": groups, "offsets": groups * OFFSETS_OF_EACH, "grown_bytes": all_of_them - empty,
                "per_offset_bytes": offset, "per_group_bytes": (one_each - empty) / groups - offset,
                "after_restart_bytes": again, "commits_per_s": more["groups_per_s"], "ready_seconds": ready,
                "answered_seconds": answered, "served_seconds": served["seconds"]}

    return bench.rounds(once)


def rebalance(bench, what, members, heartbeat_ms, rounds):
    """A member comes and goes, `rounds` times; the others learn of it from their heartbeats."""
    def once():
        with bench.broker() as broker:
            bench.create(broker, "os", partitions=members + 1, topic="offsets")
            flags = [*broker.flags(False), "--topic=offsets", f"--partitions={members + 1}",
                     f"--members={members}", f"--rounds={rounds}", f"--heartbeat_ms={heartbeat_ms}"]
            before = broker.cpu_seconds()
            found = bench.run("native", flags, what, patience=60 + rounds * 60)
            found["broker_cpu_s"] = broker.cpu_seconds() - before
        return found

    return bench.rounds(once)


def committed_rows(groups):
    memory = Row("", f"groups: memory of {groups:,} groups with {OFFSETS_OF_EACH} offsets each")
    load = Row("", f"groups: kill -9, started, all {groups * OFFSETS_OF_EACH:,} offsets answered")
    found = {}

    def known(bench):
        if not found:
            found.update(committed(bench, groups))
        return found

    def measure_memory(bench, into):
        values = into.values = known(bench)
        into.measured = (f"{values['grown_bytes'] / MB:.1f} MB: {values['per_group_bytes'] / KIB:.2f} KiB a group, "
                         f"{values['per_offset_bytes']:.0f} B an offset; {values['commits_per_s'] / 1e3:.1f} k commits/s")

    def measure_load(bench, into):
        values = into.values = known(bench)
        into.measured = (f"{values['answered_seconds'] * 1e3:.0f} ms, ready after {values['ready_seconds'] * 1e3:.0f} ms "
                         f"(asked again: {values['served_seconds'] * 1e3:.0f} ms)")
        into.must = "2 s"
        into.judge(values["answered_seconds"], 2, False)

    return [(memory, measure_memory), (load, measure_load)]


def rebalance_row(what, name, members, heartbeat_ms, rounds):
    beats = f"each {heartbeat_ms / 1e3:g} s" if heartbeat_ms else "as told"
    row = Row("", f"groups: {members + 1} members, {name}, heartbeats {beats}: one comes / goes, p50 / p99")

    def measure(bench, into):
        values = into.values = rebalance(bench, what, members, heartbeat_ms, rounds)
        into.measured = (f"{values['join_p50_ms']:.0f} / {values['join_p99_ms']:.0f} ms; "
                         f"{values['leave_p50_ms']:.0f} / {values['leave_p99_ms']:.0f} ms "
                         f"({values['join_count']:.0f} times); broker "
                         f"{values['broker_cpu_s'] * 1e3 / (2 * values['join_count']):.0f} CPU ms each")
        into.limit = f"{heartbeat_ms or 5000} ms: the last heartbeat"

    return row, measure


def rows(chosen):
    full = chosen.full
    made = committed_rows(chosen.groups)
    made.append(rebalance_row("rebalance", "classic", chosen.members, 3000, 10 if full else 3))
    made.append(rebalance_row("rebalance", "classic", chosen.members, 100, 100 if full else 20))
    made.append(rebalance_row("rebalance-consumer", "KIP-848", chosen.members, 0, 10 if full else 2))
    made.append(rebalance_row("rebalance-consumer", "KIP-848", chosen.members, 100, 100 if full else 20))
    return made
