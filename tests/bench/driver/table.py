"""Rows of figures, and how they are shown."""

import dataclasses
import os


@dataclasses.dataclass
class Row:
    figure: str  # the number in the list of targets
    what: str
    measured: str = ""
    limit: str = ""  # the machine's; "~" before figures of a quiet machine of this kind
    must: str = ""
    stands: str = ""  # "reached", "missed by ...", or empty when the target is not comparable
    values: dict = dataclasses.field(default_factory=dict)

    def judge(self, value, target, at_least):
        """Says where `value` stands against `target`."""
        if at_least:
            self.stands = "reached" if value >= target else f"{value / target:.0%} of it"
        else:
            self.stands = "reached" if value <= target else f"{value / target:.1f} x over"


COLUMNS = ("figure", "what", "measured", "limit", "must", "stands")
TITLES = ("", "figure", "measured", "machine's limit", "must", "stands")


def show(rows):
    lines = [TITLES] + [tuple(getattr(row, column) for column in COLUMNS) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    text = []
    for number, line in enumerate(lines):
        text.append("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
        if number == 0:
            text.append("  ".join("-" * width for width in widths))
    return "\n".join(text)


def markdown(rows, found, busy):
    """The same, to be pasted; with the state of the machine before it began."""
    said = (f"{found['cores']} processors, {found['memory_gib']} GiB, {found['congestion_control']}; load "
            f"{found['loadavg'][0]:.1f}, others used {busy:.0%} of the processors before it began.")
    if busy > 0.2:
        said += " **The machine was busy: read CPU seconds, not speeds.**"
    lines = ["| " + " | ".join(TITLES) + " |", "|" + "---|" * len(TITLES)]
    lines += ["| " + " | ".join(getattr(row, column).replace("|", "/") for column in COLUMNS) + " |" for row in rows]
    return said + "\n\n" + "\n".join(lines) + "\n"


def machine():
    """Cores, load and memory, so that a table from a busy machine says so."""
    with open("/proc/meminfo", encoding="ascii") as info:
        total = int(info.readline().split()[1]) // (1 << 20)
    with open("/proc/sys/net/ipv4/tcp_congestion_control", encoding="ascii") as file:
        congestion = file.read().strip()
    return {"cores": os.cpu_count(), "memory_gib": total, "congestion_control": congestion,
            "loadavg": list(os.getloadavg())}
