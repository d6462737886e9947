"""Many sockets: TLS connections that stay (sealane-bench opens them), and peers that send next to
nothing (opened here). How many descriptors that takes is asked of the system first."""

import contextlib
import json
import resource
import selectors
import socket
import struct
import subprocess
import threading
import time

from driver.daemons import Failed

SPARE_FILES = 500


def allow_files(needed):
    """For this process and each that it starts; `needed` by the one that needs most, the broker."""
    wanted = needed + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    if hard < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
            return
        raise Failed(f"{wanted} open files are needed, the limit is {hard}: ulimit -n")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Held:
    """Connections that a sealane-bench holds; a context."""

    def __init__(self, bench, flags, count):
        command = bench.command("native", [*flags, f"--connections={count}", "--seconds=600"], "hold-connections")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        line = self.process.stdout.readline()  # bounded by its own patience
        if not line:
            words = self.process.stderr.read().strip().splitlines()
            self.__exit__()
            raise Failed(f"hold-connections: {words[-1] if words else 'failed'}")
        self.opened = json.loads(line)
        return self

    def check(self):
        if self.process.poll() is not None:
            raise Failed(f"hold-connections ended: {self.process.stderr.read().strip()}")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


class SlowPeers:
    """Plain sockets whose frame never comes; a context. `announced`: the length in its first four
    bytes; every `pause` seconds one byte of it follows (None: nothing does). Notes when each is closed."""

    def __init__(self, address, count, announced, pause):
        host, port = address.rsplit(":", 1)
        self.address, self.count, self.pause = (host, int(port)), count, pause
        self.head = struct.pack(">i", announced)
        self.open = {}
        self.lived = []
        self.refused = 0
        self.stopping = False
        self.all_there = threading.Event()
        self.selector = selectors.DefaultSelector()
        self.thread = threading.Thread(target=self._play, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join(30)
        for peer in self.open:
            peer.close()
        self.selector.close()

    def wait_there(self, seconds=60):
        """Until all have connected (or were refused): who connects takes the processors as well."""
        if not self.all_there.wait(seconds):
            raise Failed(f"{self.count} connections are not open after {seconds} s")

    def wait_closed(self, seconds):
        """Until all have been closed, or the time is over; how many are left."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.thread.is_alive():
            time.sleep(0.05)
        return len(self.open)

    def _connect(self):
        peer = socket.create_connection(self.address, timeout=30)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A dripper's first byte is the first of the length; who announces sends all four.
        peer.send(self.head[:1] if self.pause else self.head)
        peer.setblocking(False)
        self.selector.register(peer, selectors.EVENT_READ)
        now = time.monotonic()
        self.open[peer] = [now, 1, now + (self.pause or 1e9)]

    def _play(self):
        for number in range(self.count):
            if self.stopping:
                return
            try:
                self._connect()
            except OSError:
                self.refused += 1
            if number % 100 == 99:
                self._look(0)
        self.all_there.set()
        while self.open and not self.stopping:
            self._look(0.1)
            self._drip()

    def _look(self, patience):
        for key, _ in self.selector.select(patience):
            peer = key.fileobj
            with contextlib.suppress(BlockingIOError, InterruptedError):
                try:
                    gone = peer.recv(100) == b""
                except ConnectionError:
                    gone = True
                if gone:
                    self._forget(peer)

    def _forget(self, peer):
        self.lived.append(time.monotonic() - self.open.pop(peer)[0])
        self.selector.unregister(peer)
        peer.close()

    def _drip(self):
        if not self.pause:
            return
        now = time.monotonic()
        for peer, state in list(self.open.items()):
            if now < state[2]:
                continue
            try:
                peer.send((self.head + b"\0" * 64)[state[1]:state[1] + 1])
            except ConnectionError:
                self._forget(peer)
                continue
            except BlockingIOError:
                pass
            state[1] = min(state[1] + 1, len(self.head) + 63)
            state[2] = now + self.pause
