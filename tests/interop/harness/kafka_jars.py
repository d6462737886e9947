"""Apache Kafka's command-line tools and broker, from Maven."""
import subprocess

from .kcat import kcat
from .processes import CLUSTER_ID, Daemon, free_ports
from .setting_up import TOOLS, maven

TOPICS = "org.apache.kafka.tools.TopicCommand"
QUORUM = "org.apache.kafka.tools.MetadataQuorumCommand"
REASSIGN = "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"
ELECT = "org.apache.kafka.tools.LeaderElectionCommand"
CONFIGS = "kafka.admin.ConfigCommand"
GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"
LOG_DIRS = "org.apache.kafka.tools.LogDirsCommand"
OFFSETS = "org.apache.kafka.tools.GetOffsetShell"
PRODUCE = "org.apache.kafka.tools.ProducerPerformance"
CONSUME = "org.apache.kafka.tools.ConsumerPerformance"
CONSOLE_PRODUCE = "kafka.tools.ConsoleProducer"
CONSOLE_CONSUME = "org.apache.kafka.tools.consumer.ConsoleConsumer"
DUMP = "kafka.tools.DumpLogSegments"
ACLS = "kafka.admin.AclCommand"
FEATURES = "org.apache.kafka.tools.FeatureCommand"
TRANSACTIONS = "org.apache.kafka.tools.TransactionsCommand"


# Kafka 4 has them under other names.
RENAMED = {CONSOLE_PRODUCE: "org.apache.kafka.tools.ConsoleProducer"}
folder = "kafka-tools"


def use_kafka_4():
    """From now on the tools are those of Kafka 4."""
    global folder
    folder = "kafka-tools4"


def set_up_tools():
    maven(folder)


def class_of(name):
    return RENAMED.get(name, name) if folder == "kafka-tools4" else name


def class_path():
    # One logger, the silent one: what the tools print is what is checked.
    jars = (TOOLS / folder / "jars").glob("*.jar")
    return ":".join(str(jar) for jar in sorted(jars) if "reload4j" not in jar.name)


def java(*arguments, memory="256m"):
    """A Java command that starts fast and stays small."""
    return ["java", f"-Xmx{memory}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *map(str, arguments)]


def run_tool(name, *arguments, stdin="", seconds=120):
    done = subprocess.run(
        java("-cp", class_path(), class_of(name), *arguments), input=stdin, text=True, capture_output=True,
        timeout=seconds, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


class KafkaBroker:
    """One node of Apache Kafka itself: broker and controller."""

    def __init__(self, work):
        port, controller = free_ports(2)
        self.bootstrap = f"127.0.0.1:{port}"
        self.properties = work / "kafka.properties"
        self.properties.write_text(f"""\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
log.dirs={work}/kafka-data
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
""")
        command = java("-cp", class_path(), "kafka.Kafka", self.properties, memory="512m")
        self.daemon = Daemon("kafka", command, work)

    def format(self):
        said = run_tool("kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", self.properties)
        if "Formatting" not in said:
            raise RuntimeError(f"Apache Kafka's log folder cannot be made: {said[-1000:]}")

    def wait_ready(self):
        answers = lambda: "1 brokers" in kcat(self.bootstrap, "-L", "-m", 2)
        self.daemon.wait_ready(answers, 60)
