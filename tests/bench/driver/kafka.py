"""Apache Kafka as the peer: its jars from Maven, one broker or three (KRaft, combined roles), its
load tools and MirrorMaker 2. Flags of the JVM are those of its own start scripts; they may be
overridden by the variables that these scripts read."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

from driver.broker_peer import PATIENCE, BrokerPeer
from driver.cluster import free_ports
from driver.daemons import Failed

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(HERE))
JARS = f"{ROOT}/.build/bench/kafka"
CLUSTER_ID = "4L6g3nShT-eMCtK--X86sw"
PERFORMANCE = ("-server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35 "
               "-XX:+ExplicitGCInvokesConcurrent -XX:MaxInlineLevel=15 -Djava.awt.headless=true")
BROKER_HEAP = "-Xmx1G -Xms1G"
TOOL_HEAP = "-Xmx512M"


def set_up():
    """The jars of pom.xml, once; the version of Kafka."""
    with open(f"{HERE}/kafka/pom.xml", encoding="utf-8") as file:
        pom = file.read()
    stamp = f"{JARS}/stamp"
    if not os.path.exists(stamp) or open(stamp, encoding="utf-8").read() != pom:
        shutil.rmtree(JARS, ignore_errors=True)
        os.makedirs(JARS)
        shutil.copy(f"{HERE}/kafka/pom.xml", JARS)
        subprocess.run(["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={JARS}/jars"],
                       cwd=JARS, check=True)
        with open(stamp, "w", encoding="utf-8") as file:
            file.write(pom)
    return re.search(r"<kafka>([^<]*)</kafka>", pom).group(1)


def java(main, *words, heap=TOOL_HEAP):
    heap = shlex.split(os.environ.get("KAFKA_HEAP_OPTS", heap))
    flags = shlex.split(os.environ.get("KAFKA_JVM_PERFORMANCE_OPTS", PERFORMANCE))
    return ["java", *heap, *flags, "-cp", f"{JARS}/jars/*", main, *map(str, words)]


class KafkaNode:
    def __init__(self, directory, number, ports, replicas):
        """`ports`: of clients and of the controller, for each node."""
        self.directory, self.number, self.process = directory, number, None
        os.makedirs(directory)
        self.address = f"127.0.0.1:{ports[number - 1][0]}"
        voters = ",".join(f"{i + 1}@127.0.0.1:{port[1]}" for i, port in enumerate(ports))
        settings = {
            "process.roles": "broker,controller", "node.id": number, "controller.quorum.voters": voters,
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{ports[number - 1][1]}",
            "advertised.listeners": f"PLAINTEXT://{self.address}", "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT", "log.dirs": f"{directory}/data",
            # As in the server.properties that Kafka ships.
            "num.network.threads": 3, "num.io.threads": 8, "socket.send.buffer.bytes": 102400,
            "socket.receive.buffer.bytes": 102400, "socket.request.max.bytes": 104857600,
            "num.recovery.threads.per.data.dir": 2, "log.segment.bytes": 1073741824,
            # As many as there are brokers.
            "offsets.topic.replication.factor": replicas, "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": max(1, replicas - 1), "default.replication.factor": replicas,
            "min.insync.replicas": max(1, replicas - 1), "group.initial.rebalance.delay.ms": 0,
            "file.delete.delay.ms": 1000,
        }
        self.properties = f"{directory}/server.properties"
        with open(self.properties, "w", encoding="utf-8") as file:
            file.writelines(f"{key}={value}\n" for key, value in settings.items())
        with open(f"{directory}/format.log", "wb") as log:
            subprocess.run(java("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", self.properties),
                           stdout=log, stderr=log, check=True, timeout=PATIENCE)

    def spawn(self):
        with open(f"{self.directory}/log", "ab") as log:
            command = java("kafka.Kafka", self.properties, heap=BROKER_HEAP)
            self.process = subprocess.Popen(command, stdout=log, stderr=log)

    def end(self, number=signal.SIGTERM):
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


class KafkaPeer(BrokerPeer):
    name = "kafka"

    def __init__(self, bench, brokers):
        directory = tempfile.mkdtemp(prefix="kafka-", dir=bench.directory)
        ports = free_ports(2 * brokers)
        pairs = list(zip(ports[:brokers], ports[brokers:]))
        super().__init__(directory, [KafkaNode(f"{directory}/{n}", n, pairs, brokers) for n in range(1, brokers + 1)])

    def flush_flag(self):
        return ["--flush="]  # it has no such setting of a topic

    def last_words(self):
        return "see its log"


def _run(command, patience):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=patience, check=False)
    except subprocess.TimeoutExpired as late:
        raise Failed(f"{command[0]}: nothing within {patience} s") from late
    if done.returncode != 0:
        raise Failed((done.stderr or done.stdout).strip().splitlines()[-1:] or ["failed"])
    return done.stdout


def producer_performance(bootstrap, topic, records, size, acks):
    """Kafka's own load: records and megabytes a second."""
    out = _run(java("org.apache.kafka.tools.ProducerPerformance", "--topic", topic, "--num-records", records,
                    "--record-size", size, "--throughput", -1, "--producer-props", f"bootstrap.servers={bootstrap}",
                    f"acks={acks}", "linger.ms=5", "batch.size=65536", "buffer.memory=67108864"), 600)
    found = re.search(r"(\d+) records sent, ([\d.]+) records/sec", out.strip().splitlines()[-1])
    if not found:
        raise Failed(f"ProducerPerformance said: {out[-200:]}")
    per_s = float(found.group(2))
    return {"records": records, "bytes": records * size, "records_per_s": per_s, "mb_per_s": per_s * size / 1e6}


def consumer_performance(bootstrap, topic, records, size):
    out = _run(java("org.apache.kafka.tools.ConsumerPerformance", "--bootstrap-server", bootstrap, "--topic", topic,
                    "--num-records", records, "--timeout", 60000), 600)
    lines = [line for line in out.strip().splitlines() if re.match(r"\d{4}-", line)]
    if not lines:
        raise Failed(f"ConsumerPerformance said: {out[-300:]}")
    cells = [cell.strip() for cell in lines[-1].split(",")]
    taken = int(cells[4])
    seconds = float(cells[7]) / 1e3  # the fetch time, without joining the group
    return {"records": taken, "bytes": taken * size, "records_per_s": taken / seconds,
            "mb_per_s": taken * size / 1e6 / seconds}
