"""Too few brokers: a minority that is asked to write, and a quorum that is lost."""
import subprocess
import time

from parts.processes import check, kcat_produce, line_with

from . import batches, questions
from .bad_identity import equal
from .ledger import Ledger
from .network import CLIENTS

PART = "quorum"


class _Bench:
    """What kcat_produce of parts/processes.py wants."""

    @staticmethod
    def run(*command, stdin="", timeout=60):
        done = subprocess.run(
            [str(word) for word in command], input=stdin, text=True, capture_output=True,
            timeout=timeout, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr


def kcat_refused(cluster, node, topic):
    """kcat writes with acks=all and does not believe that it did; its words."""
    code, out = kcat_produce(
        _Bench, node.bootstrap, topic, ["asked of too few"], "-p", "0", "-X", "acks=all",
        "-X", "message.timeout.ms=4000",
    )  # fmt: skip
    check(code != 0, "kcat believes that it wrote")
    return "kcat: " + line_with(out, "elivery failed")


def read_alone(ledger, node):
    said = ledger.served_by(node, 10)
    check(not said, f"broker {node.number} does not serve what is committed: {said}")


def minority(cluster, report):
    cluster.create_assigned("minority", [1, 2, 3])
    cluster.wait_whole()
    ledger, alone = Ledger(cluster, "minority"), cluster.nodes[1]
    ledger.write(5)
    for peer in (2, 3):
        cluster.network.cut_both(1, peer)
    with report.case(PART, "a minority asked to write", "broker 1 is cut off; its clients are not") as saw:
        saw(kcat_refused(cluster, alone, "minority"))
        with alone.wire(timeout=10) as wire:
            code, _ = wire.produce("minority", 0, batches.make([b"asked of too few, by hand"]))
        check(code in (6, 7, 19, 20), f"a produce answers {code}")
        saw(f"a produce by hand answers {code}")
    with report.case(PART, "the majority meanwhile", "goes on without it"):
        ledger.write(3, seconds=20)
    with report.case(PART, "a minority asked to administrate", "topic create at broker 1") as saw:
        # Otherwise the command finds the majority by itself.
        for peer in (2, 3):
            cluster.network.cut_both(CLIENTS, peer)
        code, out = cluster.sealane("topic", "create", "never", "--timeout=6s", of=alone)
        check(code != 0, "the command believes that the topic is there")
        saw(f"exit {code}: " + out.splitlines()[-1])
        check(any(word in out for word in ("quorum", "controller")), f"says not why: {out}")
    with report.case(PART, "together again", "all replicas equal, nothing acknowledged lost"):
        cluster.network.heal()
        cluster.wait_whole()
        ledger.write(1)
        equal(cluster, "minority")
        for node in cluster.all:
            read_alone(ledger, node)


def quorum_lost(cluster, report):
    cluster.create_assigned("lonely", [1, 2, 3])
    cluster.wait_whole()
    ledger, left = Ledger(cluster, "lonely"), cluster.nodes[1]
    ledger.write(5)
    for number in (2, 3):
        cluster.nodes[number].kill()
    with report.case(PART, "quorum lost: reading", "two of three killed; the third has it all"):
        read_alone(ledger, left)
        time.sleep(5)  # longer than sessions and elections
        read_alone(ledger, left)
    with report.case(PART, "quorum lost: writing", "acks=all at the third") as saw:
        saw(kcat_refused(cluster, left, "lonely"))
    with report.case(PART, "quorum lost: administration", "topic create, cluster health") as saw:
        code, out = cluster.sealane("topic", "create", "never", "--timeout=6s", of=left)
        check(code != 0, "the command believes that the topic is there")
        saw(f"create, exit {code}: {out.splitlines()[-1]}")
        check(any(word in out for word in ("quorum", "controller")), f"says not why: {out}")
        code, out = cluster.sealane("cluster", "health", "--timeout=10s", of=left)
        check(code in (4, 10), f"cluster health answers {code}: {out}")
        saw("health: " + line_with(out, "UNAVAILABLE"))
        saw("health: " + line_with(out, "quorum|controller"))
    with report.case(PART, "quorum lost: readiness", "what /readyz of the third says") as saw:
        status, text = left.page("/readyz")
        saw(f"{status}: {text.strip()}")
        check(status in (200, 503), text)
    with report.case(PART, "quorum back", "both start again; nothing is lost"):
        for number in (2, 3):
            cluster.nodes[number].spawn()
        for number in (2, 3):
            cluster.nodes[number].wait_ready()
        cluster.wait_whole()
        ledger.write(2)
        equal(cluster, "lonely")
        check(cluster.ask(questions.metadata) is not None, "nobody answers")


def run(cluster, report):
    minority(cluster, report)
    quorum_lost(cluster, report)
