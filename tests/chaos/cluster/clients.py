"""The clients of a run: processes that write histories and say what must be known at once."""
import itertools
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

from parts.processes import Failed, check
from workload.history import now

HERE = pathlib.Path(__file__).resolve().parent.parent
WORKLOAD = HERE / "workload"
VENV = HERE.parent.parent / ".build/chaos/venv"


def set_up_python():
    """The interpreter that has the pinned confluent-kafka. Needs the network once: call outside."""
    wanted, stamp = HERE / "requirements.txt", VENV / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        shutil.rmtree(VENV, ignore_errors=True)
        for command in ([sys.executable, "-m", "venv", VENV],
                        [VENV / "bin/pip", "install", "-q", "-r", wanted]):  # fmt: skip
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            check(done.returncode == 0, f"{command[0]}: {(done.stderr or done.stdout)[-400:]}")
        shutil.copy(wanted, stamp)
    return VENV / "bin/python"


class Client:
    """One process. `said` collects what it says, by the first word."""

    def __init__(self, workload, name, command):
        self.workload, self.name, self.told = workload, name, {}
        self.own = command[0] == workload.own
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=(workload.directory / f"{name}.err").open("wb"), text=True,
        )  # fmt: skip
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self):
        for line in self.process.stdout:
            word, _, rest = line.strip().partition(" ")
            if word == "gap":
                partition, begin, end = map(int, rest.split())
                self.workload.gaps.append((begin, end, self.name, partition))
            elif word == "error":
                self.workload.errors.append((now(), self.name, rest))
            else:
                self.told[word] = (now(), rest)

    def number(self, word, default=0):
        return int(self.told[word][1]) if word in self.told else default

    def ask_to_end(self):
        """Python clients wait for the end of their input, our own for SIGTERM."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
            if self.own:
                self.process.terminate()

    def end(self, seconds=90):
        self.ask_to_end()
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failed(f"client {self.name} does not end") from None
        self.listener.join(5)
        check(code == 0, f"client {self.name} ended with {code}: {self.last_words()}")

    def last_words(self):
        return (self.workload.directory / f"{self.name}.err").read_text(errors="replace")[-600:]


class Workload:
    """Writers, readers and group members on one topic."""

    def __init__(self, directory, bootstrap, topic, partitions, binaries):
        self.directory, self.bootstrap = directory / "clients", bootstrap
        self.directory.mkdir()
        self.topic, self.partitions = topic, partitions
        self.own = binaries / "sealane-chaos-client"
        self.gaps, self.errors = [], []  # (begin, end, writer, partition); (at, client, words)
        self.writers, self.readers, self.finals = [], [], itertools.count()

    def history(self, name):
        return self.directory / f"{name}.history"

    def _python(self, script, name, *words):
        return Client(self, name, [VENV / "bin/python", WORKLOAD / script, self.bootstrap, *words, name])

    def _own(self, what, name, **flags):
        given = {"bootstrap": self.bootstrap, "topic": self.topic, "name": name,
                 "partitions": self.partitions, "history": self.history(name)} | flags  # fmt: skip
        return Client(self, name, [self.own, *(f"--{k}={v}" for k, v in given.items()), what])

    def start(self, rate):
        shape = (self.topic, self.partitions)
        half = rate // 2
        self.writers = [
            self._python("rdk_writer.py", "rdk", *shape, half, self.history("rdk")),
            self._own("write", "own", rate=half),
        ]
        self.readers = [
            self._python("rdk_reader.py", "rdk-reader", *shape, self.history("rdk-reader")),
            self._own("read", "own-reader"),
            self._own("join", "own-member", group="own-group"),
        ]
        for name in ("rdk-member-1", "rdk-member-2"):
            self.readers.append(
                self._python("rdk_member.py", name, self.topic, "rdk-group", self.history(name))
            )

    @property
    def all(self):
        return self.writers + self.readers

    def check_alive(self):
        for client in self.all:
            code = client.process.poll()
            check(code is None, f"client {client.name} ended with {code}: {client.last_words()}")

    def wait_writing(self, since, seconds=30):
        """Until every writer has an acknowledgement from every partition that is newer."""
        deadline = time.monotonic() + seconds
        while not all(writer.number("oldest") > since for writer in self.writers):
            self.check_alive()
            if time.monotonic() > deadline:
                behind = [w.name for w in self.writers if w.number("oldest") <= since]
                raise Failed(f"{' and '.join(behind)} still wait {seconds} s after healing")
            time.sleep(0.02)

    def wait_fresh(self, since, seconds=30, lag_ms=1000):
        """Until every reader gets records that are less than a second old."""

        def fresh(reader):
            at, lag = reader.told.get("lag", (0, "0"))
            return at > since and int(lag) < lag_ms

        watched = [reader for reader in self.readers if "member" not in reader.name]
        deadline = time.monotonic() + seconds
        while not all(fresh(reader) for reader in watched):
            self.check_alive()
            if time.monotonic() > deadline:
                late = [f"{r.name} {r.told.get('lag')}" for r in watched if not fresh(r)]
                raise Failed(f"readers stay behind {seconds} s after healing: {', '.join(late)}")
            time.sleep(0.02)

    def longest_gap(self, begin, end):
        """(milliseconds, writer, partition) of the longest that touches this time."""
        touching = [
            ((b - a) / 1e6, who, part) for a, b, who, part in list(self.gaps) if a < end and b > begin
        ]
        return max(touching, default=(0.0, "", -1))

    def errors_between(self, begin, end):
        return [(who, text) for at, who, text in list(self.errors) if begin <= at < end]

    def end_writers(self):
        for writer in self.writers:
            writer.ask_to_end()
        for writer in self.writers:
            writer.end()

    def end_readers(self):
        for reader in self.readers:
            reader.ask_to_end()
        for reader in self.readers:
            reader.end()

    def read_everything(self, ends, seconds):
        """A reader that saw nothing yet reads all partitions from the beginning to these ends."""
        name = f"final{next(self.finals)}"
        listed = ",".join(str(ends[p]) for p in range(self.partitions))
        shape = (self.topic, self.partitions, self.history(name))
        final = Client(self, name, [VENV / "bin/python", WORKLOAD / "rdk_reader.py", self.bootstrap,
                                    *shape, name, listed])  # fmt: skip
        try:
            final.process.wait(seconds)
        except subprocess.TimeoutExpired:
            final.process.kill()
            raise Failed(f"the final read is not done after {seconds} s") from None
        final.listener.join(5)
        return final.number("read")

    def kill(self):
        for client in self.all:
            if client.process.poll() is None:
                client.process.kill()
            client.process.wait()

    def sent(self):
        return sum(writer.number("sent") for writer in self.writers)


def verdict(checker, directory, extra=()):
    """(whether nothing is broken, what sealane-check said) on all histories, merged by time."""
    files = sorted(str(path) for path in [*directory.glob("*.history"), *extra])
    merge = subprocess.Popen(
        ["sort", "--merge", "--stable", "--field-separator=,", "--key=1,1", *files],
        stdout=subprocess.PIPE, env=os.environ | {"LC_ALL": "C"},
    )  # fmt: skip
    done = subprocess.run([checker, "-"], stdin=merge.stdout, capture_output=True, text=True, check=False)
    merge.stdout.close()
    check(merge.wait() == 0, "sort failed")
    check(done.returncode in (0, 1), f"sealane-check: {done.stderr.strip() or done.returncode}")
    return done.returncode == 0, done.stdout.strip()
