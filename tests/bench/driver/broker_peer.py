"""Brokers of one kind under load, one or three. A context; the same questions can be asked of every kind."""

import shutil
import signal
import time

from driver.cluster import questions
from driver.daemons import Failed
from driver.processes import Tree
from parts.wire import Wire

PATIENCE = 60


class BrokerPeer:
    """`nodes`: each with a directory, an address, spawn(), end() and its process. They and `directory` go
    with the context. A kind adds its name, flush_flag() and last_words()."""

    def __init__(self, directory, nodes):
        self.directory, self.nodes = directory, nodes

    def __enter__(self):
        try:
            self.start()
        except Exception:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in self.nodes:
            node.end(signal.SIGKILL)
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        """Seconds from exec until every broker is known to a client that asks."""
        began = time.monotonic()
        for node in self.nodes:
            node.spawn()
        self.wait_served(began)
        return time.monotonic() - began

    def wait_served(self, began):
        """Until every node answers, and lists all of them."""
        left = list(self.nodes)
        while left:
            try:
                with Wire(left[0].address, timeout=2) as wire:
                    if len(questions.metadata(wire)[1]) == len(self.nodes):
                        left.pop(0)
                        continue
            except (OSError, RuntimeError, IndexError):
                pass
            if time.monotonic() - began > PATIENCE:
                raise Failed(f"{self.name} does not serve after {PATIENCE} s: {self.last_words()}")
            time.sleep(0.002)

    def stop(self):
        for node in self.nodes:
            if node.process is not None:
                node.process.send_signal(signal.SIGTERM)
        for node in self.nodes:
            node.end()

    def bootstrap(self):
        return ",".join(node.address for node in self.nodes)

    def tree(self):
        return Tree([node.process.pid for node in self.nodes])

    def data(self):
        return [f"{node.directory}/data" for node in self.nodes]
