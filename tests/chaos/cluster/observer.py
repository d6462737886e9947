"""Looks into every broker several times a second and writes what it saw into the history: who leads
which partition in which epoch, who is the active controller, how far high watermarks are."""
import threading

from . import questions
from workload.history import now

INTERVAL = 0.25


class Observer:
    def __init__(self, cluster, topic, path):
        self.cluster, self.topic = cluster, topic
        self.file, self.seen, self.wires = open(path, "w", encoding="ascii"), set(), {}
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self._watch, args=[node], daemon=True)
                        for node in cluster.all]  # fmt: skip
        self.lock = threading.Lock()
        for thread in self.threads:
            thread.start()

    def _write(self, fact):
        with self.lock:
            self.file.write(f'{{"at":{now()},{fact}}}\n')

    def _once(self, fact):
        if fact not in self.seen:
            self.seen.add(fact)
            self._write(fact)

    def _watch(self, node):
        wire = None
        while not self.ending.wait(INTERVAL):
            try:
                wire = wire or node.wire(timeout=1)
                self._look(node, wire)
            except (OSError, RuntimeError):
                wire = wire and wire.socket.close()

    def _look(self, node, wire):
        life = node.lives
        _, _, partitions = questions.metadata(wire)
        for part in partitions:
            if part.leader >= 0:
                self._once(f'"op":"leader","partition":"{part.name}","epoch":{part.epoch},'
                           f'"node":{part.leader}')  # fmt: skip
            if part.leader != node.number or part.topic != self.topic:
                continue
            mark = questions.high_watermark(wire, part)
            if mark is not None and life == node.lives:
                self._write(f'"op":"high-watermark","partition":"{part.name}","epoch":{part.epoch},'
                            f'"node":{node.number},"incarnation":{life},"offset":{mark}')  # fmt: skip
        quorum = questions.quorum(wire)
        if quorum and quorum.leader >= 0:
            self._once(f'"op":"controller","epoch":{quorum.epoch},"node":{quorum.leader}')

    def close(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(5)
        self.file.close()
