"""One process's part of the history: lines that sealane-check reads (tests/checker), each beginning
with its time in nineteen digits, so that `sort -m` merges the files of all processes."""
import json
import sys
import threading
import time

EPOCH = 10**18  # makes the monotonic clock nineteen digits long


def now():
    return EPOCH + time.monotonic_ns()


def place(message):
    return f"{message.topic()}-{message.partition()}"


class History:
    def __init__(self, path, process):
        self.file, self.process = open(path, "a", encoding="ascii", buffering=1 << 16), process

    def line(self, at, op, rest):
        self.file.write(f'{{"at":{at},"op":"{op}","process":"{self.process}",{rest}}}\n')

    def record(self, at, op, where, value, offset=None):
        tail = "" if offset is None else f',"offset":{offset}'
        self.line(at, op, f'"partition":"{where}","value":"{value}"{tail}')

    def poll(self, at, records):
        """records: [(partition, offset, value)]"""
        self.line(at, "poll", f'"records":{json.dumps(records, separators=(",", ":"))}')

    def assign(self, at, partitions):
        self.line(at, "assign", f'"partitions":{json.dumps(partitions)}')

    def offsets(self, at, op, group, offsets, asked=None):
        head = "" if asked is None else f'"asked":{asked},'
        self.line(at, op, f'{head}"group":"{group}","offsets":{json.dumps(offsets)}')

    def close(self):
        self.file.close()


def say(*words):
    """A line for the run: it hears at once what must not wait for the end."""
    print(*words, flush=True)


def told_to_end():
    """An event that is set when the run closes our standard input."""
    ending = threading.Event()

    def listen():
        sys.stdin.read()
        ending.set()

    threading.Thread(target=listen, daemon=True).start()
    return ending


# A record's value is its name, then filler made from the name: whoever reads it can tell whether
# it is what was written. The history has the names only.
SIZE = 100


def value_of(name):
    return (f"{name}|" * (SIZE // (len(name) + 1) + 1))[:SIZE].encode()


def name_of(value):
    """The name; None when the bytes are not what was written."""
    name = value.split(b"|", 1)[0].decode("ascii", "replace")
    return name if value == value_of(name) else None
