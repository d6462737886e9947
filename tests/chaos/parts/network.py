"""What strangers send: nonsense, lies about lengths, half a request, nothing at all, bad batches."""
import random
import resource
import socket
import struct
import time

from . import wire
from .processes import check, kcat_produce, kcat_read, line_with, wait_for
from .wire import Wire, batch, string

IDLE = 500
IDLE_BYTES = 64 * 1024  # what one idle connection may cost at most
SLACK = 64 << 20
MOST_MEMORY = 512 << 20


def cut_off(broker, data, timeout=5):
    """Sends bytes; the broker must close this connection and go on."""
    with broker.wire(timeout=timeout) as peer:
        peer.send(data)
        check(peer.closed_by_peer(), f"the connection stays open after {data[:16]!r}")
    broker.alive()


def reasons(broker, mark, pattern="connection closed"):
    """The newest distinct reason in the broker's log."""
    line = line_with("\n".join(reversed(broker.logged()[mark:].splitlines())), pattern)
    return line.split(" INFO  ")[-1]


def nonsense(report, broker):
    rng = random.Random(20)
    with report.case("network", "random bytes", "200 connections of up to 4 KiB each") as saw:
        mark, before = len(broker.logged()), broker.memory()
        for _ in range(200):
            with broker.wire() as peer:
                try:
                    peer.send(rng.randbytes(rng.randint(1, 4096)))
                except OSError:
                    pass  # cut off while still sending
        broker.alive()
        check(broker.memory() - before < SLACK, "memory grew")
        saw(reasons(broker, mark, "connection closed: not a request"))
    with report.case("network", "random bodies", "400 requests, right heads, random rest") as saw:
        mark, before = len(broker.logged()), broker.memory()
        apis = broker.wire()
        body = apis.request(wire.API_VERSIONS, 0, b"")
        served = [struct.unpack(">hhh", body[at : at + 6]) for at in range(6, len(body) - 5, 6)]
        for _ in range(400):
            key, low, high = rng.choice(served)
            with broker.wire() as peer:
                peer.send(peer.frame(key, rng.randint(low, high), rng.randbytes(rng.randint(0, 200))))
        check(apis.alive(), "another connection was cut")
        apis.socket.close()
        broker.alive()
        check(broker.memory() - before < SLACK, "memory grew")
        saw(f"{len(served)} APIs; last: " + reasons(broker, mark))
    time.sleep(1.1)  # the log tells only so many lines a second, and was just flooded
    for name, length in (
        ("huge length", 0x7FFFFFFF), ("negative length", -1), ("length zero", 0),
        ("length below a header", 7), ("length over the limit", 104857601),
    ):  # fmt: skip
        with report.case("network", name, f"length {length}") as saw:
            mark, before = len(broker.logged()), broker.memory()
            cut_off(broker, struct.pack(">i", length) + b"x" * 64)
            saw(reasons(broker, mark))
            check(broker.memory() - before < SLACK, "memory grew")
    with report.case("network", "announced, not sent", "100 x 100 MiB announced, 64 sent") as saw:
        before = broker.memory()
        peers = [broker.wire() for _ in range(100)]
        for peer in peers:
            peer.send(struct.pack(">i", 104857600) + b"\0\0\0\x03" + b"x" * 60)
        broker.alive()
        grown = broker.memory() - before
        for peer in peers:
            peer.socket.close()
        check(grown < SLACK, f"memory grew by {grown >> 20} MiB")
        saw(f"memory grew by {grown >> 10} KiB")
    with report.case("network", "truncated frames", "every prefix of a request, then gone"):
        whole = Wire.frame(broker.wire(), wire.METADATA, 1, struct.pack(">i", 1) + string("t"))
        for size in range(len(whole)):
            with broker.wire() as peer:
                peer.send(whole[:size])
        broker.alive()


def counts(report, broker):
    bodies = {
        "Metadata: -5 topics": (wire.METADATA, 0, struct.pack(">i", -5)),
        "Metadata: 2^31-1 topics": (wire.METADATA, 1, struct.pack(">i", 0x7FFFFFFF)),
        "Produce: -2 topics": (wire.PRODUCE, 3, struct.pack(">hhii", -1, -1, 1000, -2)),
        "Produce: 2^31-1 bytes of records": (
            wire.PRODUCE, 3, struct.pack(">hhii", -1, -1, 1000, 1) + string("good")
            + struct.pack(">iii", 1, 0, 0x7FFFFFFF),
        ),
        "Fetch: 2^31-1 topics": (wire.FETCH, 4, struct.pack(">iiiibi", -1, 1, 1, 1, 0, 0x7FFFFFFF)),
        "ListOffsets: -7 partitions": (
            wire.LIST_OFFSETS, 1, struct.pack(">ii", -1, 1) + string("good") + struct.pack(">i", -7),
        ),
        "CreateTopics: 2^31-1 topics": (wire.CREATE_TOPICS, 2, struct.pack(">i", 0x7FFFFFFF)),
        "Metadata: name of -9 bytes": (wire.METADATA, 1, struct.pack(">ih", 1, -9)),
        "API key 9999": (9999, 0, b""),
    }  # fmt: skip
    for name, (api, version, body) in bodies.items():
        with report.case("network", "bad counts", name) as saw:
            mark, before = len(broker.logged()), broker.memory()
            cut_off(broker, broker.wire().frame(api, version, body))
            check(broker.memory() - before < SLACK, "memory grew")
            saw(reasons(broker, mark))


