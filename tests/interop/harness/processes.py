"""Brokers and other daemons of a test: started, waited for, ended by their id."""
import pathlib
import re
import signal
import socket
import subprocess
import time

CLUSTER_ID = "AQIDBAUGBwgJCgsMDQ4PEA"
STOP_SECONDS = 20


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def wait_until(holds, seconds, pause=0.2):
    """True as soon as holds() is; False when the time is over."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


class Daemon:
    """One process whose output goes to a file; it may be killed and started again."""

    def __init__(self, name, command, work, env=None, cwd=None):
        self.name, self.command, self.env, self.cwd = name, [str(c) for c in command], env, cwd
        self.log_path = pathlib.Path(work) / f"{name}.log"
        self.process = None

    def start(self):
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.env, cwd=self.cwd, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def log(self, last=3000):
        return self.log_path.read_text(errors="replace")[-last:] if self.log_path.exists() else ""

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        if self.alive():
            self.process.kill()
            self.process.wait(STOP_SECONDS)

    def stop(self):
        """SIGTERM, and -9 for one that does not go."""
        if not self.alive():
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def wait_ready(self, is_ready, seconds):
        """Raises with the end of the log when it ended or is not ready in time."""
        def ended_or_ready():
            return not self.alive() or is_ready()

        if not wait_until(ended_or_ready, seconds) or not self.alive():
            state = "is not ready" if self.alive() else "ended"
            raise RuntimeError(f"{self.name} {state}: {self.log()}")


def error_lines(logs):
    """What the brokers themselves call an error."""
    return [line for log in logs for line in log.read_text(errors="replace").splitlines() if " ERROR " in line]


class OneBroker:
    """A broker with a configuration of its own; `at` maps its listeners to their addresses."""

    def __init__(self, program, work, config):
        self.log = work / "broker.log"
        (work / "broker.yaml").write_text(config)
        self.process = subprocess.Popen(
            [program, f"--config={work}/broker.yaml"], stdout=subprocess.PIPE,
            stderr=self.log.open("w"), text=True,
        )  # fmt: skip
        ready = self.process.stdout.readline()
        self.at = dict(re.findall(r"listener=(\S+) address=(\S+)", ready))
        if not self.at:
            raise RuntimeError("the broker did not start: " + self.log.read_text()[-2000:])

    def alive(self):
        return self.process.poll() is None

    def errors(self):
        return error_lines([self.log])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


class Cluster:
    """Combined nodes; ports are chosen first, because voters must know each other."""

    def __init__(self, binaries, work, brokers=3, settings=""):
        self.work, self.binaries = work, binaries
        self.ports = free_ports(brokers)
        self.bootstrap = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        voters = ", ".join(f'"{i + 1}@127.0.0.1:{port}"' for i, port in enumerate(self.ports))
        self.processes = [None] * brokers
        for i, port in enumerate(self.ports):
            (work / f"{i + 1}.yaml").write_text(
                f"node.id: {i + 1}\ncluster.id: {CLUSTER_ID}\nlog.dir: {work}/data{i + 1}\n"
                f"broker.rack: rack{i + 1}\ncontroller.quorum.voters: [{voters}]\n"
                'broker.principals: ["User:ANONYMOUS"]\nlog.cleaner.backoff.ms: 300\n'
                f"group.initial.rebalance.delay.ms: 100\n{settings}"
                f"listeners:\n  - name: plain\n    address: 127.0.0.1:{port}\n"
            )

    def start(self, number):
        log = (self.work / f"{number}.log").open("ab")
        self.processes[number - 1] = subprocess.Popen(
            [self.binaries / "sealane-broker", f"--config={self.work}/{number}.yaml"],
            stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip

    def wait_ready(self, number):
        line = self.processes[number - 1].stdout.readline()
        if not line.startswith("ready"):
            tail = (self.work / f"{number}.log").read_text()[-2000:]
            raise RuntimeError(f"broker {number} did not start: {tail}")

    def start_all(self):
        numbers = range(1, len(self.processes) + 1)
        for number in numbers:
            self.start(number)
        for number in numbers:
            self.wait_ready(number)

    def kill(self, number):
        self.processes[number - 1].kill()
        self.processes[number - 1].wait(STOP_SECONDS)

    def errors(self):
        return error_lines(sorted(self.work.glob("[0-9]*.log")))

    def stop(self):
        for process in self.processes:
            if process and process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            if process:
                try:
                    process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
