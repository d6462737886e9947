"""What a cluster says of itself: Metadata 7, ListOffsets 4, DescribeQuorum 0, CreateTopics 2 and
ElectLeaders 1 by hand, over parts/wire.py."""
import dataclasses
import struct

LIST_OFFSETS, METADATA, CREATE_TOPICS, ELECT_LEADERS, DESCRIBE_QUORUM = 2, 3, 19, 43, 55


class Reader:
    """Fields of an answer, one after the other."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, form):
        values = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return values if len(values) > 1 else values[0]

    def text(self):
        size = self.take("h")
        return None if size < 0 else self._raw(size).decode()

    def array(self, item):
        return [item() for _ in range(self.take("i"))]

    def numbers(self):
        return self.array(lambda: self.take("i"))

    def varint(self):
        value = shift = 0
        while True:
            byte = self.take("B")
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def compact_text(self):
        return self._raw(self.varint() - 1).decode()

    def compact_array(self, item):
        return [item() for _ in range(self.varint() - 1)]

    def tags(self):
        for _ in range(self.varint()):
            self.varint()
            self._raw(self.varint())

    def _raw(self, size):
        self.at += size
        return self.data[self.at - size : self.at]


@dataclasses.dataclass
class Partition:
    topic: str
    number: int
    leader: int
    epoch: int
    replicas: list
    isr: list

    @property
    def name(self):
        return f"{self.topic}-{self.number}"


def _string(text):
    return struct.pack(">h", len(text)) + text.encode()


def metadata(wire):
    """(controller, numbers of the brokers, every partition) as the asked broker sees them."""
    answer = Reader(wire.request(METADATA, 7, struct.pack(">ib", -1, 0)))
    answer.take("i")
    brokers = answer.array(
        lambda: (answer.take("i"), answer.text(), answer.take("i"), answer.text())[0]
    )
    answer.text()
    controller, partitions = answer.take("i"), []

    def partition(topic):
        _, number, leader, epoch = answer.take("hiii")
        replicas, isr, _ = answer.numbers(), answer.numbers(), answer.numbers()
        partitions.append(Partition(topic, number, leader, epoch, replicas, isr))

    def topic():
        answer.take("h")
        name, _ = answer.text(), answer.take("b")
        answer.array(lambda: partition(name))

    answer.array(topic)
    return controller, brokers, partitions


def high_watermark(wire, partition):
    """Of a partition at its leader; None when the broker does not lead it in that epoch."""
    body = struct.pack(">ibi", -1, 0, 1) + _string(partition.topic)
    body += struct.pack(">iiiq", 1, partition.number, partition.epoch, -1)
    answer = Reader(wire.request(LIST_OFFSETS, 4, body))
    answer.take("ii")
    answer.text()
    _, _, error, _, offset, _ = answer.take("iihqqi")
    return offset if error == 0 else None


@dataclasses.dataclass
class Quorum:
    leader: int
    epoch: int
    high_watermark: int
    ends: dict  # voter -> log end


def quorum(wire):
    """What the asked node knows of the metadata quorum; None when it cannot say."""
    name = b"__cluster_metadata"
    body = b"\x02" + bytes([len(name) + 1]) + name + b"\x02" + struct.pack(">i", 0) + b"\0\0\0"
    # Header version 2 has a section of tags behind the client's name.
    answer = Reader(wire.request(DESCRIBE_QUORUM, 0, b"\0" + body))
    answer.tags()
    error, found = answer.take("h"), []

    def replica():
        who, end = answer.take("iq")
        answer.tags()
        return who, end

    def partition():
        _, refused, leader, epoch, mark = answer.take("ihiiq")
        voters = dict(answer.compact_array(replica))
        answer.compact_array(replica)
        answer.tags()
        if refused == 0:
            found.append(Quorum(leader, epoch, mark, voters))

    def topic():
        answer.compact_text()
        answer.compact_array(partition)
        answer.tags()

    if error == 0:
        answer.compact_array(topic)
    return found[0] if found else None


def create_topic(wire, name, partitions, replicas, configs=(), assigned=None):
    """The error code, 0 when it was made. `assigned`: brokers of the only partition, leader first."""
    body = struct.pack(">i", 1) + _string(name)
    if assigned:
        body += struct.pack(">ihiii", -1, -1, 1, 0, len(assigned))
        body += struct.pack(f">{len(assigned)}i", *assigned)
    else:
        body += struct.pack(">ihi", partitions, replicas, 0)
    body += struct.pack(">i", len(configs))
    for key, value in configs:
        body += _string(key) + _string(value)
    answer = Reader(wire.request(CREATE_TOPICS, 2, body + struct.pack(">ib", 10000, 0)))
    answer.take("ii")
    answer.text()
    return answer.take("h")


def elect_leaders(wire, unclean=False, partitions=None):
    """Preferred leaders (of all partitions, or of [(topic, number)]): {name: (code, words)}."""
    body = struct.pack(">b", 1 if unclean else 0)
    if partitions is None:
        body += struct.pack(">i", -1)
    else:
        body += struct.pack(">i", len(partitions))
        for topic, number in partitions:
            body += _string(topic) + struct.pack(">ii", 1, number)
    answer = Reader(wire.request(ELECT_LEADERS, 1, body + struct.pack(">i", 10000)))
    answer.take("ih")
    results = {}

    def topic():
        name = answer.text()
        answer.array(lambda: partition(name))

    def partition(name):
        number, code = answer.take("ih")
        results[f"{name}-{number}"] = (code, answer.text() or "")

    answer.array(topic)
    return results
