"""Nodes that are not who they say: another cluster's, a number twice, somebody else's or an old disk."""
from parts.processes import check, line_with

from . import replicas
from .cluster import new_cluster_id, wait_until
from .ledger import Ledger

PART = "identity"


def refused(node, *words):
    """The line in which the process said why it does not start; it ends by itself and not with 0."""
    code, said = node.wait_refusal()
    check(code in (1, 2), f"exit code {code}: {said[-400:]}")
    return f"exit {code}: {line_with(said, *words)}"


def wrong_cluster_id(cluster, report):
    other = new_cluster_id()
    with report.case(PART, "a wrong cluster id, on the node's own disk", "stop, change, start") as saw:
        node = cluster.nodes[3]
        node.stop()
        cluster.configure(3, cluster=other)
        try:
            node.spawn()
            saw(refused(node, "belongs to cluster", cluster.id, other))
        finally:
            cluster.configure(3)
            node.start()
        cluster.wait_whole()
    with report.case(PART, "a wrong cluster id, on an empty disk", "a fourth broker starts") as saw:
        spare = cluster.places[4]
        cluster.configure(4, cluster=other)
        spare.spawn()
        saw(refused(spare, "another cluster", other))
        spare.disk.wipe()
        cluster.configure(4)
        cluster.wait_whole()


def duplicated_number(cluster, report):
    ledger = Ledger(cluster, "identity")
    with report.case(PART, "the number of a voter twice", "a second process says it is 2") as saw:
        spare = cluster.places[4]
        cluster.configure(4, node=2)
        spare.spawn()
        saw(refused(spare, r"\b2\b", "register|already|duplicate|another|same number"))
        cluster.wait_whole()
        ledger.write(3)
        check(not ledger.served_by(cluster.nodes[2]), "broker 2 does not serve")
        spare.disk.wipe()
    with report.case(PART, "the number of a plain broker twice", "two processes say they are 4") as saw:
        first, second = cluster.places[4], cluster.places[5]
        cluster.configure(4)
        cluster.configure(5, node=4)
        first.start()
        try:
            second.spawn()
            saw(refused(second, r"\b4\b", "register|already|duplicate|another|same number"))
            check(first.page("/readyz")[0] == 200, "the first one is not ready any more")
        finally:
            for node in (first, second):
                node.kill()
                node.disk.wipe()


def foreign_disk(cluster, report):
    with report.case(PART, "a foreign disk", "broker 3 gets a copy of broker 2's") as saw:
        node, copy = cluster.nodes[3], cluster.directory / "own3"
        node.stop()
        node.disk.copy_to(copy)
        foreign = cluster.directory / "copy2"
        cluster.nodes[2].disk.copy_to(foreign)
        node.disk.put_back(foreign)
        node.spawn()
        try:
            saw(refused(node, "belongs to node 2", "node.id is 3"))
        finally:
            node.disk.put_back(copy)
            node.start()
        cluster.wait_whole()


def old_disk(cluster, report, role):
    number = 3
    topic = f"old{role}"
    order = [3, 1, 2] if role == "leader" else [1, 3, 2]
    cluster.create_assigned(topic, order)
    cluster.wait_whole()
    ledger = Ledger(cluster, topic)
    ledger.write(5)
    with report.case(PART, f"an old disk of a {role}", "copied, records written, copy put back") as saw:
        node, copy = cluster.nodes[number], cluster.directory / f"old-{role}"
        node.stop()
        node.disk.copy_to(copy)
        node.start()
        cluster.wait_whole()
        ledger.write(5)
        node.stop()
        node.disk.put_back(copy)
        mark = len(node.logged())
        node.start()
        cluster.wait_whole()
        ledger.write(2)
        equal(cluster, topic)
        for one in cluster.all:
            check(not ledger.served_by(one, 10), f"broker {one.number} does not serve all")
        saw("caught up; " + (words_about(node.logged()[mark:]) or "without a word"))


def words_about(log):
    lines = [line for line in log.splitlines() if "WARN" in line or "ERROR" in line]
    return lines[0].strip() if lines else ""


def equal(cluster, topic):
    def differ():
        return replicas.differences(
            {node.number: node.disk.data / f"{topic}-0" for node in cluster.all}
        )

    wait_until(f"{topic} equal on all", lambda: not differ(), 30, differ)


def run(cluster, report):
    cluster.create_assigned("identity", [2, 1, 3])
    cluster.wait_whole()
    wrong_cluster_id(cluster, report)
    duplicated_number(cluster, report)
    foreign_disk(cluster, report)
    for role in ("leader", "follower"):
        old_disk(cluster, report, role)
