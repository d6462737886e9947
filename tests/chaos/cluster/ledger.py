"""What one partition was acknowledged, record by record, and whether a replica serves exactly that."""
import struct
import time

from parts.processes import Failed
from workload.history import value_of

from . import batches
from .questions import Reader, _string

FETCH, INIT_PRODUCER_ID, PRODUCE = 1, 22, 0
RECORDS = 4  # of a batch
# Refusals that a producer repeats: leaders move, replicas are missing, disks are replaced.
AGAIN = {-1, 3, 5, 6, 7, 9, 13, 19, 20, 56, 74, 75, 100}


class Silent(Exception):
    """Something wrong was served as if it were right."""


class Ledger:
    def __init__(self, cluster, topic):
        self.cluster, self.topic = cluster, topic
        self.names, self.sequence = {}, 0  # offset -> name
        self.producer = self._producer_id()

    @property
    def end(self):
        return max(self.names, default=-1) + 1

    def _producer_id(self):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            answer = self.cluster.ask(
                lambda wire: wire.request(INIT_PRODUCER_ID, 0, struct.pack(">hi", -1, 60000))
            )
            if answer and struct.unpack_from(">h", answer, 4)[0] == 0:
                return struct.unpack_from(">qh", answer, 6)
            time.sleep(0.1)
        raise Failed("no producer id within 20 s")

    def leader(self):
        """As clients have it: of what the brokers say, the newest; one that is cut off knows less."""
        known = [
            part
            for node in self.cluster.all
            if node.running() and not node.paused
            for part in self.cluster.partitions(node)
            if part.topic == self.topic
        ]
        newest = max(known, key=lambda part: part.epoch, default=None)
        return newest and self.cluster.nodes.get(newest.leader)

    def write(self, count, seconds=30):
        """So many batches, each acknowledged by all; repeated until they are, never doubled."""
        for _ in range(count):
            names = [f"{self.topic}.{self.sequence + i}" for i in range(RECORDS)]
            data = batches.make([value_of(n) for n in names], (*self.producer, self.sequence))
            base = self._until_acknowledged(data, seconds)
            for i, name in enumerate(names):
                if base + i in self.names:
                    raise Silent(f"offset {base + i} was given out twice")
                self.names[base + i] = name
            self.sequence += RECORDS

    def _until_acknowledged(self, data, seconds):
        deadline, why = time.monotonic() + seconds, "no leader"
        while time.monotonic() < deadline:
            leader = self.leader()
            if leader is not None and leader.running():
                try:
                    with leader.wire(timeout=5) as wire:
                        code, base = wire.produce(self.topic, 0, data)
                    if code == 0:
                        return base
                    why = f"error {code} of broker {leader.number}"
                    if code not in AGAIN:
                        raise Failed(f"{self.topic}: writing is refused for good: {why}")
                except OSError as error:
                    why = str(error)
            time.sleep(0.05)
        raise Failed(f"{self.topic}: not acknowledged within {seconds} s: {why}")

    def fetch(self, wire, offset):
        """(error code, high watermark, records)"""
        body = struct.pack(">iiiibii", -1, 100, 1, 1 << 20, 0, 0, -1)
        body += struct.pack(">i", 1) + _string(self.topic)
        body += struct.pack(">iiiqqi", 1, 0, -1, offset, -1, 1 << 20)
        body += struct.pack(">i", 0) + _string("")
        answer = Reader(wire.request(FETCH, 11, body))
        _, error, _, topics = answer.take("ihii")
        if error or topics != 1:
            return error or -1, -1, b""
        answer.text()
        _, _, code, mark, _, _ = answer.take("iihqqq")
        answer.array(lambda: answer.take("qq"))
        answer.take("i")
        size = answer.take("i")
        return code, mark, answer._raw(size) if size > 0 else b""

    def served_by(self, node, seconds=2):
        """"" when this replica serves everything that was acknowledged; else what it says instead.
        Silent when it serves anything else."""
        at, deadline = 0, time.monotonic() + seconds
        try:
            with node.wire(timeout=3) as wire:
                while at < self.end:
                    code, mark, records = self.fetch(wire, at)
                    if code:
                        return f"error {code} at {at}"
                    if not records and time.monotonic() > deadline:
                        return f"nothing at {at}, high watermark {mark}"
                    at = self._take(node, records, at)
        except OSError as error:
            return str(error)
        return ""

    def _take(self, node, records, at):
        for position, base, size in batches.frames(records):
            frame = records[position : position + size]
            where = f"broker {node.number} served {self.topic}-0@{base}"
            if base > at or batches.last_offset(frame) < at:
                raise Silent(f"{where} where {at} was asked for")
            if not batches.intact(frame):
                raise Silent(f"{where} with a wrong checksum")
            for offset, value in batches.values(frame):
                wanted = self.names.get(offset)
                if wanted is None or value != value_of(wanted):
                    raise Silent(f"{where}: {offset} is {value[:30]!r}, acknowledged was {wanted}")
            at = batches.last_offset(frame) + 1
        return at
