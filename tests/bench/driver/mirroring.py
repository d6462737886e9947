"""The measurements through a mirror: two brokers and a link between them."""

import os
import signal
import subprocess
import tempfile

from driver.daemons import PARTITIONS, Failed, Mirror
from driver.figures import json_line


class Link:
    """Source, target and the mirror between them. Over TLS each half is a process of its own, with
    the keys of its domain only; plain, both halves share one process."""

    def __init__(self, bench, kind, tls):
        self.bench = bench
        self.kind = kind
        self.tls = tls
        self.open = []
        self.mirrors = []

    def __enter__(self):
        try:
            self.source = self._start(self.bench.broker(1))
            self.target = self._start(self.bench.broker(2, self.bench.second_domain))
        except Exception:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for daemon in reversed(self.open):
            daemon.__exit__()

    def _start(self, daemon):
        self.open.append(daemon)
        daemon.start()
        return daemon

    def start_mirror(self):
        at = tempfile.mkdtemp(prefix="mirror-", dir=self.bench.directory)
        meeting = f"{at}/link.sock"
        halves = [("consumer", self.source, "source", meeting),
                  ("producer", self.target, "target", meeting)]
        for number, group in enumerate([[half] for half in halves] if self.tls else [halves]):
            program = f"{self.bench.programs}/sealane-mirror"
            directory = f"{at}/{number}"
            os.makedirs(directory)
            mirror = Mirror(program, directory, self.kind, self.tls, group)
            self.mirrors.append(self._start(mirror))

    def cpu_seconds(self):
        return {"mirror": sum(mirror.cpu_seconds() for mirror in self.mirrors),
                "brokers": self.source.cpu_seconds() + self.target.cpu_seconds()}

    def signal_mirrors(self, number):
        for mirror in self.mirrors:
            mirror.send(number)

    def await_command(self, records, record_bytes):
        flags = [*self.target.flags(False), f"--partitions={PARTITIONS}", f"--records={records:.0f}",
                 f"--record_bytes={record_bytes}"]
        return self.bench.command("native", flags, "await")


def throughput(bench, kind, record_bytes, lz4, tls):
    """Draining a backlog: the mirror is halted while the source fills, then let go."""
    def once():
        with Link(bench, kind, tls) as link:
            bench.create(link.source, "os")
            first = bench.fill(link.source, 1, record_bytes, lz4=lz4)
            link.start_mirror()
            _finish(link.await_command(first["records"], record_bytes))
            link.signal_mirrors(signal.SIGSTOP)
            more = bench.fill(link.source, bench.options.mb, record_bytes, lz4=lz4)
            before = link.cpu_seconds()
            waiting = subprocess.Popen(
                link.await_command(first["records"] + more["records"], record_bytes),
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            waiting.stdout.readline()  # it has looked once: whatever comes now is timed
            link.signal_mirrors(signal.SIGCONT)
            found = _outcome(waiting)
            after = link.cpu_seconds()
        mirror = max(after["mirror"] - before["mirror"], 0.01)
        found["mirror_cpu_s_per_gb"] = mirror * 1e9 / more["bytes"]
        found["mb_per_mirror_cpu_s"] = more["bytes"] / 1e6 / mirror
        found["brokers_cpu_s_per_gb"] = (after["brokers"] - before["brokers"]) * 1e9 / more["bytes"]
        return found

    return bench.rounds(once)


def end_to_end(bench, kind, tls):
    """From before the send to the source until the record was consumed at the target."""
    def once():
        with Link(bench, kind, tls) as link:
            bench.create(link.source, "os")
            bench.fill(link.source, 1)
            link.start_mirror()
            _finish(link.await_command(1, 1024))
            flags = [*link.source.flags(tls), *link.target.flags(tls, "target_"), "--record_bytes=100",
                     f"--partitions={PARTITIONS}", "--rate=200", f"--seconds={bench.options.seconds}"]
            return bench.run("native", flags, "end-to-end")

    return bench.rounds(once)


def _finish(command):
    return _outcome(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))


def _outcome(process, patience=300):
    try:
        out, err = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired as late:
        process.kill()
        process.communicate()
        raise Failed("the mirror did not bring everything") from late
    if process.returncode != 0:
        raise Failed((err.strip().splitlines() or ["failed"])[-1])
    return json_line(out)
