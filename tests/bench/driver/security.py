"""What strangers cost: idle TLS connections, peers that announce much or send a byte now and then,
and access control. Measurements and rows."""

import json
import os
import subprocess
import time

from driver.crowd import Held, SlowPeers, allow_files
from driver.daemons import PARTITIONS, Failed
from driver.table import Row

KIB = 1024
MIB = 1 << 20
SETTLE = 1.0
ANNOUNCED = 100 * MIB  # socket.request.max.bytes is that, so it is not refused
DRIP_PAUSE = 5.0


def _room_for(count):
    return f"max.connections: {count + 1000}\nmax.connections.per.ip: {count + 1000}\n"


def _sasl_listener(bench):
    secret = f"{bench.directory}/secret"
    for path, text in ((f"{bench.directory}/users", "alice plain:wonderland\n"), (secret, "wonderland")):
        with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(text)
    tls = bench.domain.server_yaml()[:-1] + ", client.auth: none}"
    listener = (f"  - {{name: users, address: 127.0.0.1:0, tls: {tls}, "
                f"sasl: {{enabled.mechanisms: [PLAIN], plain.users.file: {bench.directory}/users}}}}\n")
    return listener, ["--sasl_user=alice", f"--sasl_secret_file={secret}"]


def idle_connections(bench, count, sasl):
    """RSS of the broker before, with a first fifth, and with all: the slope between the last two."""
    allow_files(count)

    def once():
        listener, login = _sasl_listener(bench) if sasl else ("", [])
        with bench.broker(more=_room_for(count), listeners=listener) as broker:
            where = broker.flags(True)
            if sasl:
                where = [f"--bootstrap={broker.address('users')}", *where[1:], *login]
            broker.first_answer()
            time.sleep(SETTLE)
            few = count // 5
            with Held(bench, where, few) as first:
                time.sleep(SETTLE)
                some = broker.memory_bytes()
                cpu = broker.cpu_seconds()
                with Held(bench, where, count - few) as rest:
                    cpu = broker.cpu_seconds() - cpu
                    time.sleep(SETTLE)
                    full = broker.memory_bytes()
                    busy = broker.cpu_seconds()
                    time.sleep(3)
                    busy = (broker.cpu_seconds() - busy) / 3
                    first.check()
                    rest.check()
            return {"connections": count, "bytes_each": (full - some) / (count - few),
                    "per_s": rest.opened["connections_per_s"], "seconds": rest.opened["seconds"],
                    "open_p50_ms": rest.opened["p50_ms"], "open_p99_ms": rest.opened["p99_ms"],
                    "broker_cpu_ms_each": cpu * 1e3 / (count - few), "idle_cpu_share": busy}

    return bench.rounds(once)


def _latency(bench, broker, seconds):
    flags = [*broker.flags(False), "--record_bytes=100", "--rate=1000", f"--seconds={seconds}"]
    return bench.run("native", flags, "latency")


def slow_peers(bench, count, pause, idle=0):
    """Latency of a writer before and while they are there; the broker's memory; how long each lived.
    `idle`: TLS connections that are there all the time."""
    allow_files(count + idle)

    def once():
        with bench.broker(more=_room_for(count + idle)) as broker:
            bench.create(broker, "os", partitions=1)
            if idle:
                with Held(bench, broker.flags(True), idle) as held:
                    found = attacked(broker)
                    held.check()
                return found
            return attacked(broker)

    def attacked(broker):
        _latency(bench, broker, 1)
        before = _latency(bench, broker, bench.options.seconds)
        empty = broker.memory_bytes()
        cpu = broker.cpu_seconds()
        with SlowPeers(broker.address("plain"), count, ANNOUNCED, pause) as peers:
            peers.wait_there()
            during = _latency(bench, broker, bench.options.seconds)
            grown = broker.memory_bytes() - empty
            left = peers.wait_closed(60)
            lived = sorted(peers.lived)
            refused = peers.refused
        return {"peers": count, "before_p50_ms": before["p50_ms"], "before_p99_ms": before["p99_ms"],
                "during_p50_ms": during["p50_ms"], "during_p99_ms": during["p99_ms"],
                "grown_bytes": grown, "left": left, "refused": refused,
                "broker_cpu_s": broker.cpu_seconds() - cpu,
                "lived_first_s": lived[0] if lived else 0, "lived_last_s": lived[-1] if lived else 0}

    return bench.rounds(once)


AUTHORIZER = "authorizer.class.name: org.apache.kafka.metadata.authorizer.StandardAuthorizer\n"


def decisions(bench):
    """Nanoseconds of the processor a question, by kind of entry and number of entries."""
    try:
        done = subprocess.run([f"{bench.programs}/acl_bench", "--benchmark_format=json", "--benchmark_min_time=0.3"],
                              capture_output=True, text=True, timeout=120, check=True)
    except FileNotFoundError as gone:
        raise Failed(f"{gone.filename} is not built") from gone
    return {one["name"]: one["cpu_time"] for one in json.loads(done.stdout)["benchmarks"]}


