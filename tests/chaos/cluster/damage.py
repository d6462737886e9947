"""The 32 kinds of damage (reliability.md E-2), each done to the files of one replica."""
import dataclasses
import os
import pathlib
import random
import shutil
from collections.abc import Callable

from . import batches

METADATA = "__cluster_metadata-0"


class NotHere(Exception):
    """This kind cannot be done in this state, and why."""


@dataclasses.dataclass
class Place:
    """Where the damage is done. `early` is a copy of the data directory from half-way."""

    data: pathlib.Path
    partition: str  # "topic-0"
    other: str  # a partition of the same shape
    early: pathlib.Path
    rng: random.Random
    live: bool
    undo: Callable | None = None  # what has to be put back after the first look

    @property
    def directory(self):
        return self.data / self.partition

    def logs(self, partition=None):
        return sorted((self.data / (partition or self.partition)).glob("*.log"))

    def sealed(self):
        logs = self.logs()[:-1]
        if len(logs) < 3:
            raise NotHere(f"{len(logs)} sealed segments are too few")
        return self.rng.choice(logs[1:])

    def active(self):
        return self.logs()[-1]

    def some(self):
        """A segment to hurt: old ones most of the time."""
        return self.sealed() if self.rng.random() < 0.7 else self.active()

    def find(self, directory, *patterns):
        found = [p for pattern in patterns for p in sorted(directory.glob(pattern)) if p.stat().st_size]
        if not found:
            raise NotHere(f"no {' or '.join(patterns)} with bytes in it")
        return self.rng.choice(found)


def frames_of(log):
    found = list(batches.frames(log.read_bytes()))
    if len(found) < 3:
        raise NotHere(f"{len(found)} batches in {log.name}")
    return found


def put(path, position, data):
    """In place: a running broker sees it through the file it has open."""
    with path.open("r+b") as file:
        file.seek(position)
        file.write(data)


def rewrite(path, data):
    with path.open("r+b") as file:
        file.write(data)
        file.truncate()


def flip(path, position, bit):
    data = path.read_bytes()
    put(path, position, bytes([data[position] ^ (1 << bit)]))
    return f"{path.name} bit {bit} of byte {position} flipped"


def flip_in_frame(first, size):
    """A bit of the header field at `first`, of some batch of some segment."""

    def body(place):
        log = place.some()
        position, base, length = place.rng.choice(frames_of(log))
        span = size or length - first
        at = position + first + place.rng.randrange(span)
        return f"batch {base}: " + flip(log, at, place.rng.randrange(8))

    return body


def flip_in_file(*patterns, where=None):
    def body(place):
        path = place.find(place.data / where if where else place.directory, *patterns)
        return flip(path, place.rng.randrange(path.stat().st_size), place.rng.randrange(8))

    return body


def zero_middle(place):
    log = place.some()
    size = log.stat().st_size
    at = place.rng.randrange(max(size - 4096, 1)) & ~511
    put(log, at, bytes(min(4096, size - at)))
    return f"{log.name} zeroed from {at}"


def zero_tail(place):
    log = place.active()
    size = log.stat().st_size
    count = min(place.rng.choice([100, 512, 1024]), size)
    put(log, size - count, bytes(count))
    return f"last {count} bytes of {log.name} zeroed"


def cut_file(log, size):
    before = log.stat().st_size
    os.truncate(log, size)
    return f"{log.name} cut from {before} to {size} bytes"


def torn_tail(place):
    log = place.active()
    whole = log.stat().st_size // 512
    return cut_file(log, 512 * place.rng.randrange(max(whole, 1)))


def truncated(place):
    log = place.sealed()
    return cut_file(log, place.rng.randrange(log.stat().st_size))


def overwrite_frame(choose):
    """Some batch is replaced by other valid bytes of its size, which `choose` names."""

    def body(place):
        log = place.some()
        found = frames_of(log)
        target = place.rng.randrange(1, len(found))
        position, base, size = found[target]
        frame, what = choose(place, log, found, target)
        if len(frame) != size:
            raise NotHere("no batch of the same size")
        put(log, position, frame)
        return f"{log.name}: batch {base} became {what}"

    return body


def frame_at(log, found, number):
    position, base, size = found[number]
    return log.read_bytes()[position : position + size], base


def the_one_before(_, log, found, target):
    frame, base = frame_at(log, found, target - 1)
    return frame, f"a second {base}"


def of_other_partition(place, log, _, target):
    twin = place.data / place.other / log.name
    if not twin.exists():
        raise NotHere(f"no {twin}")
    others = frames_of(twin)
    if target >= len(others):
        raise NotHere("the other partition is shorter")
    frame, base = frame_at(twin, others, target)
    return frame, f"{base} of {place.other}"


def misdirected_read(place):
    """The disk answers with another block for a while; the file itself is right."""
    log = place.some()
    found = frames_of(log)
    position, base, size = found[place.rng.randrange(1, len(found))]
    right = log.read_bytes()[position : position + size]
    wrong, other = frame_at(log, found, 0)
    if len(wrong) != size:
        raise NotHere("no batch of the same size")
    put(log, position, wrong)
    place.undo = lambda: log.exists() and put(log, position, right)
    return f"{log.name}: reads of batch {base} get {other}"


def lost_frame(place):
    log = place.sealed()
    position, base, size = place.rng.choice(frames_of(log)[:-1])
    data = log.read_bytes()
    rewrite(log, data[:position] + data[position + size :])
    return f"{log.name}: batch {base} never written"


