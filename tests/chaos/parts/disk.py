"""Damaged segments, torn tails, a full disk."""
import contextlib
import os
import shutil
import subprocess
import time

from . import wire
from .pair import Pair
from .processes import check, kcat_produce, kcat_read, line_with, pages, wait_for
from .wire import batch


def fill(broker, topic, batches, size=400, first=0):
    """That many batches of one record each; the values that were acknowledged."""
    values = []
    with broker.wire() as peer:
        for i in range(first, first + batches):
            value = f"{topic} {i} ".encode().ljust(size, b".")
            code, _ = peer.produce(topic, 0, batch([value]))
            if code != wire.NONE:
                raise RuntimeError(f"produce answers {code}")
            values.append(value.decode())
    return values


def create(bench, broker, *topics, configs=()):
    for topic in topics:
        bench.must(
            "topic", "create", topic, f"--bootstrap={broker.address()}",
            *[f"--config={config}" for config in configs],
        )  # fmt: skip


def segments(bench, data, topic):
    return sorted((bench.path(data) / f"{topic}-0").glob("*.log"))


def flip(file, at):
    with file.open("r+b") as log:
        log.seek(at)
        byte = log.read(1)
        log.seek(at)
        log.write(bytes([byte[0] ^ 0xFF]))


def same(bench, broker, topic, values):
    code, got, errors = kcat_read(bench, broker.address(), topic, "-q")
    check(code == 0, f"kcat: {errors}")
    check(got == values, f"{topic}: {len(got)} records instead of {len(values)}, or others")


