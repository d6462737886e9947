"""The rows of a cluster of three, with their limits: those of the issue, or a peer of the same run."""

from driver import replication
from driver.figures import PRODUCERS
from driver.table import Row

KIB = 1024


def _speed(values, record_bytes, prefix=""):
    if record_bytes < 1024:
        return f"{values[prefix + 'records_per_s'] / 1e6:.2f} M/s"
    return f"{values[prefix + 'mb_per_s']:.0f} MB/s"


def produce_row(how, record_bytes, flush):
    row = Row("P2" if record_bytes == 100 else "P3",
              f"replication: produce {record_bytes} B, 3 replicas, acks all, {flush}, {PRODUCERS[how][2]}")

    def measure(bench, into):
        values = into.values = replication.produce(bench, how, record_bytes, flush)
        share = values["mb_per_s"] / values["one_mb_per_s"]
        into.measured = (f"{_speed(values, record_bytes)}; brokers {values['brokers_cpu_s_per_gb']:.2f} s/GB, "
                         f"client {values['client_cpu_s_per_gb']:.2f}")
        into.limit = (f"1 replica {_speed(values, record_bytes, 'one_')} ({share:.2f} of it), "
                      f"{values['one_brokers_cpu_s_per_gb']:.2f} s/GB")
        if flush == "synced":
            into.must = "10 x Kafka with fsync"
        elif record_bytes == 100:
            into.must = "1.2 M/s (3 x Kafka)"
            into.judge(values["records_per_s"], 1.2e6, True)
        else:
            into.must = "450 MB/s (3 x Kafka)"
            into.judge(values["mb_per_s"], 450, True)

    return row, measure


def latency_row(flush):
    row = Row("P5", f"replication: produce latency, 1,000/s, acks all, {flush}, 3 replicas: p50 / p99 / p99.9")

    def measure(bench, into):
        values = into.values = replication.produce_latency(bench, flush)
        into.measured = (f"{values['p50_ms']:.2f} / {values['p99_ms']:.2f} / {values['p999_ms']:.2f} ms; "
                         f"brokers {values['brokers_cpu_s']:.2f} CPU s")
        trip = bench.limits["round_trip_ms"]
        into.limit = f"2 round trips {2 * trip['p50']:.2f} / {2 * trip['p99']:.2f} ms"
        if flush == "synced":
            into.limit += f" + sync {bench.limits['synced_p50_ms']:.2f} / {bench.limits['synced_p99_ms']:.2f}"
        into.must = "0.3 / 1 / 4 ms"
        into.judge(max(values["p50_ms"] / 0.3, values["p99_ms"], values["p999_ms"] / 4), 1, False)

    return row, measure


def catch_up_row(flush, gigabytes):
    row = Row("", f"replication: a follower catches up {gigabytes:g} GB, {flush}")

    def measure(bench, into):
        values = into.values = replication.catch_up(bench, flush, gigabytes)
        into.measured = (f"{values['mb_per_s']:.0f} MB/s, in sync {values['seconds']:.1f} s after its start; "
                         f"brokers {values['brokers_cpu_s_per_gb']:.2f} s/GB")
        into.limit = (f"plain copy {values['copy_mb_per_s']:.0f} MB/s "
                      f"({values['mb_per_s'] / values['copy_mb_per_s']:.2f} of it)")

    return row, measure


FAULTS = (
    ("P17", "leader killed (kill -9)", replication.kill_leader, 2),
    ("P17", "leader paused (SIGSTOP)", replication.pause_leader, 6),
    ("P17", "controller killed (kill -9)", replication.kill_controller, 2),
    ("P17", "rolling restart of three (SIGTERM)", replication.rolling_restart, 1),
)


def gap_row(figure, name, fault, limit):
    row = Row(figure, f"replication: {name}: longest gap between acknowledgements, p50 / p99 / max")

    def measure(bench, into):
        values = into.values = replication.gaps(bench, fault)
        numbers = " / ".join(f"{values[key] / 1e3:.2f}" for key in ("p50_ms", "p99_ms", "max_ms"))
        into.measured = f"{numbers} s of {values['rounds']}; {values['errors']} errors"
        into.must = f"{limit} s at p99, no errors"
        into.judge(values["p99_ms"] / 1e3, limit, False)
        if values["errors"]:
            into.stands = f"an error reached the writer: {values['first_error']}"

    return row, measure


def many_rows(partitions):
    """Four rows of one measurement, which is made by the first that is asked for."""
    found = {}

    def known(bench):
        if not found:
            found.update(replication.many_partitions(bench, partitions))
        return found

    def row(figure, what, fill):
        made = Row(figure, f"replication: {partitions:,} partitions on three brokers: {what}")

        def measure(bench, into):
            into.values = known(bench)
            fill(into, into.values)

        return made, measure

    def memory(into, values):
        into.measured = (f"{values['full_bytes'] / 1e6:.0f} MB a broker, "
                         f"{values['per_partition_bytes'] / KIB:.1f} KiB a replica")
        into.must = "20 KiB"
        into.judge(values["per_partition_bytes"], 20 * KIB, False)

    def idle(into, values):
        into.measured = f"{values['idle_cpu_share']:.1%} of a processor, three brokers together"
        into.must = "2 % (1,000 partitions)"
        if values["partitions"] <= 1000:
            into.judge(values["idle_cpu_share"], 0.02, False)

    def create(into, values):
        into.measured = f"{values['create_seconds']:.2f} s, in sync {values['whole_seconds']:.2f} s later"

    def elect(into, values):
        into.measured = (f"{values['elect_seconds']:.2f} s ({values['led']} led), "
                         f"the first after {values['elect_first_seconds']:.2f} s")
        into.must = "2 s"
        into.judge(values["elect_seconds"], 2, False)

    def restart(into, values):
        into.measured = f"{values['restart_seconds']:.2f} s in sync, ready after {values['ready_seconds']:.2f} s"
        into.must = "2 s to the first answer"
        into.judge(values["ready_seconds"], 2, False)

    return [row("P15", "memory", memory), row("P18", "idle CPU", idle), row("P19", "time to create", create),
            row("P19", "new leaders after kill -9 of one broker", elect),
            row("P16", "that broker started again", restart)]


def rows(chosen):
    made = [produce_row(how, size, flush) for how in ("batches", "records")
            for size in (100, 1024) for flush in ("os", "synced")]
    made += [latency_row(flush) for flush in ("os", "synced")]
    made += [catch_up_row(flush, chosen.catch_up_gb) for flush in (("os", "synced") if chosen.full else ("synced",))]
    made += [gap_row(*fault) for fault in FAULTS]
    return made + many_rows(chosen.cluster_partitions)
