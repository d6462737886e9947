"""The network of one cluster: a namespace for each node, joined by a router that can lose packets in
silence, one way or both, between any two of them. Node 0 is this program and the clients."""
import itertools
import subprocess

ROUTER = "router"
CLIENTS = 0


def ip(*words):
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")


def address(node):
    return f"10.77.{node}.2"


def namespace(node):
    return f"node{node}"


class Network:
    def __init__(self, nodes):
        self.nodes = list(nodes)
        self.cuts = {}  # (from, to) -> pref of its rule
        self.prefs = itertools.count(10)
        ip("netns", "add", ROUTER)
        for node in [CLIENTS, *self.nodes]:
            self._join(node)
        self.inside(ROUTER, "sysctl", "-qw", "net.ipv4.ip_forward=1")

    def _join(self, node):
        router_end, own_end = f"r{node}", f"n{node}"
        ip("link", "add", own_end, "type", "veth", "peer", "name", router_end)
        ip("link", "set", router_end, "netns", ROUTER)
        ip("-n", ROUTER, "addr", "add", f"10.77.{node}.1/24", "dev", router_end)
        ip("-n", ROUTER, "link", "set", router_end, "up")
        where = []
        if node != CLIENTS:
            ip("netns", "add", namespace(node))
            ip("link", "set", own_end, "netns", namespace(node))
            where = ["-n", namespace(node)]
            ip(*where, "link", "set", "lo", "up")
        ip(*where, "addr", "add", f"{address(node)}/24", "dev", own_end)
        ip(*where, "link", "set", own_end, "up")
        ip(*where, "route", "add", "default", "via", f"10.77.{node}.1")

    @staticmethod
    def inside(name, *command):
        subprocess.run(["ip", "netns", "exec", name, *command], check=True)

    def cut(self, source, target):
        """Packets from `source` to `target` are lost from now on; nobody is told."""
        if (source, target) in self.cuts:
            return
        pref = next(self.prefs)
        ip("-n", ROUTER, "rule", "add", "from", address(source), "to", address(target), "blackhole",
           "pref", str(pref))  # fmt: skip
        self.cuts[source, target] = pref

    def cut_both(self, one, other):
        self.cut(one, other)
        self.cut(other, one)

    def heal(self):
        for pref in self.cuts.values():
            ip("-n", ROUTER, "rule", "del", "pref", str(pref))
        self.cuts = {}

    def remove(self):
        """Namespaces take their devices with them; this end of the clients' link goes by hand."""
        ip("link", "del", f"n{CLIENTS}")
        for node in self.nodes:
            ip("netns", "del", namespace(node))
        ip("netns", "del", ROUTER)
