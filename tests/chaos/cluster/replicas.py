"""Whether the stopped replicas of a partition hold the same bytes: batches up to the shortest end,
frame by frame. Segments may be cut differently; batches may not differ."""
import hashlib

from . import batches


def stored(directory):
    """(base offset, last offset, frame) of every batch in a partition's directory."""
    for log in sorted(directory.glob("*.log")):
        data = log.read_bytes()
        for at, base, size in batches.frames(data):
            frame = data[at : at + size]
            yield base, batches.last_offset(frame), frame


def summary(directory):
    """{base offset: (last offset, digest)}"""
    return {base: (last, hashlib.blake2b(frame, digest_size=16).digest())
            for base, last, frame in stored(directory)}  # fmt: skip


def empty_end(directory):
    """The offset before a log without batches: it begins behind a snapshot, or was restarted."""
    return max((int(log.stem) for log in directory.glob("*.log")), default=0) - 1


def differences(directories):
    """In words, the first difference between {node: partition directory}; empty when equal."""
    found = {node: summary(directory) for node, directory in directories.items()}
    ends = {
        node: max((last for last, _ in known.values()), default=empty_end(directories[node]))
        for node, known in found.items()
    }
    begin = max(
        (min(known, default=empty_end(directories[node]) + 1) for node, known in found.items()),
        default=0,
    )
    if len(set(ends.values())) > 1:
        return f"ends differ: {ends}"
    first, *others = found
    for other in others:
        for base in sorted(found[first].keys() | found[other].keys()):
            if base >= begin and found[first].get(base) != found[other].get(base):
                return f"the batch at {base} differs between brokers {first} and {other}"
    return ""
