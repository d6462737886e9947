"""Moves that cannot finish, and leaders that would lose records."""
import json

from parts.processes import check, line_with

from .cluster import wait_until
from .ledger import Ledger

PART = "moves"


def partition(cluster, topic):
    return next((part for part in cluster.partitions() if part.topic == topic), None)


def plan(cluster, topic, order):
    """A file as kafka-reassign-partitions has them."""
    path = cluster.directory / f"{topic}-plan.json"
    moves = [{"topic": topic, "partition": 0, "replicas": order}]
    path.write_text(json.dumps({"version": 1, "partitions": moves}))
    return path


def unfinished(cluster, report):
    topic, away = "stuck", cluster.nodes[3]
    cluster.create_assigned(topic, [1, 2])
    cluster.wait_whole()
    ledger = Ledger(cluster, topic)
    ledger.write(5)
    away.stop()
    with report.case(PART, "a move that cannot finish", "to a broker that does not run") as saw:
        path = plan(cluster, topic, [1, 3])
        code, out = cluster.sealane("cluster", "reassign", "apply", path, "--timeout=8s")
        check(code != 0, f"the command believes that it is done: {out}")
        saw(f"apply, exit {code}: {out.splitlines()[-1]}")
        code, out = cluster.sealane("cluster", "reassign", "status")
        if code == 0 and topic in out:
            saw("status: " + line_with(out, topic))
        ledger.write(3)  # writing goes on meanwhile
    with report.case(PART, "giving it up", "cluster reassign cancel") as saw:
        code, out = cluster.sealane("cluster", "reassign", "cancel")
        check(code == 0, f"exit {code}: {out}")
        saw(out.splitlines()[-1])
        wait_until("the old replicas", lambda: sorted(partition(cluster, topic).replicas) == [1, 2], 20)
    with report.case(PART, "a move to nobody", "to broker 77, which never was") as saw:
        path = plan(cluster, topic, [1, 77])
        code, out = cluster.sealane("cluster", "reassign", "apply", path, "--timeout=8s")
        check(code != 0, f"the command believes that it is done: {out}")
        saw(f"exit {code}: " + line_with(out, "77"))
    away.start()
    cluster.wait_whole()


def leaderless(cluster, report):
    """[1, 2]; 2 misses records, then 1, which has them all, is gone."""
    topic = "unclean"
    cluster.create_assigned(topic, [1, 2], [("min.insync.replicas", "1")])
    cluster.wait_whole()
    ledger = Ledger(cluster, topic)
    ledger.write(5)
    behind, ahead = cluster.nodes[2], cluster.nodes[1]
    behind.kill()
    wait_until("broker 2 out of sync", lambda: partition(cluster, topic).isr == [1], 30)
    ledger.write(5)
    ahead.kill()
    behind.start()
    flags = [f"--topic={topic}", "--partition=0"]
    with report.case(PART, "no leader rather than a wrong one", "only broker 2 is up, which lacks records"):
        wait_until("no leader", lambda: partition(cluster, topic).leader < 0, 30)
    with report.case(PART, "an unclean election asked for", "cluster elect --unclean, no --yes") as saw:
        code, out = cluster.sealane("cluster", "elect", "--unclean", *flags)
        check(code != 0, f"it was done: {out}")
        saw("\n".join(out.splitlines()))
        line_with(out, "loss")
        line_with(out, "nothing was done", "--yes")
        check(partition(cluster, topic).leader < 0, "a leader was elected all the same")
    return topic, flags, ledger, ahead


def unclean(cluster, report):
    topic, flags, ledger, ahead = leaderless(cluster, report)
    with report.case(PART, "the complete replica comes back", "it leads, and nothing is lost"):
        ahead.start()
        cluster.wait_whole()
        check(not ledger.served_by(cluster.nodes[1], 10), "broker 1 lacks records")
        ledger.write(1)


def forced(cluster, report):
    topic = "forced"
    cluster.create_assigned(topic, [1, 2], [("min.insync.replicas", "1")])
    cluster.wait_whole()
    ledger = Ledger(cluster, topic)
    ledger.write(5)
    kept = ledger.end
    cluster.nodes[2].kill()
    wait_until("broker 2 out of sync", lambda: partition(cluster, topic).isr == [1], 30)
    ledger.write(5)
    cluster.nodes[1].kill()
    cluster.nodes[2].start()
    wait_until("no leader", lambda: partition(cluster, topic).leader < 0, 30)
    with report.case(PART, "an unclean election forced", "cluster elect --unclean --yes") as saw:
        code, out = cluster.sealane(
            "cluster", "elect", "--unclean", f"--topic={topic}", "--partition=0", "--yes"
        )
        check(code == 0, f"exit {code}: {out}")
        saw(line_with(out, "loss"))
        wait_until("broker 2 leads", lambda: partition(cluster, topic).leader == 2, 20)
        ends = cluster.end_offsets(topic)
        check(ends[0] == kept, f"it ends at {ends[0]}, broker 2 had {kept}")
        cluster.nodes[1].start()
        cluster.wait_whole()


def run(cluster, report):
    unfinished(cluster, report)
    unclean(cluster, report)
    forced(cluster, report)
