"""One broker process over all its lives."""
import os
import re
import select
import signal
import subprocess
import time
import urllib.error
import urllib.request

from parts.processes import Failed
from parts.wire import Wire

from .network import address, namespace

PORT, ADMIN_PORT = 9092, 9644


class Node:
    def __init__(self, number, program, directory, disk):
        self.number, self.program, self.disk = number, program, disk
        self.config = directory / f"broker{number}.yaml"
        self.log = directory / f"broker{number}.log"
        self.process, self.lives, self.paused = None, 0, False

    @property
    def bootstrap(self):
        return f"{address(self.number)}:{PORT}"

    def spawn(self):
        """Starts the process and does not wait: a node alone is no quorum."""
        with self.log.open("ab") as errors:
            errors.write(f"--- life {self.lives + 1}\n".encode())
            errors.flush()
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", namespace(self.number), self.program,
                 f"--config={self.config}"],
                stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip
        self.lives += 1
        self.paused = False

    def wait_ready(self, seconds=60):
        """The ready line; Failed with its last words when the process ends before."""
        line, deadline = b"", time.monotonic() + seconds
        while not line.endswith(b"\n"):
            left = max(deadline - time.monotonic(), 0)
            readable, _, _ = select.select([self.process.stdout], [], [], left)
            got = os.read(self.process.stdout.fileno(), 1) if readable else b""
            if not got:
                how = f"was not ready after {seconds} s"
                if readable:  # the end of its output, a moment before its own
                    self.process.wait(10)
                    how = "ended"
                raise Failed(f"broker {self.number} {how}: {self.last_words()}")
            line += got
        if not line.startswith(b"ready"):
            raise Failed(f"broker {self.number} said {line.decode(errors='replace').strip()}")

    def start(self, seconds=60):
        self.spawn()
        self.wait_ready(seconds)

    def wait_refusal(self, seconds=40):
        """(exit code, last words) of a process that must not start."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"broker {self.number} runs on: {self.last_words()}") from None
        self.process.stdout.close()
        return code, self.logged().rsplit("--- life", 1)[-1]

    def running(self):
        return self.process is not None and self.process.poll() is None

    def _signal(self, number):
        self.process.send_signal(number)

    def pause(self):
        self._signal(signal.SIGSTOP)
        self.paused = True

    def resume(self):
        self._signal(signal.SIGCONT)
        self.paused = False

    def kill(self):
        if self.running():
            self._signal(signal.SIGKILL)
        self._reap(10)

    def stop(self, seconds=60):
        """A clean end, by SIGTERM."""
        self._signal(signal.SIGTERM)
        try:
            code = self._reap(seconds)
        except subprocess.TimeoutExpired as late:
            raise Failed(f"broker {self.number} still runs {seconds} s after SIGTERM") from late
        if code != 0:
            raise Failed(f"broker {self.number} stopped with {code}: {self.last_words()}")

    def _reap(self, seconds):
        code = self.process.wait(timeout=seconds)
        self.process.stdout.close()
        return code

    def logged(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def last_words(self):
        return self.logged().strip()[-600:] or "it said nothing"

    def page(self, path, timeout=2):
        """(status, text) of its admin endpoint; (0, why) when it does not answer."""
        try:
            with urllib.request.urlopen(f"http://{address(self.number)}:{ADMIN_PORT}{path}",
                                        timeout=timeout) as answer:  # fmt: skip
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode(errors="replace")
        except OSError as error:
            return 0, str(error)

    def metric(self, name):
        found = re.search(rf"^{name}(?:{{[^}}]*}})? (\S+)$", self.page("/metrics")[1], re.M)
        return float(found[1]) if found else None

    def wire(self, timeout=2):
        return Wire(self.bootstrap, timeout=timeout)
