"""Kafka's protocol by hand, as far as bad days need it: requests that no client library would send.

Versions are chosen old and simple: ApiVersions 0, Produce 4, ListOffsets 1, DeleteRecords 0.
"""
import socket
import struct
import time

PRODUCE, FETCH, LIST_OFFSETS, METADATA, API_VERSIONS, CREATE_TOPICS, DELETE_RECORDS = (
    0, 1, 2, 3, 18, 19, 21,
)  # fmt: skip
NONE, CORRUPT_MESSAGE, STORAGE_ERROR = 0, 2, 56


def _table():
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
        table.append(crc)
    return table


_CRC = _table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ _CRC[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def varint(number):
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def batch(values, *, count=None, magic=2, attributes=0, body=None):
    """A record batch (magic 2) with a right checksum, whatever else is wrong."""
    records = b""
    for i, value in enumerate(values):
        record = b"\0" + varint(0) + varint(i) + varint(-1) + varint(len(value)) + value + varint(0)
        records += varint(len(record)) + record
    if body is not None:
        records = body
    count = len(values) if count is None else count
    now = int(time.time() * 1000)
    checked = struct.pack(
        ">hiqqqhii", attributes, max(count, 1) - 1, now, now, -1, -1, -1, count
    )
    checked += records
    tail = struct.pack(">ibI", -1, magic, crc32c(checked)) + checked
    return struct.pack(">qi", 0, len(tail)) + tail


class Wire:
    """One connection. Errors of the socket are the caller's."""

    def __init__(self, address, timeout=10, context=None):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=timeout)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_hostname=host)
        self.correlation = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def frame(self, api, version, body):
        self.correlation += 1
        head = struct.pack(">hhi", api, version, self.correlation) + string("bad-days")
        return struct.pack(">i", len(head) + len(body)) + head + body

    def receive(self, count):
        got = b""
        while len(got) < count:
            more = self.socket.recv(count - len(got))
            if not more:
                raise ConnectionError("the broker closed the connection")
            got += more
        return got

    def closed_by_peer(self):
        """True when the peer closes without an answer within the timeout."""
        try:
            return self.socket.recv(1) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    def request(self, api, version, body):
        self.send(self.frame(api, version, body))
        (size,) = struct.unpack(">i", self.receive(4))
        return self.receive(size)[4:]

    def alive(self):
        return struct.unpack(">h", self.request(API_VERSIONS, 0, b"")[:2])[0] == NONE

    def produce(self, topic, partition, records, acks=-1):
        """(error code, base offset)"""
        body = struct.pack(">hhi", -1, acks, 5000) + struct.pack(">i", 1) + string(topic)
        body += struct.pack(">iii", 1, partition, len(records)) + records
        answer = self.request(PRODUCE, 4, body)
        at = 4 + 2 + len(topic) + 4 + 4
        return struct.unpack(">hq", answer[at : at + 10])

    def list_offset(self, topic, partition, timestamp):
        body = struct.pack(">ii", -1, 1) + string(topic)
        body += struct.pack(">iiq", 1, partition, timestamp)
        answer = self.request(LIST_OFFSETS, 1, body)
        at = 4 + 2 + len(topic) + 4 + 4
        code, _, offset = struct.unpack(">hqq", answer[at : at + 18])
        if code != NONE:
            raise RuntimeError(f"ListOffsets of {topic}-{partition} answers error {code}")
        return offset

    def first_offset(self, topic, partition=0):
        return self.list_offset(topic, partition, -2)

    def end_offset(self, topic, partition=0):
        return self.list_offset(topic, partition, -1)

    def delete_records(self, topic, partition, before):
        body = struct.pack(">i", 1) + string(topic)
        body += struct.pack(">iiqi", 1, partition, before, 10000)
        answer = self.request(DELETE_RECORDS, 0, body)
        at = 4 + 4 + 2 + len(topic) + 4 + 4 + 8
        (code,) = struct.unpack(">h", answer[at : at + 2])
        if code != NONE:
            raise RuntimeError(f"DeleteRecords of {topic}-{partition} answers error {code}")
