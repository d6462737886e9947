"""The programs under measurement: starting them on free ports in a directory of their own, what
they cost (/proc), and ending them. Only processes started here are ever signalled."""

import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import time

PARTITIONS = 6
TRUSTED = '"User:ANONYMOUS", "User:CN=client"'


class Failed(Exception):
    """A measurement that could not be made, in words for its row."""


class Daemon:
    def __init__(self, command, directory):
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        self.command = command
        self.process = None
        self.ready = ""

    def start(self, patience=120.0):
        """Seconds from exec to the ready line."""
        began = time.monotonic()
        self.spawn()
        self.wait_ready(patience)
        return time.monotonic() - began

    def spawn(self):
        """Starts it and does not wait: a node alone is no quorum."""
        with open(f"{self.directory}/log", "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=log)

    def wait_ready(self, patience=120.0):
        self.ready = self._ready_line(patience)

    def _ready_line(self, patience):
        line = b""
        deadline = time.monotonic() + patience
        while not line.endswith(b"\n"):
            readable = select.select([self.process.stdout], [], [], deadline - time.monotonic())
            got = os.read(self.process.stdout.fileno(), 1) if readable[0] else b""
            if not got:
                raise Failed(f"{self.command[0]} did not start: {self.last_words()}")
            line += got
        return line.decode()

    def last_words(self):
        with open(f"{self.directory}/log", "rb") as log:
            lines = log.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def cpu_seconds(self):
        """Of all its threads, none of which ends before it does; finer than /proc/PID/stat."""
        total = 0
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            path = f"/proc/{self.process.pid}/task/{thread}/schedstat"
            with open(path, encoding="ascii") as stat:
                total += int(stat.read().split()[0])
        return total / 1e9

    def memory_bytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        return 0

    def send(self, number):
        self.process.send_signal(number)

    def end(self, number=signal.SIGTERM):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.end()
        shutil.rmtree(self.directory, ignore_errors=True)


class Broker(Daemon):
    """One broker with a plain listener and a TLS listener that wants client certificates. `more`:
    lines of its configuration; `listeners`: further items of that list; `trusted`: who may do everything."""

    def __init__(self, binary, directory, node, domain, more="", listeners="", trusted=TRUSTED):
        super().__init__([binary, f"--config={directory}/broker.yaml", "--log_level=warning"], directory)
        with open(f"{directory}/broker.yaml", "w", encoding="utf-8") as config:
            config.write(
                f"node.id: {node}\n"
                f"log.dir: {directory}/data\n"
                f"super.users: [{trusted}]\nmirror.principals: [{trusted}]\n"
                f"{more}listeners:\n"
                "  - {name: plain, address: 127.0.0.1:0}\n"
                f"  - {{name: tls, address: 127.0.0.1:0, tls: {domain.server_yaml()}}}\n{listeners}"
            )
        self.domain = domain

    def address(self, listener):
        words = self.ready.split()
        at = words.index(f"listener={listener}")
        return words[at + 1].removeprefix("address=")

    def flags(self, tls, prefix=""):
        """How sealane-bench reaches it."""
        where = [f"--{prefix}bootstrap={self.address('tls' if tls else 'plain')}"]
        return where + (self.domain.flags(prefix) if tls else [])

    def first_answer(self):
        """Asks for ApiVersions (version 0) until it is answered."""
        host, port = self.address("plain").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as peer:
            peer.sendall(struct.pack(">ihhih", 10, 18, 0, 1, -1))
            if len(peer.recv(4)) != 4:
                raise Failed("the broker closed the connection")


class Domain:
    """A certificate authority with one server and one client, made for this run."""

    def __init__(self, name, directory):
        self.name = name
        self.directory = directory
        os.makedirs(directory, exist_ok=True)
        self._openssl("req", "-x509", "-subj", f"/CN={name} authority", "-days", "2", *self._key("ca"),
                      "-out", f"{directory}/ca.pem", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        self._issue("server", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n")
        self._issue("client", "extendedKeyUsage=clientAuth\n")

    def _key(self, name):
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", f"{self.directory}/{name}.key"]

    def _issue(self, name, extensions):
        at = self.directory
        with open(f"{at}/{name}.ext", "w", encoding="ascii") as file:
            file.write(extensions)
        self._openssl("req", "-new", "-subj", f"/CN={name}", *self._key(name), "-out", f"{at}/{name}.csr")
        self._openssl("x509", "-req", "-in", f"{at}/{name}.csr", "-CA", f"{at}/ca.pem",
                      "-CAkey", f"{at}/ca.key", "-CAcreateserial", "-days", "2",
                      "-extfile", f"{at}/{name}.ext", "-out", f"{at}/{name}.pem")
        os.chmod(f"{at}/{name}.key", 0o600)

    @staticmethod
    def _openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    def _yaml(self, who):
        at = self.directory
        return (f"{{domain: {self.name}, ca: {at}/ca.pem, "
                f"certificate: {at}/{who}.pem, key: {at}/{who}.key}}")

    def server_yaml(self):
        return self._yaml("server")

    def client_yaml(self):
        return self._yaml("client")

    def flags(self, prefix=""):
        at = self.directory
        return [f"--{prefix}tls_ca={at}/ca.pem", f"--{prefix}tls_cert={at}/client.pem",
                f"--{prefix}tls_key={at}/client.key"]


class Mirror(Daemon):
    """Halves of one link in one process: both, or one of them."""

    def __init__(self, binary, directory, kind, tls, halves):
        super().__init__([binary, f"--config={directory}/mirror.yaml", "--log_level=warning"], directory)
        clusters = ""
        parts = ""
        for role, broker, name, link_socket in halves:
            security = f", tls: {broker.domain.client_yaml()}" if tls else ""
            clusters += (f"  - {{name: {name}, "
                         f"bootstrap: [{broker.address('tls' if tls else 'plain')}]{security}}}\n")
            parts += (f"  - {{link: bench, role: {role}, cluster: {name}, socket: \"unix:{link_socket}\", "
                      f"kind: {kind}, topics: {{include: [\"bench*\"]}}}}\n")
        with open(f"{directory}/mirror.yaml", "w", encoding="utf-8") as config:
            config.write(f"domain: bench\ndata.dir: {directory}/data\ntopic.interval.ms: 500\n"
                         f"clusters:\n{clusters}halves:\n{parts}")
