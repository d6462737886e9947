"""Transactions of librdkafka beside the same records of an idempotent producer, on the same broker in
the same run. Measurements and rows."""

from driver.daemons import PARTITIONS
from driver.table import Row


def side_by_side(bench, flush, records, count):
    def load(broker, what):
        flags = [*broker.flags(False), f"--partitions={PARTITIONS}", "--record_bytes=100",
                 f"--records_per_transaction={records}", f"--transactions={count}"]
        before = broker.cpu_seconds()
        found = bench.run("rdkafka", flags, what)
        found["broker_cpu_ms_each"] = (broker.cpu_seconds() - before) * 1e3 / count
        return found

    def once():
        with bench.broker() as broker:
            bench.create(broker, flush)
            load(broker, "idempotent-waiting")  # topics of the coordinator, first segments
            load(broker, "transactions")
            found = load(broker, "transactions")
            waiting = load(broker, "idempotent-waiting")
            free = load(broker, "idempotent")
        for name, other in (("waiting", waiting), ("free", free)):
            found.update({f"{name}_{key}": value for key, value in other.items()})
        return found

    return bench.rounds(once)


def row(flush, records, count):
    made = Row("", f"transactions of {records:,} x 100 B, {flush}, librdkafka: each second, commit p50 / p99")

    def measure(bench, into):
        values = into.values = side_by_side(bench, flush, records, count)
        share = values["records_per_s"] / values["free_records_per_s"]
        into.measured = (f"{values['transactions_per_s']:.0f}/s, {values['records_per_s'] / 1e3:.0f} k records/s; "
                         f"{values['commit_p50_ms']:.2f} / {values['commit_p99_ms']:.2f} ms; "
                         f"broker {values['broker_cpu_ms_each']:.2f} CPU ms each")
        into.limit = (f"idempotent, waiting as often: {values['waiting_transactions_per_s']:.0f}/s, "
                      f"{values['waiting_commit_p50_ms']:.2f} / {values['waiting_commit_p99_ms']:.2f} ms; "
                      f"not waiting: {values['free_records_per_s'] / 1e3:.0f} k records/s ({share:.2f} of it)")

    return made, measure


def rows(chosen):
    short = {100: 300, 1000: 100}
    return [row(flush, records, count * (5 if chosen.full else 1))
            for flush in ("os", "synced") for records, count in short.items()]