def authorized_produce(bench, acls, record_bytes=100):
    """The same load with an authorizer that looks at each request, and without, in turn."""
    def load(more, trusted):
        with bench.broker(more=more, trusted=trusted) as broker:
            bench.run("native", [*broker.flags(True), f"--partitions={PARTITIONS}", "--flush=os"], "create")
            if more:
                bench.run("native", [*broker.flags(True), f"--acls={acls}"], "create-acls")
            flags = [*broker.flags(False), f"--partitions={PARTITIONS}", "--acks=1", "--batch_bytes=16384",
                     f"--record_bytes={record_bytes}", f"--total_mb={bench.options.mb}"]
            before = broker.cpu_seconds()
            found = bench.run("native", flags, "produce-batches")
            found["broker_cpu_s_per_gb"] = (broker.cpu_seconds() - before) * 1e9 / found["bytes"]
        return found

    def once():
        free = load("", '"User:ANONYMOUS", "User:CN=client"')
        held = load(AUTHORIZER, '"User:CN=client"')
        return {**held, **{f"free_{key}": value for key, value in free.items()}}

    return bench.rounds(once)


def decisions_row():
    row = Row("", "security: decisions of the authorizer a second a core, 10 / 1,000 / 10,000 entries")

    def measure(bench, into):
        values = into.values = decisions(bench)
        kinds = []
        for kind in ("literal", "prefixed", "nobody_named"):
            each = " / ".join(f"{1e3 / values[f'{kind}/{size}']:.1f}" for size in (10, 1000, 10_000))
            kinds.append(f"{kind.replace('_', ' ')} {each} M")
        into.measured = "; ".join(kinds)

    return row, measure


def authorized_row(acls):
    row = Row("", f"security: produce 100 B in batches of 16 KiB, authorizer with {acls:,} entries")

    def measure(bench, into):
        values = into.values = authorized_produce(bench, acls)
        into.measured = (f"{values['records_per_s'] / 1e6:.2f} M/s, broker {values['broker_cpu_s_per_gb']:.2f} s/GB")
        into.limit = (f"without: {values['free_records_per_s'] / 1e6:.2f} M/s, "
                      f"{values['free_broker_cpu_s_per_gb']:.2f} s/GB "
                      f"({values['records_per_s'] / values['free_records_per_s']:.2f} of it)")

    return row, measure


def idle_row(count, sasl):
    row = Row("R8", f"security: memory of an idle connection, {'SASL_SSL' if sasl else 'mutual TLS'}, of {count:,}")

    def measure(bench, into):
        values = into.values = idle_connections(bench, count, sasl)
        into.measured = (f"{values['bytes_each'] / KIB:.1f} KiB; opened {values['per_s']:.0f}/s "
                         f"({values['open_p50_ms']:.0f} / {values['open_p99_ms']:.0f} ms), broker "
                         f"{values['broker_cpu_ms_each']:.2f} CPU ms each; then {values['idle_cpu_share']:.1%} CPU")
        into.limit = "~950-980 mutual handshakes/s a core"
        into.must = "32 KiB"
        into.judge(values["bytes_each"], 32 * KIB, False)

    return row, measure


def slow_row(count, pause, idle):
    what = f"a byte each {pause:g} s" if pause else f"{ANNOUNCED // MIB} MiB announced"
    beside = f", {idle:,} idle TLS" if idle else ""
    row = Row("R8" if pause else "R9", f"security: {count:,} peers, {what}{beside}: others' p99 before / during")

    def measure(bench, into):
        values = into.values = slow_peers(bench, count, pause, idle)
        share = values["during_p99_ms"] / max(values["before_p99_ms"], 1e-6)
        into.measured = (f"{values['before_p99_ms']:.2f} / {values['during_p99_ms']:.2f} ms ({share:.2f} x); "
                         f"memory +{values['grown_bytes'] / MIB:.1f} MiB; closed after "
                         f"{values['lived_first_s']:.1f}-{values['lived_last_s']:.1f} s, {values['left']:.0f} left")
        if values["refused"]:
            into.measured += f", {values['refused']:.0f} refused"
        into.must = "1.1 x, closed within 11 s" if pause else "100 MiB, 1.1 x"
        over = [share / 1.1, values["grown_bytes"] / (100 * MIB), 1 + values["left"]]
        if pause:
            over.append(values["lived_last_s"] / 11)
        into.judge(max(over), 1, False)

    return row, measure


def rows(chosen):
    count = chosen.connections
    return [idle_row(count, False), idle_row(count, True), slow_row(count, None, 0), slow_row(count, DRIP_PAUSE, 0),
            slow_row(count * 2 // 5, DRIP_PAUSE, count), decisions_row(), authorized_row(10_000)]