def idle(bench, report, broker):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
    with report.case("network", "idle connections", f"{IDLE} served once, then silent") as saw:
        before, peers = broker.memory(), [broker.wire() for _ in range(IDLE)]
        try:
            for peer in peers:
                check(peer.alive(), "no answer")
            cost = (broker.memory() - before) // IDLE
            check(cost < IDLE_BYTES, f"one costs {cost} bytes")
            check(kcat_produce(bench, broker.address(), "good", ["x"])[0] == 0, "nobody else is served")
            saw(f"{cost} bytes each; others are served")
        finally:
            for peer in peers:
                peer.socket.close()
    with report.case("network", "too many connections", "max.connections: 20, 40 come") as saw:
        small = bench.broker("small", "max.connections: 20\n").start()
        peers = [small.wire(timeout=5) for _ in range(40)]
        answered = 0
        for peer in peers:
            try:
                answered += peer.alive()
            except OSError:
                pass
        check(answered == 20, f"{answered} were served")
        for peer in peers:
            peer.socket.close()
        wait_for("room again", lambda: small.alive() is None)
        saw(reasons(small, 0, "connection refused: too many").split(" WARN  ")[-1])
        small.stop()
    with report.case("network", "replies not read", "4000 fetches of 1 MiB, none read") as saw:
        big = bench.path("big")
        big.write_bytes(b"x" * 900_000)
        for _ in range(3):
            code, out = bench.run("kcat", "-b", broker.address(), "-P", "-t", "good", big)
            check(code == 0, out)
        fetch = struct.pack(">iiiibi", -1, 10, 1, 1 << 20, 0, 1) + string("good")
        fetch += struct.pack(">iiqi", 1, 0, 1, 1 << 20)
        with broker.wire(timeout=3) as peer:
            peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            before = broker.memory()
            try:
                for _ in range(4000):
                    peer.send(peer.frame(wire.FETCH, 4, fetch))
            except TimeoutError:
                pass  # the broker stops reading: as it should
            grown = broker.memory() - before
            broker.alive()
        check(grown < MOST_MEMORY, f"memory grew by {grown >> 20} MiB")
        saw(f"memory grew by {grown >> 20} MiB")


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]


def batches(bench, report, broker):
    good = batch([b"one", b"two"])
    other_length = struct.pack(">qi", 0, len(good) + 100) + good[12:]
    bad = {
        "a byte flipped in a value": flipped(good, len(good) - 3),
        "a byte flipped in the checksum": flipped(good, 18),
        "a length beyond the end": other_length,
        "half a batch": good[: len(good) // 2],
        "magic 7": batch([b"one"], magic=7),
        "count 1000 of 2 records": batch([b"one", b"two"], count=1000),
        "count -1": batch([b"one"], count=-1),
        "checksum right, records nonsense": batch([b"x"], body=b"\xff" * 40),
        "checksum right, codec 7": batch([b"x"], attributes=7, body=b"nonsense"),
        "a control batch": batch([b"x"], attributes=0x20),
        "no batch at all": b"",
    }
    bench.must("topic", "create", "good", f"--bootstrap={broker.address()}")
    for name, records in bad.items():
        with report.case("network", "corrupt batch", name) as saw, broker.wire() as peer:
            end = peer.end_offset("good")
            code, offset = peer.produce("good", 0, records)
            check(code in (2, 42, 43, 76, 87), f"answered {code}")
            check(offset == -1, f"took it at {offset}")
            check(peer.end_offset("good") == end, "the log grew")
            check(peer.produce("good", 0, good)[0] == wire.NONE, "good batches are not taken now")
            names = {2: "CORRUPT_MESSAGE", 42: "INVALID_REQUEST", 43: "UNSUPPORTED_FOR_MESSAGE_FORMAT",
                     76: "UNSUPPORTED_COMPRESSION_TYPE", 87: "INVALID_RECORD"}  # fmt: skip
            saw(f"{code} {names[code]}")
            if name.startswith("a byte"):
                check(code == wire.CORRUPT_MESSAGE, f"{code}, not CORRUPT_MESSAGE")
    with report.case("network", "after all that", "a consumer reads the topic"):
        code, values, errors = kcat_read(bench, broker.address(), "good", "-q")
        check(code == 0 and "two" in values, f"kcat: {errors}")
        broker.alive()


def run(bench, report):
    broker = bench.broker("broker").start()
    batches(bench, report, broker)
    nonsense(report, broker)
    counts(report, broker)
    idle(bench, report, broker)
    with report.case("network", "clean stop", "SIGTERM after all of it"):
        broker.stop()


def slow(bench, report):
    """Half a minute of its own, beside the other parts."""
    broker = bench.broker("slow").start()
    with report.case("network", "slow drip", "a byte a second of a request; and silence") as saw:
        began = time.monotonic()
        drip, mute = broker.wire(timeout=1), broker.wire(timeout=40)
        whole = drip.frame(wire.METADATA, 1, struct.pack(">i", 50) + string("t" * 200) * 50)
        cut = None
        for byte in whole:
            if time.monotonic() - began > 60:
                break
            try:
                drip.send(bytes([byte]))
            except OSError:
                cut = time.monotonic() - began
                break
            if drip.closed_by_peer():
                cut = time.monotonic() - began
                break
        check(cut is not None, "still connected after 60 s")
        check(cut < 20, f"still connected after {cut:.0f} s")
        check(mute.closed_by_peer(), "the silent one is still connected")
        broker.alive()
        saw(f"cut off after {cut:.0f} s: " + reasons(broker, 0))
    broker.stop()
