"""The faults. Each is a generator function: it breaks something, yields how long to leave it, and
mends it afterwards. `Fault.limit` is what the issue promises for the longest pause of writes."""
import dataclasses
from collections.abc import Callable

from parts.processes import Failed

from .network import CLIENTS


@dataclasses.dataclass
class Fault:
    kind: str  # what --faults selects
    name: str  # the row of the table
    weight: int
    body: Callable
    limit: float | None = None  # seconds


class Scene:
    """What a fault works with: the cluster, the draws, and words for the report."""

    def __init__(self, cluster, rng, topic, pause_seconds):
        self.cluster, self.rng, self.topic = cluster, rng, topic
        self.pause_seconds, self.words = pause_seconds, []

    def say(self, text):
        self.words.append(text)

    def leader(self):
        """A broker that leads partitions of the topic, if possible not the controller."""
        controller = self.cluster.controller()
        leaders = sorted({p.leader for p in self.cluster.partitions() if p.topic == self.topic})
        plain = [n for n in leaders if n != controller]
        return self.pick(plain or leaders, "leader")

    def controller(self):
        found = self.cluster.controller()
        if found is None:
            raise Failed("no active controller")
        return self.pick([found], "controller")

    def anyone(self):
        return self.pick(sorted(self.cluster.nodes), "broker")

    def pick(self, numbers, role):
        number = self.rng.choice(numbers)
        self.say(f"{role} {number}")
        return self.cluster.nodes[number]

    def peers(self, node):
        return [n for n in self.cluster.nodes if n != node.number]


def kill(whom):
    def body(scene):
        node = whom(scene)
        node.kill()
        yield scene.rng.uniform(0.5, 4)
        node.start()

    return body


def pause(whom):
    def body(scene):
        node = whom(scene)
        node.pause()
        try:
            yield scene.pause_seconds()
        finally:
            node.resume()

    return body


def cut(choose):
    """`choose` names the (from, to) whose packets are lost."""

    def body(scene):
        node = scene.leader() if scene.rng.random() < 0.7 else scene.anyone()
        for source, target in choose(scene, node):
            scene.cluster.network.cut(source, target)
        yield scene.rng.uniform(3, 9)
        scene.cluster.network.heal()

    return body


def outgoing(scene, node):
    peer = scene.rng.choice(scene.peers(node))
    return [(node.number, peer)]


def incoming(scene, node):
    peer = scene.rng.choice(scene.peers(node))
    return [(peer, node.number)]


def pair(scene, node):
    peer = scene.rng.choice(scene.peers(node))
    return [(node.number, peer), (peer, node.number)]


def from_peers(scene, node):
    """The worst case: clients still reach it."""
    return [link for peer in scene.peers(node) for link in ((node.number, peer), (peer, node.number))]


def from_all(scene, node):
    return from_peers(scene, node) + [(node.number, CLIENTS), (CLIENTS, node.number)]


def mute(scene, node):
    """It hears everybody and nobody hears it."""
    return [(node.number, peer) for peer in scene.peers(node)]


def deaf(scene, node):
    return [(peer, node.number) for peer in scene.peers(node)]


def full_disk(scene):
    node = scene.leader() if scene.rng.random() < 0.7 else scene.anyone()
    node.disk.fill()
    try:
        yield scene.rng.uniform(3, 8)
    finally:
        node.disk.free()


def rolling(scene):
    """Each broker in turn, the active controller last, as an operator would."""
    last = scene.cluster.controller()
    order = sorted(scene.cluster.nodes, key=lambda n: (n == last, n))
    for number in order:
        node = scene.cluster.nodes[number]
        node.stop()
        node.start()
        scene.cluster.wait_whole(60)
    scene.say("->".join(map(str, order)))
    yield 0


def wipe(scene):
    """An empty disk under a broker of the same number."""
    node = scene.anyone()
    node.kill()
    node.disk.wipe()
    yield scene.rng.uniform(0.5, 3)
    node.start()


FAULTS = [
    Fault("kill", "leader killed", 12, kill(Scene.leader), limit=2),
    Fault("kill", "controller killed", 12, kill(Scene.controller), limit=2),
    Fault("kill", "any broker killed", 6, kill(Scene.anyone)),
    Fault("pause", "leader paused", 13, pause(Scene.leader), limit=6),
    Fault("pause", "controller paused", 7, pause(Scene.controller)),
    Fault("cut", "cut: one way, out", 4, cut(outgoing)),
    Fault("cut", "cut: one way, in", 4, cut(incoming)),
    Fault("cut", "cut: both ways", 4, cut(pair)),
    Fault("cut", "mute to its peers", 3, cut(mute)),
    Fault("cut", "deaf to its peers", 3, cut(deaf)),
    Fault("cut", "alone, clients reach it", 4, cut(from_peers)),
    Fault("cut", "alone", 3, cut(from_all)),
    Fault("disk", "disk full", 10, full_disk),
    Fault("roll", "rolling restart", 8, rolling, limit=1),
    Fault("wipe", "disk wiped", 7, wipe),
]
KINDS = list(dict.fromkeys(fault.kind for fault in FAULTS))


def deck(rng, kinds, cycles):
    """The faults of a run: first as many different ones as fit, then by weight; shuffled."""
    known = [fault for fault in FAULTS if fault.kind in kinds]
    order = rng.sample(known, len(known))
    drawn = []
    while len(drawn) < min(cycles, len(known)):  # one of each kind before the second of any
        for kind in rng.sample(kinds, len(kinds)):
            left = [fault for fault in order if fault.kind == kind and fault not in drawn]
            drawn += left[:1]
    drawn = drawn[:cycles]
    drawn += rng.choices(known, [fault.weight for fault in known], k=cycles - len(drawn))
    rng.shuffle(drawn)
    return drawn
