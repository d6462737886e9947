"""What may happen to a source topic under a mirror: gone, another one, shorter, expired ahead."""
import json
import time

from .disk import fill
from .pair import Pair
from .processes import check, kcat_read, line_with, pages, wait_for



def others_go_on(pair, link, topic="calm"):
    """Partitions that nothing happened to are still copied."""
    name = {"stop": "s.", "ledger": "l."}[link] + topic
    with pair.source.wire() as wire:
        fill(pair.source, name, 3)
        end = wire.end_offset(name)
    pair.wait_copied(link, name, end)


def told(pair, found, link):
    status = pages(pair.writer)[link]
    check(status["verdict"] == "BROKEN", f"the link says {status['verdict']}")
    check(status["cause"], "the link tells no cause")
    out = pair.link("status", None)
    line = line_with(out, rf"^{link}\b")
    check("BROKEN" in line, f"sealane link status says: {line}")
    return f"{found['topic']}-{found['partition']} {found['cause']}: {found['detail']}\n{line}"


def held(pair, topic):
    """How many records the aggregate topic at the target has."""
    return len(kcat_read(pair.bench, pair.target.address(), f"all.{topic}", "-q")[1])


def begin(pair, link, topic, count=60, **options):
    pair.create(topic, **options)
    fill(pair.source, topic, count)
    pair.wait_copied(link, topic, count)


def delete(pair, topic):
    pair.bench.must("topic", "delete", topic, f"--bootstrap={pair.source.address()}")


def gone(report, pair):
    with report.case("source", "topic deleted", "while it is carried") as saw:
        begin(pair, "stop", "s.gone")
        delete(pair, "s.gone")
        found = pair.wait_broken("stop", "s.gone")
        check("deleted" in found["cause"].lower(), f"the cause is {found['cause']}")
        saw(told(pair, found, "stop"))
        others_go_on(pair, "stop")
        check(held(pair, "s.gone") == 60, "the target's records are gone too")
    with report.case("source", "topic recreated", "deleted and made again, other records") as saw:
        begin(pair, "stop", "s.again")
        delete(pair, "s.again")
        pair.create("s.again")
        fill(pair.source, "s.again", 100)
        found = wait_for(
            "the cause",
            lambda: "recreated" in (f := pair.wait_broken("stop", "s.again"))["cause"].lower() and f,
        )  # fmt: skip
        saw(told(pair, found, "stop"))
        others_go_on(pair, "stop")
        check(held(pair, "s.again") == 60, "records of the new topic were mixed in")
    with report.case("source", "recreated while the mirror was down", "kill -9, swap, start") as saw:
        begin(pair, "stop", "s.swap")
        pair.writer.kill()
        delete(pair, "s.swap")
        pair.create("s.swap")
        fill(pair.source, "s.swap", 100)
        pair.writer.start()
        topic = wait_for(
            "the cause",
            lambda: next(
                (t for t in pages(pair.writer)["stop"]["topics"]
                 if t["topic"] == "s.swap" and t["detail"]), None,
            ),
        )  # fmt: skip
        saw(f"s.swap {topic['cause']}: {topic['detail']}")
        others_go_on(pair, "stop")
        check(held(pair, "s.swap") == 60, "records of the new topic were mixed in")


def truncated(report, pair):
    with report.case("source", "topic truncated", "source loses its last 30 records in a crash") as saw:
        begin(pair, "stop", "s.cut")
        log = next((pair.bench.path("source-data") / "s.cut-0").glob("*.log"))
        pair.source.kill()
        keep = log.stat().st_size // 2
        with log.open("r+b") as file:
            file.truncate(keep)
        data = pair.bench.path("source-data")
        for promise in ("recovery-point-offset-checkpoint", "durable-offset-checkpoint"):
            (data / promise).unlink(missing_ok=True)
        pair.source.start()
        with pair.source.wire() as wire:
            end = wire.end_offset("s.cut")
        check(end < 60, f"the source still ends at {end}")
        found = pair.wait_broken("stop", "s.cut")
        check("truncated" in found["cause"].lower(), f"the cause is {found['cause']}")
        saw(told(pair, found, "stop"))
        fill(pair.source, "s.cut", 60)
        others_go_on(pair, "stop")
        check(held(pair, "s.cut") == 60, "the target was changed")


