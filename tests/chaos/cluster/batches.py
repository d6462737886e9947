"""Record batches (magic 2) by hand: made with a producer's numbers, found in files, and read back."""
import struct
import time

from parts.wire import crc32c, varint

HEADER = 61


def make(values, producer=(-1, -1, -1)):
    """A batch with its checksum; `producer` is (id, epoch, first sequence)."""
    records = b""
    for i, value in enumerate(values):
        record = b"\0" + varint(0) + varint(i) + varint(-1) + varint(len(value)) + value + varint(0)
        records += varint(len(record)) + record
    now, count = int(time.time() * 1000), len(values)
    checked = struct.pack(">hiqqqhii", 0, count - 1, now, now, *producer, count) + records
    tail = struct.pack(">ibI", -1, 2, crc32c(checked)) + checked
    return struct.pack(">qi", 0, len(tail)) + tail


def frames(data):
    """(position, base offset, size) of each batch, as far as they follow each other."""
    at = 0
    while at + HEADER <= len(data):
        base, size = struct.unpack_from(">qi", data, at)
        if size < HEADER - 12 or at + 12 + size > len(data):
            return
        yield at, base, 12 + size
        at += 12 + size


def last_offset(frame):
    base, delta = struct.unpack_from(">q", frame)[0], struct.unpack_from(">i", frame, 23)[0]
    return base + delta


def intact(frame):
    return struct.unpack_from(">I", frame, 17)[0] == crc32c(frame[21:])


def _unzigzag(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), at


def values(frame):
    """[(offset, value)] of an uncompressed batch."""
    base, count = struct.unpack_from(">q", frame)[0], struct.unpack_from(">i", frame, 57)[0]
    at, found = HEADER, []
    for _ in range(count):
        size, start = _unzigzag(frame, at)
        _, at = _unzigzag(frame, start + 1)  # behind the attributes: timestamp
        delta, at = _unzigzag(frame, at)
        key, at = _unzigzag(frame, at)
        length, at = _unzigzag(frame, at + max(key, 0))
        found.append((base + delta, bytes(frame[at : at + length])))
        at = start + size
    return found
