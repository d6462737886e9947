"""What processes and all their descendants cost: CPU seconds, memory now and at most (/proc)."""

import os

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    """Parent, and CPU seconds with those of children that have ended; None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            words = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(words[1]), sum(map(int, words[11:15])) / TICKS


class Tree:
    def __init__(self, roots):
        self.roots = list(roots)

    def pids(self):
        parents = {int(pid): stat[0] for pid in os.listdir("/proc") if pid.isdigit() and (stat := _stat(pid))}
        found = set(self.roots)
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return found

    def cpu_seconds(self):
        return sum(stat[1] for pid in self.pids() if (stat := _stat(pid)))

    def _status(self, key):
        total = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
                    total += sum(int(line.split()[1]) * 1024 for line in file if line.startswith(key))
            except (FileNotFoundError, ProcessLookupError):
                continue
        return total

    def memory_bytes(self):
        return self._status("VmRSS:")

    def forget_peak(self):
        """Peaks count from now on (needs the rights of the process's owner)."""
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
                    file.write("5")
            except OSError:
                continue

    def peak_bytes(self):
        return self._status("VmHWM:")