def read_damage(bench, report):
    broker = bench.broker("flipped").start()
    create(bench, broker, "hurt", "whole", configs=["segment.bytes=16384"])
    values = {topic: fill(broker, topic, 200) for topic in ("hurt", "whole")}
    broker.stop()
    with report.case("disk", "a byte flipped in an old segment", "clean stop, flip, start") as saw:
        logs = segments(bench, "flipped-data", "hurt")
        check(len(logs) > 3, "no old segments")
        flip(logs[1], logs[1].stat().st_size // 2)
        broker.start()
        same(bench, broker, "whole", values["whole"])
        mark = len(broker.logged())
        code, out = bench.sealane(
            "topic", "consume", "hurt", f"--bootstrap={broker.address()}", "--exit", "--timeout=8s"
        )
        got = [line for line in out.splitlines() if line.startswith("hurt ")]
        check(got == values["hurt"][: len(got)], "records out of order")
        check(0 < len(got) < 200, f"{len(got)} records were shown")
        check(code != 0, "the consumer believes that it saw everything")
        saw("sealane: " + line_with(out, "CORRUPT_MESSAGE|corrupt"))
        saw("broker: " + line_with(broker.logged()[mark:], "records cannot be read", "hurt-0", r"\.log"))
    with report.case("disk", "kcat at the damaged batch", "consumes the same topic") as saw:
        done = subprocess.run(
            ["timeout", "6", "kcat", "-b", broker.address(), "-C", "-t", "hurt", "-e", "-o",
             "beginning", "-X", "check.crcs=true"],
            text=True, capture_output=True, check=False,
        )  # fmt: skip
        got = done.stdout.splitlines()
        check(0 < len(got) < 200, f"{len(got)} records were shown: the damage was passed over")
        saw(line_with(done.stderr, "rror|ERROR|CRC|orrupt"))
        broker.alive()
    with report.case("disk", "writing behind the damage", "produce to the same topic"):
        fill(broker, "hurt", 5)
        broker.stop()


def recovery_damage(bench, report):
    broker = bench.broker("crashed").start()
    create(bench, broker, "hurt", "torn", "whole", configs=["segment.bytes=16384"])
    values = {topic: fill(broker, topic, 200) for topic in ("hurt", "torn", "whole")}
    checkpoint = bench.path("crashed-data") / "recovery-point-offset-checkpoint"
    wait_for(
        "the checkpoint", lambda: all(f"{t} 0 200" in checkpoint.read_text() for t in values), 15
    )
    more = fill(broker, "torn", 20, first=200)
    broker.kill()
    hurt = segments(bench, "crashed-data", "hurt")[-1]
    size = hurt.stat().st_size
    flip(hurt, size - 100)  # recovery looks at what lies behind the last index entry
    tail = segments(bench, "crashed-data", "torn")[-1]
    with tail.open("ab") as log:
        log.write(batch([b"never acknowledged" * 20])[:200])
    mark = len(broker.logged())
    broker.start()
    with report.case("disk", "torn tail", "kill -9, half a batch at the end, start") as saw:
        saw(line_with(broker.logged()[mark:], "torn", "cut|torn end|truncat"))
        same(bench, broker, "torn", values["torn"] + more)
        check(fill(broker, "torn", 3, first=220), "it takes no more")
    with report.case("disk", "damage below the recovery point", "kill -9, flip, start") as saw:
        saw(line_with(broker.logged()[mark:], "hurt-0", "offline|damage|corrupt"))
        same(bench, broker, "whole", values["whole"])
        fill(broker, "whole", 3)
        with broker.wire() as peer:
            code, _ = peer.produce("hurt", 0, batch([b"x"]))
        check(code == wire.STORAGE_ERROR, f"a produce answers {code}, not KAFKA_STORAGE_ERROR")
        code, out = kcat_produce(
            bench, broker.address(), "hurt", ["x"], "-X", "message.timeout.ms=3000", "-X", "retries=0"
        )
        check(code != 0, "kcat believes that it wrote")
        saw("kcat: " + line_with(out, "elivery failed.*Disk error"))
        broker.alive()
    with report.case("disk", "the damaged file", "bytes that could be needed are still there"):
        check(hurt.stat().st_size == size, "the segment was cut")
        broker.stop()


def run(bench, report):
    read_damage(bench, report)
    recovery_damage(bench, report)


@contextlib.contextmanager
def small_disk(bench, name):
    """A file system of 24 MB; None, with the reason, where none can be mounted."""
    mount = bench.path(name)
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=755", "sealane-bad-days", mount]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    try:
        yield (mount, "") if made.returncode == 0 else (None, made.stderr.strip())
    finally:
        if made.returncode == 0:
            subprocess.run(["umount", mount], check=False)
        shutil.rmtree(mount, ignore_errors=True)


def fill_up(mount):
    """Takes every free block; the file that holds them."""
    ballast = mount / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    return ballast


def full(bench, report):
    if os.geteuid() != 0:
        return report.skip("disk", "full disk", "mounting a small file system needs root")
    with small_disk(bench, "small") as (mount, why):
        if mount is None:
            return report.skip("disk", "full disk", f"mount: {why}")
        broker = bench.broker("small-disk", data=mount / "data").start()
        try:
            on_small_disk(bench, report, broker, mount)
        finally:
            broker.kill()
    with small_disk(bench, "small-target") as (mount, why):
        if mount is None:
            return report.skip("disk", "full target", f"mount: {why}")
        full_target(bench, report, mount)
    return None


def on_small_disk(bench, report, broker, mount):
    create(bench, broker, "t")
    before, acknowledged, late = fill(broker, "t", 50), [], []
    with report.case("disk", "full disk", "24 MB, filled to the last byte, produce") as saw:
        ballast, code = fill_up(mount), wire.NONE
        with broker.wire() as peer:
            for i in range(200):
                value = f"tight {i} ".encode().ljust(2000, b".")
                code, _ = peer.produce("t", 0, batch([value]))
                if code != wire.NONE:
                    break
                acknowledged.append(value.decode())
        check(code == wire.STORAGE_ERROR, f"answers {code}, not KAFKA_STORAGE_ERROR")
        saw("56 KAFKA_STORAGE_ERROR")
        saw("broker: " + line_with(broker.logged(), "write refused", "space"))
        out = kcat_produce(
            bench, broker.address(), "t", ["k" * 5000], "-X", "message.timeout.ms=3000",
            "-X", "retries=0",
        )  # fmt: skip
        check(out[0] != 0, "kcat believes that it wrote")
        saw("kcat: " + line_with(out[1], "elivery failed.*Disk error"))
        broker.alive()
        same(bench, broker, "t", before + acknowledged)
    with report.case("disk", "a topic on a full disk", "create one: its files do not fit") as saw:
        code, out = bench.sealane(
            "topic", "create", "squeezed", f"--bootstrap={broker.address()}", "--timeout=3s"
        )
        check(code != 0, "the command believes that the topic is there")
        saw("sealane: " + out.strip())
        saw("broker: " + line_with(broker.logged(), "squeezed", "space"))
        broker.alive()
        same(bench, broker, "t", before + acknowledged)
    with report.case("disk", "room again", "the ballast removed, nothing restarted") as saw:
        began = time.monotonic()
        ballast.unlink()
        late = wait_for("an acknowledged write", lambda: fill(broker, "t", 1, first=900), 15)
        saw(f"takes records again after {time.monotonic() - began:.1f} s")
        same(bench, broker, "t", before + acknowledged + late)
        broker.alive()
    with report.case("disk", "topics after a full disk", "that one, and another: no restart"):
        create(bench, broker, "later")
        fill(broker, "later", 3)
        if "squeezed" not in bench.must("topic", "list", f"--bootstrap={broker.address()}"):
            create(bench, broker, "squeezed")
        wait_for("room for the squeezed topic", lambda: fill(broker, "squeezed", 1), 15)
    with report.case("disk", "after a full disk", "kill -9, start: all acknowledged is there"):
        broker.kill()
        broker.start()
        same(bench, broker, "t", before + acknowledged + late)
        broker.stop()


def full_target(bench, report, mount):
    pair = Pair(bench, [("copy", "replica", "r.*", "stop")], target_data=mount / "data")
    pair.create("r.log")
    values = fill(pair.source, "r.log", 50)
    pair.wait_copied("copy", "r.log", 50)
    with report.case("disk", "target of a mirror full", "filled, 500 more records come") as saw:
        ballast = fill_up(mount)
        values += fill(pair.source, "r.log", 500, first=50, size=2000)
        found = wait_for(
            "the trouble on the mirror's page",
            lambda: (p := pair.partition("copy", "r.log"))["verdict"] == "STALLED"
            and "space" in p["trouble"] and p,
        )  # fmt: skip
        link = pages(pair.writer)["copy"]
        saw(f"{link['verdict']}: {link['cause']}")
        check("space" in link["cause"], f"the link's cause is '{link['cause']}'")
        check(found["position"] < 550, "it says that all is copied")
        pair.target.alive()
    with report.case("disk", "target has room again", "nothing restarted, no resume asked") as saw:
        ballast.unlink()
        pair.wait_copied("copy", "r.log", 550, seconds=30)
        same(bench, pair.target, "r.log", values)
        saw(pair.verify("copy").splitlines()[-1])
    for daemon in pair.all:
        daemon.kill()
