"""One case of the corruption matrix: a partition with acknowledged records, damage to one replica, and
what became of it. The verdicts:

    repaired   the node said what it found, and its files equal its peers' again
    refused    the node did not start and said why; only kinds where README.md allows it
    harmless   nothing wrong was served and the files are right, without a word
    n/a        cannot be done here
    SILENT     something wrong was served, or acknowledged records are gone
    STUCK      detected, and not repaired although healthy peers exist
"""
import dataclasses
import re
import shutil
import subprocess
import time

from parts.processes import Failed

from . import damage, questions, replicas
from .cluster import wait_until
from .ledger import Ledger, Silent

GOOD = {"repaired", "refused", "harmless", "n/a"}
REPAIR_WITHIN = 40  # seconds
SEGMENT = [("segment.bytes", "2048"), ("index.interval.bytes", "512"), ("file.delete.delay.ms", "0")]
FOUND = re.compile(
    r"damag|corrupt|torn|rebuil|mismatch|differ|offline|missing|invalid|discard|unclean|behind|"
    r"recover|trunc|repair|lost|gone|empty|wiped|wrong|not match|cannot be read|snapshot", re.I
)  # fmt: skip


class Lost(Exception):
    """The cluster is well, and lacks what it acknowledged."""


@dataclasses.dataclass
class Outcome:
    verdict: str
    did: str  # what was damaged
    words: str  # what the node said, or what went wrong


