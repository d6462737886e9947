"""kill -9 of each process again and again while an idempotent producer writes."""
import os
import random
import subprocess
import threading
import time

from .pair import Pair
from .processes import check, kcat_read, wait_for

ROUNDS = int(os.environ.get("SEALANE_KILL_ROUNDS", "5"))
PACE = 0.01  # between bunches
BUNCH = 20


class Writer:
    """kcat with an idempotent producer, fed line by line until told to end."""

    def __init__(self, address, topic):
        self.topic, self.lines, self.ending = topic, [], threading.Event()
        self.kcat = subprocess.Popen(
            ["kcat", "-E", "-b", address, "-P", "-t", topic, "-p", "0", "-X", "enable.idempotence=true",
             "-X", "message.timeout.ms=90000", "-X", "linger.ms=5", "-X",
             "reconnect.backoff.max.ms=200", "-X", "socket.connection.setup.timeout.ms=2000"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.thread = threading.Thread(target=self._feed, daemon=True)
        self.thread.start()

    def _feed(self):
        try:
            while not self.ending.is_set():
                for _ in range(BUNCH):
                    self.lines.append(f"{self.topic} record {len(self.lines)}")
                    self.kcat.stdin.write(self.lines[-1] + "\n")
                self.kcat.stdin.flush()
                time.sleep(PACE)
        except OSError:
            pass  # kcat gave up; finish() tells

    def finish(self):
        """All lines, each acknowledged: kcat says so by exit code 0."""
        self.ending.set()
        self.thread.join(20)
        _, errors = self.kcat.communicate(timeout=120)
        check(self.kcat.returncode == 0, f"kcat lost records: {errors.strip()[-400:]}")
        check("elivery failed" not in errors, f"kcat: {errors.strip()[-400:]}")
        return self.lines


def exactly(bench, address, topic, lines, where):
    code, got, errors = kcat_read(bench, address, topic, "-q", timeout=90)
    check(code == 0, f"kcat at the {where}: {errors[-300:]}")
    if got == lines:
        return
    missing, extra = set(lines) - set(got), len(got) - len(set(got))
    raise RuntimeError(
        f"{where} {topic}: {len(got)} records for {len(lines)} acknowledged; {len(missing)} lost, "
        f"{extra} doubled, order {'kept' if sorted(got) == sorted(lines) else 'unknown'}"
    )


def run(bench, report):
    pair = Pair(bench, [("merge", "aggregate", "a.*", "stop"), ("copy", "replica", "r.*", "stop")])
    pair.create("a.log", "r.log")
    topics = {"merge": "a.log", "copy": "r.log"}
    writers = {link: Writer(pair.source.address(), topic) for link, topic in topics.items()}
    rng = random.Random()
    names = {"source": "source broker", "reader": "mirror, consumer halves",
             "writer": "mirror, producer halves", "target": "target broker"}  # fmt: skip
    try:
        wait_for("first records copied", lambda: pair.partition("merge", "a.log")["position"] > 0)
        wait_for("first records copied", lambda: pair.partition("copy", "r.log")["position"] > 0)
        for name, what in names.items():
            daemon = getattr(pair, name)
            with report.case("kills", f"kill -9 of the {what}", f"{ROUNDS} times, records flow") as saw:
                for _ in range(ROUNDS):
                    daemon.kill()
                    time.sleep(rng.uniform(0, 0.5))
                    daemon.start()
                    time.sleep(rng.uniform(0, 1))
                began = time.monotonic()
                with pair.source.wire() as wire:
                    ends = {topic: wire.end_offset(topic) for topic in topics.values()}
                for link, topic in topics.items():
                    pair.wait_copied(link, topic, ends[topic], seconds=30)
                saw(f"both links caught up {time.monotonic() - began:.1f} s after the last one")
        with report.case("kills", "kill -9 of all four at once", "once, records flow") as saw:
            for daemon in pair.all:
                daemon.kill()
            for daemon in pair.all:
                daemon.start()
            with pair.source.wire() as wire:
                end = wire.end_offset("a.log")
            pair.wait_copied("merge", "a.log", end, seconds=30)
    finally:
        for writer in writers.values():
            writer.ending.set()
    for link, topic in topics.items():
        kind = "aggregate" if link == "merge" else "replica"
        with report.case("kills", f"nothing lost or doubled: {kind}", "source is what was written") as saw:
            lines = writers[link].finish()
            exactly(bench, pair.source.address(), topic, lines, "source")
            saw(f"{len(lines)} acknowledged, {len(lines)} in the source, in order")
            pair.wait_copied(link, topic, len(lines), seconds=40)
            target = f"all.{topic}" if link == "merge" else topic
            exactly(bench, pair.target.address(), target, lines, "target")
            saw(pair.verify(link).splitlines()[-1])
    with report.case("kills", "no gap noted", "the ledger stays empty"):
        check(pair.writer.admin("/gaps").split() == ["[", "]"], pair.writer.admin("/gaps"))