def expire(pair, link, topic):
    """Copied to 60, then 140 more come and 100 of them expire while the mirror is down."""
    begin(pair, link, topic)
    pair.writer.kill()
    fill(pair.source, topic, 140, first=60)
    with pair.source.wire() as wire:
        wire.delete_records(topic, 0, 160)
        check(wire.first_offset(topic) == 160, "nothing was deleted")
    pair.writer.start()


def expired(report, pair):
    with report.case("source", "deleted ahead, on_gap: stop", "mirror down, DeleteRecords") as saw:
        expire(pair, "stop", "s.ahead")
        found = pair.wait_broken("stop", "s.ahead")
        check("expired" in found["cause"].lower(), f"the cause is {found['cause']}")
        saw(told(pair, found, "stop"))
        others_go_on(pair, "stop")
        check(held(pair, "s.ahead") == 60, "it went on behind the gap")
    with report.case("source", "deleted ahead, on_gap: ledger", "mirror down, DeleteRecords") as saw:
        expire(pair, "ledger", "l.ahead")
        pair.wait_copied("ledger", "l.ahead", 200)
        saw(ledger(pair, "l.ahead", 60, 160))
        got = kcat_read(pair.bench, pair.target.address(), "l.ahead", "-q", "-f", "%o\\n")[1]
        check(got == [str(i) for i in [*range(60), *range(160, 200)]], f"the target holds {got}")
        others_go_on(pair, "ledger")
        wait_for("the link OK again", lambda: pages(pair.writer)["ledger"]["verdict"] == "OK")
    with report.case("source", "expired ahead by retention", "mirror down, retention.bytes") as saw:
        begin(pair, "ledger", "l.old", configs=["segment.bytes=16384", "retention.bytes=32768"])
        pair.writer.kill()
        fill(pair.source, "l.old", 200, first=60)

        def moved():
            with pair.source.wire() as wire:
                return wire.first_offset("l.old") > 60 and wire.first_offset("l.old")

        first = wait_for("retention at the source", moved)
        time.sleep(1)
        with pair.source.wire() as wire:
            first = wire.first_offset("l.old")
        pair.writer.start()
        pair.wait_copied("ledger", "l.old", 260)
        saw(ledger(pair, "l.old", 60, first))
        others_go_on(pair, "ledger")
    with report.case("source", "the ledger outlives the mirror", "kill -9, start"):
        before = json.loads(pair.writer.admin("/gaps"))
        check(len(before) == 2, f"{len(before)} entries")
        pair.writer.kill()
        pair.writer.start()
        check(json.loads(pair.writer.admin("/gaps")) == before, "other entries than before")


def ledger(pair, topic, start, end):
    entries = [e for e in json.loads(pair.writer.admin("/gaps")) if e["topic"] == topic]
    check(len(entries) == 1, f"{len(entries)} ledger entries for {topic}")
    entry = entries[0]
    check((entry["from"], entry["to"]) == (start, end), f"the ledger says {entry}")
    file = (pair.bench.path("writer") / "gaps.jsonl").read_text()
    return "gaps.jsonl: " + line_with(file, topic)


def corrupt(report, pair):
    with report.case("source", "damaged at the source", "a byte flipped under a mirror") as saw:
        pair.create("s.hurt", configs=["segment.bytes=16384"])
        pair.writer.kill()
        fill(pair.source, "s.hurt", 100)
        pair.source.stop()
        log = sorted((pair.bench.path("source-data") / "s.hurt-0").glob("*.log"))[0]
        at = log.stat().st_size // 2
        data = bytearray(log.read_bytes())
        data[at] ^= 0xFF
        log.write_bytes(data)
        pair.source.start()
        pair.writer.start()
        found = pair.wait_broken("stop", "s.hurt")
        check("corrupt" in found["cause"].lower(), f"the cause is {found['cause']}")
        saw(told(pair, found, "stop"))
        others_go_on(pair, "stop")


def run(bench, report):
    pair = Pair(bench, [("stop", "aggregate", "s.*", "stop"), ("ledger", "replica", "l.*", "ledger")])
    begin(pair, "stop", "s.calm", 3)
    begin(pair, "ledger", "l.calm", 3)
    for body in (expired, gone, truncated, corrupt):
        body(report, pair)
        for daemon in pair.all:
            if not daemon.running():
                daemon.start()
    with report.case("source", "clean stops", "SIGTERM of all four"):
        for daemon in reversed(pair.all):
            daemon.stop()
