"""N brokers that are one cluster, each with its own network namespace and disk."""
import base64
import contextlib
import subprocess
import time
import uuid

from parts.processes import Failed, check

from . import questions
from .disk import Disk
from .network import Network, address
from .node import ADMIN_PORT, PORT, Node

CONFIG = """node.id: {node}
cluster.id: {cluster}
log.dir: {data}
listeners:
  - {{name: plain, address: '{address}:{port}'}}
admin.address: '{address}:{admin}'
controller.quorum.voters: {voters}
broker.principals: ['User:ANONYMOUS']
auto.create.topics.enable: false
group.initial.rebalance.delay.ms: 100
log.segment.delete.delay.ms: 100
{extra}"""
PATIENCE = 0.05  # between two looks


def new_cluster_id():
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


class Cluster:
    """`spares` are places for more processes, numbered behind the brokers: network, disk, no voter."""

    def __init__(self, directory, binaries, brokers, megabytes, extra="", spares=0):
        self.directory, self.id, self.extra = directory, new_cluster_id(), extra
        self.binaries = binaries
        numbers = range(1, brokers + 1)
        self.network = Network(range(1, brokers + spares + 1))
        self.voters = [f"{n}@{address(n)}:{PORT}" for n in numbers]
        self.places = {}
        for n in self.network.nodes:
            disk = Disk(directory / f"disk{n}", megabytes)
            self.places[n] = Node(n, binaries / "sealane-broker", directory, disk)
            self.configure(n)
        self.nodes = {n: self.places[n] for n in numbers}

    def configure(self, number, **changes):
        """Writes the configuration file; `changes` are what this process is told otherwise."""
        node = self.places[number]
        values = {
            "node": number, "cluster": self.id, "data": node.disk.data, "address": address(number),
            "port": PORT, "admin": ADMIN_PORT, "voters": self.voters, "extra": self.extra,
        }  # fmt: skip
        node.config.write_text(CONFIG.format(**values | changes))

    @property
    def bootstrap(self):
        return ",".join(node.bootstrap for node in self.nodes.values())

    @property
    def all(self):
        return list(self.nodes.values())

    def start(self):
        for node in self.all:
            node.spawn()
        for node in self.all:
            node.wait_ready()

    def sealane(self, *arguments, of=None, timeout=90):
        """(exit code, what the user saw) of the command line against this cluster."""
        bootstrap = of.bootstrap if of else self.bootstrap
        command = [self.binaries / "sealane", *arguments, f"--bootstrap={bootstrap}",
                   f"--home={self.directory / 'home'}"]  # fmt: skip
        done = subprocess.run(
            [str(word) for word in command], capture_output=True, text=True, timeout=timeout,
            check=False,
        )  # fmt: skip
        return done.returncode, (done.stdout + done.stderr).strip()

    def close(self):
        for node in self.places.values():
            with contextlib.suppress(Exception):
                node.kill()

    def exited(self):
        """Nodes whose process ended although nobody ended it."""
        return [node for node in self.all if node.process is not None and not node.running()]

    def ask(self, question, of=None):
        """The answer of the node `of`, or of the first that answers; None when nobody does."""
        for node in [of] if of else self.all:
            with contextlib.suppress(OSError, RuntimeError), node.wire() as wire:
                return question(wire)
        return None

    def partitions(self, of=None):
        known = self.ask(questions.metadata, of)
        return known[2] if known else []

    def controller(self):
        """The active controller's number; the quorum's word, not what Metadata answers."""
        for node in self.all:
            if not node.running() or node.paused:
                continue
            if len(self.nodes) == 1:
                return node.number
            known = self.ask(questions.quorum, node)
            if known and known.leader in self.nodes:
                return known.leader
        return None

    def create_topic(self, name, partitions, configs=(), replicas=-1):
        self._create(name, lambda wire: questions.create_topic(
            wire, name, partitions, replicas, configs))  # fmt: skip

    def create_assigned(self, name, order, configs=()):
        """One partition, on these brokers, the first of which leads it."""
        self._create(name, lambda wire: questions.create_topic(
            wire, name, 1, 1, configs, order))  # fmt: skip

    def _create(self, name, question, seconds=30):
        codes = []

        def tried():
            codes.append(self.ask(question))
            return codes[-1] in (0, 36)  # 36: it is there already

        wait_until(f"topic {name} created", tried, seconds, lambda: f"answers {codes[-3:]}")

    def trouble(self):
        """Why the cluster is not whole, in words; empty when it is."""
        for node in self.all:
            if not node.running():
                return f"broker {node.number} does not run"
            status, text = node.page("/readyz")
            if status != 200:
                return f"broker {node.number} is not ready: {text.strip()[:200]}"
            known = self.ask(questions.metadata, node)
            if known is None:
                return f"broker {node.number} does not answer"
            if sorted(known[1]) != sorted(self.nodes):
                return f"broker {node.number} knows brokers {sorted(known[1])}"
            for part in known[2]:
                if part.leader < 0:
                    return f"{part.name} has no leader, says broker {node.number}"
                if sorted(part.isr) != sorted(part.replicas):
                    return f"{part.name} has in-sync replicas {part.isr} of {part.replicas}"
        return self._quorum_trouble() if len(self.nodes) > 1 else ""

    def _quorum_trouble(self):
        leader = self.controller()
        known = leader and self.ask(questions.quorum, self.nodes[leader])
        if not known:
            return "no active controller answers"
        behind = [n for n, end in known.ends.items() if end < known.high_watermark]
        if behind or sorted(known.ends) != sorted(self.nodes):
            return f"of the quorum, {known.ends} are behind {known.high_watermark}"
        return ""

    def wait_whole(self, seconds=60):
        """Every broker ready, every replica in sync, the quorum complete. Seconds that it took."""
        began, why = time.monotonic(), ["not asked"]

        def whole():
            why[0] = self.trouble()
            return not why[0]

        wait_until("the cluster whole", whole, seconds, lambda: why[0])
        return time.monotonic() - began

    def spread_leaders(self):
        """Every partition led by its first replica again, so that each broker leads some."""
        self.ask(questions.elect_leaders)

    def end_offsets(self, topic):
        """{partition number: high watermark}, from the leaders."""
        ends = {}
        for part in self.partitions():
            if part.topic == topic:
                leader = self.nodes.get(part.leader)
                check(leader is not None, f"{part.name} has no leader")
                ends[part.number] = self.ask(
                    lambda wire, part=part: questions.high_watermark(wire, part), leader
                )
        return ends


def wait_until(what, condition, seconds, why=lambda: ""):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(f"after {seconds} s still not: {what} ({why()})")
        time.sleep(PATIENCE)
