"""A worker of Kafka Connect in distributed mode, and its REST interface."""
import http.client
import json
import urllib.error
import urllib.request

from .kafka_jars import java
from .processes import Daemon, free_ports
from .setting_up import TOOLS, maven

# A rebalance after a worker was lost waits this long for it to come back; the default is minutes.
REJOIN_MS = 1000


def set_up_connect():
    maven("connect")


def class_path():
    return f"{TOOLS}/connect/jars/*"


class Worker:
    def __init__(self, name, bootstrap, work, settings=""):
        self.port = free_ports(1)[0]
        properties = work / f"{name}.properties"
        properties.write_text(f"""\
bootstrap.servers={bootstrap}
group.id=connect-cluster
config.storage.topic=connect-configs
offset.storage.topic=connect-offsets
status.storage.topic=connect-status
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
listeners=http://127.0.0.1:{self.port}
plugin.discovery=service_load
scheduled.rebalance.max.delay.ms={REJOIN_MS}
{settings}""")
        main = "org.apache.kafka.connect.cli.ConnectDistributed"
        self.daemon = Daemon(name, java("-cp", class_path(), main, properties, memory="512m"), work)

    @property
    def id(self):
        return f"127.0.0.1:{self.port}"

    def call(self, method, path, body=None):
        """(status, answer); 0 when nobody answers."""
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)

    def wait_ready(self, seconds=120):
        # The list is answered only by a worker that has joined its group and read its topics.
        self.daemon.wait_ready(lambda: self.call("GET", "/connectors")[0] == 200, seconds)

    def states(self, connector):
        """States of the connector and its tasks, such as ['RUNNING', 'RUNNING']."""
        status, found = self.call("GET", f"/connectors/{connector}/status")
        if status != 200:
            return [str(found)[:200]]
        return [found["connector"]["state"], *(task["state"] for task in found["tasks"])]

    def workers_of(self, connector):
        """Which workers run its tasks."""
        status, found = self.call("GET", f"/connectors/{connector}/status")
        return sorted(task["worker_id"] for task in found["tasks"]) if status == 200 else []