class Case:
    def __init__(self, cluster, number, kind, state, role, rng):
        self.cluster, self.kind, self.state, self.role, self.rng = cluster, kind, state, role, rng
        self.topic, self.other = f"hurt{number}", f"other{number}"
        self.early = cluster.directory / f"early{number}"
        self.did, self.refusal, self.mark = "", "", 0

    def run(self):
        try:
            self.prepare()
            self.hurt()
            return self.judge()
        except damage.NotHere as why:
            self.everybody_up()
            return Outcome("n/a", "", str(why))
        except Silent as wrong:
            return Outcome("SILENT", self.did, str(wrong))
        except Lost as gone:
            return Outcome("LOST", self.did, f"{gone}; it said: {self.found_words()}")
        except (Failed, subprocess.SubprocessError) as failure:
            if self.kind.may_refuse and not self.victim.running():
                return self.refused(str(failure))
            return Outcome("STUCK", self.did, f"{failure}; it said: {self.found_words()}")
        finally:
            shutil.rmtree(self.early, ignore_errors=True)

    # Before the damage.

    def choose_victim(self):
        nodes = sorted(self.cluster.nodes)
        if not self.kind.quorum:
            return self.rng.choice(nodes)
        controller = self.cluster.controller()
        if self.role == "leader":
            return controller
        return self.rng.choice([n for n in nodes if n != controller])

    def prepare(self):
        self.cluster.wait_whole()
        number = self.choose_victim()
        self.victim = self.cluster.nodes[number]
        peers = [n for n in self.cluster.nodes if n != number]
        order = [number, *peers] if self.role == "leader" else [peers[0], number, *peers[1:]]
        for topic in (self.topic, self.other):
            self.cluster.create_assigned(topic, order, SEGMENT)
        self.cluster.wait_whole()
        self.ledger, other = Ledger(self.cluster, self.topic), Ledger(self.cluster, self.other)
        self.ledger.write(12)
        other.write(24)
        self.victim.disk.copy_to(self.early)
        self.ledger.write(12)
        self.cluster.wait_whole()

    # The damage.

    def hurt(self):
        self.mark = len(self.victim.logged())
        if self.state == "clean":
            self.victim.stop()
        elif self.state == "killed":
            self.victim.kill()
        elif self.state == "outage":
            wait_until("durable offsets are noted", self.noted, 10)
            for node in self.cluster.all:
                node.kill()
        else:
            self.forget_memory()
            self.mark = len(self.victim.logged())
        self.place = damage.Place(
            self.victim.disk.data, f"{self.topic}-0", f"{self.other}-0", self.early, self.rng,
            self.state == "live",
        )  # fmt: skip
        self.did = self.kind.body(self.place)
        if self.state == "outage":
            self.all_up()
        elif self.state != "live":
            self.ledger.write(2)  # by the others
            self.victim_up()

    def noted(self):
        """What was written in the last fifth of a second is a torn end to whoever restarts alone."""
        path = self.victim.disk.data / "durable-offset-checkpoint"
        wanted = f"{self.topic} 0 {self.ledger.end}"
        return path.exists() and wanted in path.read_text().splitlines()

    def forget_memory(self):
        """Records that were just written are served from memory; after a restart they come from the
        disk. One reading before the damage: what was checked once may be trusted too long."""
        self.victim.stop()
        self.victim.start()
        self.cluster.wait_whole()
        self.lead_by_victim()
        self.look_at_all(must=True)

    def all_up(self):
        """After an outage the damaged one is up first, and in sync as far as anybody knows."""
        self.victim.spawn()
        for node in self.cluster.all:
            if node is not self.victim:
                node.spawn()
        for node in self.cluster.all:
            if node is not self.victim:
                node.wait_ready()
        self.victim_ready()

    def everybody_up(self):
        for node in self.cluster.all:
            if not node.running():
                node.spawn()
        self.cluster.wait_whole()

    def victim_up(self):
        """Starts the victim when it does not run. A refusal must have words, and hands may help."""
        if self.victim.running():
            return
        self.victim.spawn()
        self.victim_ready()

    def victim_ready(self):
        try:
            self.victim.wait_ready(40)
        except Failed as failure:
            if self.victim.running():
                raise
            self.refusal = str(failure)
            self.victim.disk.wipe()
            self.victim.start(40)

    # After it.

    def judge(self):
        self.look_at_all()
        if self.place.undo:
            self.place.undo()
        if self.state == "live":
            self.ledger.write(2)
        self.lead_by_victim()
        self.look_at_all()
        seen = self.try_repaired(REPAIR_WITHIN / 4)
        if self.state == "live" and self.victim.running() and (not seen or self.kind.quorum):
            self.victim.kill()  # what a running process does not see, its next life must
        self.victim_up()
        wait_until("equal replicas", lambda: not self.trouble(), REPAIR_WITHIN, self.trouble)
        self.look_at_all(must=True)
        self.ledger.write(1)
        return self.outcome()

    def look_at_all(self, must=False):
        """Reads the partition from every replica: what is served must be what was acknowledged."""
        for node in self.cluster.all:
            said = self.ledger.served_by(node, seconds=0.5)
            deadline = time.monotonic() + 15
            while must and said and time.monotonic() < deadline:
                said = self.ledger.served_by(node, seconds=0.5)
            if must and said:
                self.raise_lost()
                raise Failed(f"broker {node.number} does not serve all: {said}")

    def raise_lost(self):
        """When the leader's log ends below what was acknowledged, and the cluster calls that whole."""
        end = self.cluster.end_offsets(self.topic).get(0)
        if end is not None and end < self.ledger.end and not self.cluster.trouble():
            raise Lost(f"acknowledged up to {self.ledger.end}, the cluster's log ends at {end}")

    def lead_by_victim(self):
        """In the role of the leader it serves and replicates the damaged files again."""
        if self.role == "leader" and not self.kind.quorum:
            self.cluster.ask(lambda wire: questions.elect_leaders(wire, False, [(self.topic, 0)]))

    def trouble(self):
        """Why replicas are not equal yet; also provokes whoever sees damage only when reading."""
        if not self.victim.running():
            return f"broker {self.victim.number} has ended: {self.victim.last_words()}"
        self.look_at_all()
        whole = self.cluster.trouble()
        if whole:
            return whole
        for name in (f"{self.topic}-0", *([damage.METADATA] if self.kind.quorum else [])):
            differ = replicas.differences(
                {node.number: node.disk.data / name for node in self.cluster.all}
            )
            if differ:
                return f"{name}: {differ}"
        return ""

    def try_repaired(self, seconds):
        try:
            wait_until("equal replicas", lambda: not self.trouble(), seconds)
            return True
        except Failed:
            return False

    def refused(self, words):
        """It ended by itself and said why; what the README tells people to do must help."""
        self.refusal = words
        try:
            self.victim.disk.wipe()
            self.victim.start(40)
            wait_until("equal replicas", lambda: not self.trouble(), REPAIR_WITHIN, self.trouble)
        except (Failed, subprocess.SubprocessError) as failure:
            return Outcome("STUCK", self.did, f"{failure}; it said: {words}")
        return self.outcome()

    def outcome(self):
        if self.refusal:
            clear = re.search(r"[a-z]{3,} [a-z]{2,} ", self.refusal)
            verdict = "refused" if self.kind.may_refuse and clear else "STUCK"
            return Outcome(verdict, self.did, self.refusal)
        words = self.found_words()
        return Outcome("repaired" if words else "harmless", self.did, words)

    def found_words(self):
        """What the victim logged since then about this partition or the files of the node."""
        said = [line for line in self.victim.logged()[self.mark :].splitlines() if FOUND.search(line)]
        about = [line for line in said if self.topic in line or "__cluster_metadata" in line
                 or self.kind.quorum or re.search("WARN|ERROR", line)]  # fmt: skip
        return about[0].strip()[:300] if about else ""
