"""Two clusters and two mirror processes, one a domain, with the topology that describes them."""
from .processes import check, pages, wait_for

BROKER = """log.retention.check.interval.ms: 300
log.segment.delete.delay.ms: 100
delete.topic.enable: true
auto.create.topics.enable: false
"""

HALF = """  - link: {name}
    role: {role}
    cluster: {cluster}
    socket: unix:{socket}
    kind: {kind}
    topics: {{include: ['{topics}']}}
"""


class Pair:
    """Clusters `source` and `target`; links: (name, kind, topics, on_gap)."""

    def __init__(self, bench, links, target_data=None):
        self.bench, self.links = bench, links
        self.source = bench.broker("source", BROKER).start()
        self.target = bench.broker("target", BROKER, data=target_data).start()
        self.reader = self._mirror("reader", "source", "consumer").start()
        self.writer = self._mirror("writer", "target", "producer").start()
        self.topology = bench.write("topology.yaml", self._topology())

    @property
    def all(self):
        return [self.source, self.target, self.reader, self.writer]

    def _mirror(self, name, cluster, role):
        text = (
            f"domain: {cluster}\ndata.dir: {self.bench.path(name)}\nadmin.address: 127.0.0.1:0\n"
            f"topic.interval.ms: 300\ngroup.interval.ms: 1000\nstalled.after.ms: 2000\nclusters:\n"
            f"  - {{name: {cluster}, bootstrap: ['{getattr(self, cluster).address()}']}}\nhalves:\n"
        )
        for link, kind, topics, on_gap in self.links:
            socket = self.bench.path(f"{link}.sock")
            text += HALF.format(
                name=link, role=role, cluster=cluster, kind=kind, topics=topics, socket=socket
            )
            if role == "producer":
                text += f"    on.gap: {on_gap}\n"
                if kind == "aggregate":
                    text += "    target.topic: 'all.{topic}'\n"
        return self.bench.daemon("sealane-mirror", name, text)

    def _topology(self):
        text = "version: 1\nname: bad-days\ndomains:\n  - name: source\n  - name: target\n"
        text += "datacenters:\n  - name: a\nclusters:\n"
        for name in ("source", "target"):
            address = getattr(self, name).address()
            text += (
                f"  - name: {name}\n    domain: {name}\n    datacenter: a\n    brokers:\n"
                f"      - id: 1\n        listeners:\n          - {{name: plain, tls: none, "
                f"address: '{address}'}}\n"
            )
        text += "crossings:\n  - {from: source, to: target, topics: ['*'], why: bad days}\nlinks:\n"
        for name, kind, topics, on_gap in self.links:
            text += (
                f"  - name: {name}\n    from: source\n    to: target\n    kind: {kind}\n"
                f"    topics: ['{topics}']\n    on_gap: {on_gap}\n"
            )
            if kind == "aggregate":
                text += "    target_topic: 'all.{topic}'\n"
        return text

    def create(self, *topics, partitions=1, configs=()):
        for topic in topics:
            self.bench.must(
                "topic", "create", topic, f"--bootstrap={self.source.address()}",
                f"--partitions={partitions}", *[f"--config={config}" for config in configs],
            )  # fmt: skip

    def partition(self, link, topic, number=0):
        """What the mirror's page says of a partition; KeyError while it is not there."""
        for found in pages(self.writer)[link]["partitions"]:
            if found["topic"] == topic and found["partition"] == number:
                return found
        raise KeyError(f"{topic}-{number} is not on the page")

    def wait_copied(self, link, topic, end, number=0, seconds=20):
        return wait_for(
            f"{topic}-{number} copied to {end}",
            lambda: self.partition(link, topic, number)["position"] >= end,
            seconds,
        )

    def wait_broken(self, link, topic, number=0, seconds=20):
        def broken():
            found = self.partition(link, topic, number)
            return found["verdict"] == "BROKEN" and found

        return wait_for(f"{topic}-{number} BROKEN", broken, seconds)

    def verify(self, link):
        code, out = self.bench.sealane(
            "link", "verify", link, f"--topology={self.topology}", timeout=90
        )
        check(code == 0, f"sealane link verify {link}: exit {code}: {out.strip()}")
        return out.strip()

    def link(self, verb, link):
        words = [verb, link] if link else [verb]
        return self.bench.must("link", *words, f"--topology={self.topology}")
