"""Captures loopback traffic and lets Wireshark's Kafka dissector judge it."""
import collections
import dataclasses
import re

from .processes import Daemon, wait_until
from .setting_up import need, need_command, sh

# What the dissector says of a message whose bytes are not what the protocol wants.
COMPLAINTS = (
    "kafka.pdu_length_mismatch", "kafka.bad_string_length", "kafka.bad_bytes_length",
    "kafka.bad_array_length", "kafka.bad_record_length", "kafka.bad_varint",
    "kafka.ei_kafka_bad_message_set_length", "kafka.ei_kafka_bad_decompression_length",
    "kafka.unknown_message_magic", "kafka.unknown_api_key", "kafka.request_missing", "_ws.malformed",
)  # fmt: skip
FIELDS = (
    "frame.number", "kafka.request_key", "kafka.request.version", "kafka.response_key",
    "kafka.response.version", "kafka.unsupported_api_version", *COMPLAINTS,
)  # fmt: skip


def need_wireshark():
    need_command("dumpcap")
    need_command("tshark")


@dataclasses.dataclass
class Frame:
    number: int
    requests: list  # (API key, version)
    responses: list
    unsupported: bool  # the dissector does not know a version in it
    complaints: tuple


class Capture:
    def __init__(self, name, ports, work):
        self.ports, self.path = ports, work / f"{name}.pcapng"
        only = " or ".join(f"tcp port {port}" for port in ports)
        self.daemon = Daemon(name, ["dumpcap", "-i", "lo", "-f", only, "-B", "64", "-w", self.path], work)

    def wait_ready(self):
        self.daemon.wait_ready(lambda: self.path.exists() and "File:" in self.daemon.log(), 20)

    def stop(self):
        """Ends when what was sent has been written down."""
        said = [""]

        def quiet():
            before, said[0] = said[0], self.daemon.log()
            return "Packets:" in said[0] and said[0] == before

        wait_until(quiet, 20, pause=1.5)
        self.daemon.stop()

    def tshark(self, *arguments):
        decode = [word for port in self.ports for word in ("-d", f"tcp.port=={port},kafka")]
        found = sh(["tshark", "-r", str(self.path), "-o", "tcp.analyze_sequence_numbers:TRUE", *decode, *arguments])
        need(found, "tshark")
        return found.stdout

    def frames(self):
        """Every frame in which a Kafka message ends."""
        columns = [word for field in FIELDS for word in ("-e", field)]
        text = self.tshark("-Y", "kafka", "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", *columns)
        return [self.frame(line.split("\t")) for line in text.splitlines()]

    @staticmethod
    def frame(cells):
        cells += [""] * (len(FIELDS) - len(cells))
        number, request_keys, request_versions, response_keys, response_versions, unsupported = cells[:6]
        pairs = lambda keys, versions: list(zip(map(int, filter(None, keys.split(","))), map(int, filter(None, versions.split(",")))))
        complaints = tuple(name for name, cell in zip(COMPLAINTS, cells[6:]) if cell)
        return Frame(int(number), pairs(request_keys, request_versions), pairs(response_keys, response_versions),
                     bool(unsupported), complaints)  # fmt: skip

    def dropped(self):
        """How many packets the capture itself lost."""
        found = re.search(r"received/dropped on interface '[^']*': \d+/(\d+)", self.daemon.log())
        return int(found[1]) if found else -1


def kinds(frames):
    """How often each (API, version) was seen, as request or response."""
    return collections.Counter(pair for frame in frames for pair in (*frame.requests, *frame.responses))
