"""Unknown or wrong keys, ports in use, data directories of others."""
import socket

from .processes import Authority, check, line_with

BROKER = """node.id: 1
log.dir: {data}
listeners:
  - {{name: plain, address: '127.0.0.1:0'}}
{extra}"""

MIRROR = """domain: d
data.dir: {data}
clusters:
  - {{name: c, bootstrap: ['127.0.0.1:1']}}
halves:
  - {{link: l, role: {role}, cluster: c, socket: 'unix:{data}/s', kind: aggregate,
     topics: {{include: ['*']}}}}
{extra}"""

TOPOLOGY = """version: 1
name: t
domains:
  - name: d
clusters:
  - name: a
    {domain}: d
    brokers:
      - id: {id}
"""


def refused(bench, program, text, *patterns, code=2):
    """Runs a daemon that must refuse to start, with one line that has all patterns."""
    file = bench.write("refused.yaml", text)
    exit_code, out = bench.run(bench.binaries / program, f"--config={file}", timeout=20)
    line = line_with(out, *patterns)
    check(exit_code == code, f"exit {exit_code}, not {code}: {out.strip()}")
    return line.replace(str(bench.directory) + "/", "")


def broker_text(bench, extra="", data="data"):
    return BROKER.format(data=bench.path(data), extra=extra)


def mirror_text(bench, extra="", role="producer"):
    return MIRROR.format(data=bench.path("mirror"), extra=extra, role=role)


def keys(bench, report):
    cases = [
        ("sealane-broker", broker_text(bench, "num.partition: 3\n"), "broker: unknown key",
         "num.partition: 3", [r":5:1: ", "num.partition'?", "did you mean.*num.partitions"]),
        ("sealane-broker", broker_text(bench, "num.partitions: many\n"), "broker: wrong type",
         "num.partitions: many", [r":5:\d+: ", "num.partitions", "many|whole number"]),
        ("sealane-broker", broker_text(bench, "num.partitions: 0\n"), "broker: out of range",
         "num.partitions: 0", [r":5:\d+: ", "num.partitions", "too small", "1 to"]),
        ("sealane-broker", broker_text(bench, "sealane.flush: never\n"), "broker: wrong choice",
         "sealane.flush: never", [r":5:\d+: ", "sealane.flush", "synced"]),
        ("sealane-broker", broker_text(bench, "node.id: 2\n"), "broker: key given twice",
         "node.id twice", [r":5:1: ", "node.id", "second time"]),
        ("sealane-broker", "node.id: [1\n", "broker: no YAML", "node.id: [1", [r"yaml:\d+:\d+: "]),
        ("sealane-broker", "node.id: 1\n", "broker: required key left out", "no log.dir",
         ["log.dir", "required|missing|needed"]),
        ("sealane-mirror", mirror_text(bench, "stalled.afer.ms: 9000\n"), "mirror: unknown key",
         "stalled.afer.ms: 9000", [r":8:1: ", "stalled.afer", "did you mean.*stalled.after.ms"]),
        ("sealane-mirror", mirror_text(bench, role="consume"), "mirror: wrong choice",
         "role: consume", [r":6:\d+: ", "role", "consumer"]),
        ("sealane-mirror", mirror_text(bench, "lagging.records: few\n"), "mirror: wrong type",
         "lagging.records: few", [r":8:\d+: ", "lagging.records"]),
    ]  # fmt: skip
    for program, text, name, did, patterns in cases:
        with report.case("settings", name, did) as saw:
            saw(refused(bench, program, text, *patterns))
    topologies = [
        ("topology: unknown key", "domian: d", {"domain": "domian", "id": 1},
         [r":7:5: ", "domian", "did you mean.*domain"]),
        ("topology: wrong type", "id: one", {"domain": "domain", "id": "one"},
         [r":9:\d+: ", "id"]),
    ]  # fmt: skip
    for name, did, fill, patterns in topologies:
        with report.case("settings", name, did) as saw:
            code, out = bench.sealane(
                "topology", "validate", bench.write("t.yaml", TOPOLOGY.format(**fill))
            )
            saw(line_with(out, *patterns).replace(str(bench.directory) + "/", ""))
            check(code == 78, f"exit {code}, not 78")
    with report.case("settings", "no such file", "--config=absent.yaml") as saw:
        code, out = bench.run(bench.binaries / "sealane-broker", "--config=absent.yaml")
        saw(line_with(out, "cannot read absent.yaml"))
        check(code == 2, f"exit {code}, not 2")


