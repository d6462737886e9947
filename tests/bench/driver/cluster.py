"""Three brokers that are one cluster, as processes on loopback, and a writer that says how long it
was not acknowledged. The questions and the writer are those of tests/chaos."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from driver.daemons import PARTITIONS, Daemon, Failed

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "chaos"))

from cluster import questions  # noqa: E402
from parts.wire import Wire  # noqa: E402
from workload.history import now  # noqa: E402

BROKERS = 3
CLUSTER_ID = "AQIDBAUGBwgJCgsMDQ4PEA"
LOOK = 0.02  # between two looks at what only polling can tell


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def wait_until(what, condition, seconds):
    """Seconds until it holds; `condition` answers what is missing, or nothing."""
    began = time.monotonic()
    while missing := condition():
        if time.monotonic() - began > seconds:
            raise Failed(f"after {seconds} s still not {what}: {missing}")
        time.sleep(LOOK)
    return time.monotonic() - began


class Node(Daemon):
    def __init__(self, binary, directory, number, ports):
        super().__init__([binary, f"--config={directory}/broker.yaml", "--log_level=warning"], directory)
        self.number, self.address = number, f"127.0.0.1:{ports[number - 1]}"
        voters = ", ".join(f'"{i + 1}@127.0.0.1:{port}"' for i, port in enumerate(ports))
        with open(f"{directory}/broker.yaml", "w", encoding="utf-8") as config:
            config.write(
                f"node.id: {number}\ncluster.id: {CLUSTER_ID}\nlog.dir: {directory}/data\n"
                f"controller.quorum.voters: [{voters}]\nbroker.principals: [\"User:ANONYMOUS\"]\n"
                f"listeners:\n  - {{name: plain, address: {self.address}}}\n"
            )

    def wire(self, timeout=2):
        return Wire(self.address, timeout=timeout)


class Cluster:
    """A context: up and whole when it is entered, gone when it is left."""

    def __init__(self, bench):
        self.directory = tempfile.mkdtemp(prefix="cluster-", dir=bench.directory)
        ports = free_ports(BROKERS)
        self.nodes = {n: Node(f"{bench.programs}/sealane-broker", f"{self.directory}/{n}", n, ports)
                      for n in range(1, BROKERS + 1)}
        self.bench = bench

    def __enter__(self):
        try:
            for node in self.all:
                node.spawn()
            for node in self.all:
                node.wait_ready()
            self.wait_whole()
        except Exception:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in self.running:
            node.send(signal.SIGKILL)  # nothing is measured any more
        for node in self.all:
            node.end()
        if "SEALANE_KEEP" not in os.environ:
            shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def all(self):
        return list(self.nodes.values())

    @property
    def running(self):
        return [node for node in self.all if node.process is not None and node.process.poll() is None]

    def bootstrap(self):
        return ",".join(node.address for node in self.all)

    def flags(self, _tls=False):
        return [f"--bootstrap={self.bootstrap()}"]

    def cpu_seconds(self):
        return sum(node.cpu_seconds() for node in self.running)

    def ask(self, question, of=None):
        """The answer of one node, or of the first that answers; None when nobody does."""
        for node in [of] if of else self.running:
            with contextlib.suppress(OSError, RuntimeError), node.wire() as wire:
                return question(wire)
        return None

    def partitions(self, of=None):
        known = self.ask(questions.metadata, of)
        return known[2] if known else []

    def controller(self):
        for node in self.running:
            known = self.ask(questions.quorum, node)
            if known and known.leader in self.nodes:
                return self.nodes[known.leader]
        raise Failed("no active controller")

    def leader(self, topic="bench"):
        """A broker that leads partitions of the topic, if possible not the controller."""
        controller = self.controller().number
        leaders = sorted({part.leader for part in self.partitions() if part.topic == topic})
        return self.nodes[([n for n in leaders if n != controller] or leaders)[0]]

    def _trouble(self):
        for node in self.running:
            known = self.ask(questions.metadata, node)
            if known is None:
                return f"an answer of broker {node.number}"
            if sorted(known[1]) != sorted(self.nodes):
                return f"broker {node.number} knows brokers {sorted(known[1])}"
            for part in known[2]:
                if part.leader < 0 or sorted(part.isr) != sorted(part.replicas):
                    return f"{part.name} is led by {part.leader}, in sync {part.isr} of {part.replicas}"
        quorum = self.ask(questions.quorum, self.controller())
        behind = quorum is None or min(quorum.ends.values()) < quorum.high_watermark
        return "every voter up to the quorum's end" if behind else ""

    def wait_whole(self, seconds=120):
        """Every broker known, every replica in sync, as every broker sees it."""
        return wait_until("whole", self._trouble, seconds)

    def spread_leaders(self):
        """Every partition led by its first replica again."""
        self.ask(questions.elect_leaders)
        self.wait_whole()


class Writer:
    """Our own client as an idempotent writer with acks=all at a fixed rate; a context."""

    GAP_TOLD_MS = 100  # it keeps shorter gaps for itself

    def __init__(self, cluster, topic="bench", rate=2000):
        self.gaps, self.errors, self.oldest = [], [], 0
        at = cluster.directory
        with open(f"{at}/writer.err", "wb") as err:
            self.process = subprocess.Popen(
                [f"{cluster.bench.programs}/sealane-chaos-client", *cluster.flags(), f"--topic={topic}",
                 f"--partitions={PARTITIONS}", f"--rate={rate}", f"--history={at}/writer.history", "write"],
                stdout=subprocess.PIPE, stderr=err, text=True)
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self):
        for line in self.process.stdout:
            word, _, rest = line.strip().partition(" ")
            if word == "gap":
                _, begin, end = map(int, rest.split())
                self.gaps.append((begin, end))
            elif word == "error":
                self.errors.append(rest)
            elif word == "oldest":
                self.oldest = int(rest)

    def settle(self, seconds=60):
        """Until every partition was acknowledged after this call."""
        since = now()
        wait_until("acknowledged on every partition",
                   lambda: "" if self.oldest > since else "some partition waits", seconds)

    def longest_gap_ms(self, since):
        """Of the gaps that were not over at `since`; none: as long as those it does not tell."""
        return max([(end - begin) / 1e6 for begin, end in self.gaps if end > since],
                   default=self.GAP_TOLD_MS)

    def __enter__(self):
        self.settle()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(90)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.listener.join(5)
        self.process.stdout.close()
