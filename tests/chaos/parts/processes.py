"""Processes, certificates and checks that all cases share. Starts by itself, ends what it started."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.request

from .wire import Wire


class Failed(Exception):
    """A case did not end as it must."""


def check(condition, text):
    if not condition:
        raise Failed(text)


def wait_for(what, condition, seconds=20):
    """The first true value of `condition`; errors count as not yet."""
    deadline = time.monotonic() + seconds
    last = ""
    while time.monotonic() < deadline:
        try:
            value = condition()
            if value:
                return value
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            last = f" ({error})"
        time.sleep(0.05)
    raise Failed(f"after {seconds} s still not: {what}{last}")


def line_with(text, *patterns):
    """The first line in which all patterns are found; Failed when there is none."""
    for line in text.splitlines():
        if all(re.search(pattern, line) for pattern in patterns):
            return line.strip()
    raise Failed(f"no line with {' and '.join(patterns)} in: {text.strip()[-600:] or '(nothing)'}")


class Bench:
    """What a case works with: binaries, a directory of its own, and all its processes."""

    def __init__(self, binaries, directory):
        self.binaries = pathlib.Path(binaries)
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.daemons = []

    def path(self, name):
        return self.directory / name

    def write(self, name, text):
        self.path(name).write_text(text)
        return self.path(name)

    def run(self, *command, stdin="", timeout=60):
        done = subprocess.run(
            [str(part) for part in command], input=stdin, text=True, capture_output=True,
            timeout=timeout, errors="replace", check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def sealane(self, *arguments, **options):
        home = f"--home={self.path('home')}"
        return self.run(self.binaries / "sealane", *arguments, "--quiet", home, **options)

    def must(self, *arguments, **options):
        code, out = self.sealane(*arguments, **options)
        check(code == 0, f"sealane {' '.join(map(str, arguments))}: exit {code}: {out.strip()}")
        return out

    def daemon(self, program, name, config):
        self.write(f"{name}.yaml", config)
        made = Daemon(self, program, name)
        self.daemons.append(made)
        return made

    def broker(self, name, extra="", listeners=None, data=None):
        listeners = listeners or "  - {name: plain, address: '127.0.0.1:0'}\n"
        return self.daemon(
            "sealane-broker",
            name,
            f"node.id: 1\nlog.dir: {data or self.path(name + '-data')}\nlisteners:\n{listeners}"
            f"mirror.principals: ['User:ANONYMOUS']\nadmin.address: 127.0.0.1:0\n{extra}",
        )

    def close(self):
        for daemon in self.daemons:
            daemon.kill()


class Daemon:
    """One daemon over all its lives. Its second life has the addresses of the first."""

    def __init__(self, bench, program, name):
        self.bench, self.program, self.name = bench, program, name
        self.log = bench.path(f"{name}.log")
        self.process, self.ready = None, ""

    def start(self, seconds=30):
        config = self.bench.path(f"{self.name}.yaml")
        with self.log.open("ab") as errors:
            self.process = subprocess.Popen(
                [self.bench.binaries / self.program, f"--config={config}"],
                stdout=subprocess.PIPE, stderr=errors, text=True,
            )  # fmt: skip
        got = []
        reader = threading.Thread(
            target=lambda: got.append(self.process.stdout.readline()), daemon=True
        )
        reader.start()
        reader.join(seconds)
        check(got and got[0].startswith("ready"), f"{self.name} did not start: {self.tail()}")
        if not self.ready:
            self._keep_addresses(config, got[0])
        self.ready = got[0]
        return self

    def _keep_addresses(self, config, ready):
        text = config.read_text()
        for address in re.findall(r"address=(\S+)", ready):
            text = text.replace("127.0.0.1:0", address, 1)
        admin = re.search(r"admin=(\S+)", ready)
        if admin:
            text = text.replace("admin.address: 127.0.0.1:0", f"admin.address: {admin[1]}")
        config.write_text(text)

    def address(self, listener="plain"):
        return re.search(rf"listener={listener} address=(\S+)", self.ready)[1]

    def admin(self, page):
        at = re.search(r"admin=(\S+)", self.ready)[1]
        with urllib.request.urlopen(f"http://{at}{page}", timeout=5) as answer:
            return answer.read().decode()

    def wire(self, **options):
        return Wire(self.address(), **options)

    def logged(self):
        return self.log.read_text(errors="replace")

    def tail(self):
        return self.logged().strip()[-500:]

    def running(self):
        return self.process is not None and self.process.poll() is None

    def alive(self):
        """Raises Failed unless the process runs and answers."""
        check(self.running(), f"{self.name} has ended: {self.tail()}")
        with self.wire() as wire:
            check(wire.alive(), f"{self.name} does not answer")

    def memory(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) * 1024

    def kill(self):
        self._end(signal.SIGKILL)

    def stop(self):
        self._end(signal.SIGTERM)
        code = self.process.returncode
        check(code == 0, f"{self.name} stopped with {code}: {self.tail()}")

    def _end(self, how):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(timeout=20)
        self.process.stdout.close()


class Authority:
    """A security domain's certificates, made with openssl."""

    def __init__(self, bench, domain):
        self.bench, self.domain = bench, domain
        self.folder = bench.path(f"pki-{domain}")
        self.folder.mkdir(exist_ok=True)
        self.ca = self.folder / "ca.crt"
        self._openssl(
            "req", "-x509", *self._new_key("ca"), "-out", self.ca, "-days", "2",
            "-subj", f"/O={domain}/CN={domain} authority",
        )  # fmt: skip

    def _openssl(self, *arguments):
        code, out = self.bench.run("openssl", *arguments)
        check(code == 0, f"openssl: {out[-300:]}")

    def _new_key(self, name):
        key = self.folder / f"{name}.key"
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key]

    def issue(self, name, days=2, names="DNS:localhost,IP:127.0.0.1", usage="serverAuth,clientAuth"):
        """Files NAME.crt and NAME.key, subject O=domain, CN=name; days=-1: expired yesterday."""
        base = self.folder / name
        self._openssl(
            "req", *self._new_key(name), "-out", f"{base}.csr", "-subj", f"/O={self.domain}/CN={name}"
        )
        extensions = self.bench.write(
            f"{self.domain}-{name}.ext", f"subjectAltName={names}\nextendedKeyUsage={usage}\n"
        )
        self._openssl(
            "x509", "-req", "-in", f"{base}.csr", "-CA", self.ca, "-CAkey", self.folder / "ca.key",
            "-CAcreateserial", "-days", days, "-out", f"{base}.crt", "-extfile", extensions,
        )  # fmt: skip
        os.chmod(f"{base}.key", 0o600)
        return self

    def crt(self, name):
        return self.folder / f"{name}.crt"

    def key(self, name):
        return self.folder / f"{name}.key"

    def flags(self, name, ca=None):
        flags = [f"--tls-ca={ca or self.ca}"]
        if name:
            flags += [f"--tls-cert={self.crt(name)}", f"--tls-key={self.key(name)}"]
        return flags

    def listener(self, name, server, auth="required"):
        return (
            f"  - name: {name}\n    address: 127.0.0.1:0\n    tls: {{domain: {self.domain}, "
            f"ca: {self.ca}, certificate: {self.crt(server)}, key: {self.key(server)}, "
            f"client.auth: {auth}}}\n"
        )


def kcat_produce(bench, address, topic, lines, *options, timeout=60):
    return bench.run(
        "kcat", "-b", address, "-P", "-t", topic, *options, stdin="".join(f"{x}\n" for x in lines),
        timeout=timeout,
    )  # fmt: skip


def kcat_read(bench, address, topic, *options, timeout=40):
    """(exit code, values, what kcat said on stderr)"""
    done = subprocess.run(
        ["kcat", "-b", address, "-C", "-t", topic, "-e", "-o", "beginning", *options],
        text=True, capture_output=True, timeout=timeout, check=False, errors="replace",
    )  # fmt: skip
    return done.returncode, done.stdout.splitlines(), done.stderr


def pages(mirror):
    """The links of a mirror process by name, as its admin page shows them."""
    return {link["link"]: link for link in json.loads(mirror.admin("/links"))["links"]}


def need_tools():
    missing = [tool for tool in ("kcat", "openssl") if not shutil.which(tool)]
    check(not missing, f"not installed: {', '.join(missing)} (ops/setup installs them)")