def ports_and_directories(bench, report):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with report.case("settings", "port in use", "a listener on a taken port") as saw:
            text = broker_text(bench).replace("127.0.0.1:0", f"127.0.0.1:{port}")
            saw(refused(bench, "sealane-broker", text, f"{port}", "plain", "in use", code=1))
        for program, make in (("sealane-broker", broker_text), ("sealane-mirror", mirror_text)):
            name = program.removeprefix("sealane-")
            with report.case("settings", f"{name}: admin port in use", "the same") as saw:
                text = make(bench, f"admin.address: 127.0.0.1:{port}\n")
                saw(refused(bench, program, text, "admin.address", f"{port}", "in use", code=1))
    owner = bench.broker("owner", "cluster.id: AAAAAAAAAAAAAAAAAAAAAQ\n")
    owner.start()
    with report.case("settings", "data directory held", "a second broker on it") as saw:
        text = broker_text(bench, data="owner-data")
        pid = str(owner.process.pid)
        saw(refused(bench, "sealane-broker", text, "owner-data", rf"\b{pid}\b", code=1))
        owner.alive()
    owner.stop()
    with report.case("settings", "data directory of another cluster", "other cluster.id") as saw:
        text = broker_text(bench, "cluster.id: AAAAAAAAAAAAAAAAAAAAAg\n", "owner-data")
        saw(refused(bench, "sealane-broker", text, "owner-data", "belongs to cluster",
                    "AAAAAAAAAAAAAAAAAAAAAg"))  # fmt: skip
    with report.case("settings", "data directory of another node", "node.id: 2") as saw:
        text = broker_text(bench, data="owner-data").replace("node.id: 1", "node.id: 2")
        saw(refused(bench, "sealane-broker", text, "owner-data", "node"))
    with report.case("settings", "its own data directory again", "the refused left it whole"):
        owner.start()
        owner.alive()
        owner.stop()


def key_files(bench, report):
    domain = Authority(bench, "files").issue("server").issue("other")

    def text(crt, key):
        listener = domain.listener("tls", "server")
        listener = listener.replace(str(domain.crt("server")), str(crt))
        listener = listener.replace(str(domain.key("server")), str(key))
        return f"node.id: 1\nlog.dir: {bench.path('tls-data')}\nlisteners:\n{listener}"

    crt, key = domain.crt("server"), domain.key("server")
    with report.case("settings", "certificate file missing", "certificate: absent.crt") as saw:
        saw(refused(bench, "sealane-broker", text("absent.crt", key), "absent.crt", "tls", code=1))
    with report.case("settings", "key of another certificate", "other.key to server.crt") as saw:
        wrong = text(crt, domain.key("other"))
        saw(refused(bench, "sealane-broker", wrong, "other.key", "belongs to the certificate"))
    with report.case("settings", "key that others can read", "chmod 644 server.key") as saw:
        key.chmod(0o644)
        saw(refused(bench, "sealane-broker", text(crt, key), "server.key", "600|others", code=1))
    with report.case("settings", "key that is no key", "an empty file") as saw:
        empty = bench.write("empty.key", "")
        empty.chmod(0o600)
        saw(refused(bench, "sealane-broker", text(crt, empty), "empty.key", "PEM key"))


def run(bench, report):
    keys(bench, report)
    ports_and_directories(bench, report)
    key_files(bench, report)