def swapped_frames(place):
    log = place.some()
    found = frames_of(log)
    one = place.rng.randrange(len(found) - 1)
    (a, base_a, size_a), (_, base_b, size_b) = found[one : one + 2]
    data = log.read_bytes()
    first, second = data[a : a + size_a], data[a + size_a : a + size_a + size_b]
    put(log, a, second + first)
    return f"{log.name}: batches {base_a} and {base_b} changed places"


def garbage(place):
    log = place.active()
    with log.open("ab") as file:
        file.write(place.rng.randbytes(place.rng.randrange(1, 900)))
    return f"random bytes behind {log.name}"


def swapped_segments(place):
    one, other = place.rng.sample(place.logs()[:-1], 2)
    spare = one.with_suffix(".spare")
    for source, target in ((one, spare), (other, one), (spare, other)):
        source.rename(target)
    return f"{one.name} and {other.name} changed names"


def missing_middle(place):
    log = place.sealed()
    log.unlink()
    return f"{log.name} is gone"


def missing_active(place):
    log = place.active()
    log.unlink()
    return f"{log.name} is gone"


def rollback(place):
    """The whole data directory as it was half-way."""
    for path in place.data.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(place.early, place.data, dirs_exist_ok=True)
    return "the data directory as it was half-way"


def epoch_checkpoint(place):
    path = place.directory / "leader-epoch-checkpoint"
    if not path.exists():
        raise NotHere("no leader-epoch-checkpoint")
    if place.rng.random() < 0.5:
        return flip(path, place.rng.randrange(path.stat().st_size), place.rng.randrange(7))
    path.write_text("0\n1\n0 999999\n")
    return f"{path.name} says that epoch 0 begins at 999999"


def checkpoint_ahead(place):
    path = place.find(place.data, "*-offset-checkpoint")
    topic, number = place.partition.rsplit("-", 1)
    lines, found = path.read_text().splitlines(), False
    for i, line in enumerate(lines):
        if line.startswith(f"{topic} {number} "):
            lines[i], found = f"{topic} {number} {int(line.split()[2]) + 1000}", True
    if not found:
        raise NotHere(f"{path.name} does not name the partition")
    path.write_text("\n".join(lines) + "\n")
    return f"{path.name} is 1000 ahead"


def false_marker(place):
    """Recovery is told that nothing is to be recovered, and the end is torn."""
    marker = place.data / ".kafka_cleanshutdown"
    if not marker.exists():
        early = place.early / marker.name
        marker.write_bytes(early.read_bytes() if early.exists() else b'{"version":0,"brokerEpoch":1}')
    log = place.active()
    return f"a clean stop is claimed; {cut_file(log, max(log.stat().st_size - 60, 0))}"


def metadata_log(place):
    log = place.find(place.data / METADATA, "*.log")
    return flip(log, place.rng.randrange(log.stat().st_size), place.rng.randrange(8))


def vote(place):
    path = place.data / METADATA / "quorum-state"
    if not path.exists():
        raise NotHere("no quorum-state")
    early = place.early / METADATA / "quorum-state"
    if place.rng.random() < 0.5 and early.exists() and early.read_bytes() != path.read_bytes():
        rewrite(path, early.read_bytes())
        return "quorum-state as it was half-way"
    put(path, 0, bytes(path.stat().st_size))
    return "quorum-state zeroed"


def emptied(place):
    for path in place.data.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return "an empty disk"


@dataclasses.dataclass
class Kind:
    name: str
    body: Callable
    quorum: bool = False  # the roles are those of the metadata quorum
    may_refuse: bool = False  # the node may refuse to start with clear words (README.md)


KINDS = [
    Kind("payload flip", flip_in_frame(batches.HEADER, 0)),
    Kind("header flip", flip_in_frame(21, 40)),
    Kind("base offset flip", flip_in_frame(0, 8)),
    Kind("length flip", flip_in_frame(8, 4)),
    Kind("leader epoch flip", flip_in_frame(12, 4)),
    Kind("magic flip", flip_in_frame(16, 1)),
    Kind("crc flip", flip_in_frame(17, 4)),
    Kind("zeroed middle", zero_middle),
    Kind("zeroed tail", zero_tail),
    Kind("torn tail", torn_tail),
    Kind("truncated file", truncated),
    Kind("duplicated frame", overwrite_frame(the_one_before)),
    Kind("lost frame", lost_frame),
    Kind("misdirected write", overwrite_frame(of_other_partition)),
    Kind("misdirected read", misdirected_read),
    Kind("swapped frames", swapped_frames),
    Kind("garbage after tail", garbage),
    Kind("swapped segments", swapped_segments),
    Kind("missing middle", missing_middle),
    Kind("missing active", missing_active),
    Kind("directory rolled back", rollback, may_refuse=True),
    Kind("offset index flip", flip_in_file("*.index")),
    Kind("time index flip", flip_in_file("*.timeindex")),
    Kind("txn index flip", flip_in_file("*.txnindex")),
    Kind("producer snapshot flip", flip_in_file("*.snapshot")),
    Kind("epoch checkpoint", epoch_checkpoint),
    Kind("checkpoint ahead", checkpoint_ahead),
    Kind("false clean marker", false_marker),
    Kind("metadata log flip", metadata_log, quorum=True, may_refuse=True),
    Kind("metadata snapshot flip", flip_in_file("*.checkpoint", where=METADATA), True, True),
    Kind("vote zeroed or stale", vote, quorum=True, may_refuse=True),
    Kind("disk emptied", emptied, quorum=True),
]
# Outage: all three are killed at once, so nobody knows that the damaged one lacks anything.
STATES = ["clean", "killed", "live", "outage"]
ROLES = ["leader", "follower"]
