"""The broker of the table client x feature: plain, TLS and SASL listeners, one SCRAM user."""
import hashlib
import os
import socket
import struct

from .certificates import make_certificates
from .processes import Cluster, OneBroker

USER, PASSWORD = "interop", "pencil-7"


def set_scram_password(address, user, password):
    """AlterUserScramCredentials version 0, by hand: so that no client has to be there."""
    text = lambda b: bytes([len(b) + 1]) + b
    rows = b""
    for mechanism, digest in ((1, "sha256"), (2, "sha512")):
        salt = os.urandom(16)
        salted = hashlib.pbkdf2_hmac(digest, password.encode(), salt, 4096)
        rows += text(user.encode()) + struct.pack(">bi", mechanism, 4096)
        rows += text(salt) + text(salted) + b"\0"
    request = struct.pack(">hhih", 51, 0, 1, -1) + b"\0" + b"\1" + b"\3" + rows + b"\0"
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=10) as stream:
        stream.sendall(struct.pack(">i", len(request)) + request)
        size = struct.unpack(">i", stream.recv(4, socket.MSG_WAITALL))[0]
        answer = stream.recv(size, socket.MSG_WAITALL)
    # Correlation id, tags, throttle, one result: user, error.
    error = struct.unpack(">h", answer[10 + 1 + len(user):][:2])[0]
    if error != 0:
        raise RuntimeError(f"no SCRAM user: error {error}")


class TableBroker(OneBroker):
    def __init__(self, program, work):
        self.data = work / "data"
        make_certificates(work / "pki")
        users = work / "users"
        users.write_text(f"{USER} plain:{PASSWORD}\n")
        users.chmod(0o600)
        tls = (
            f"domain: interop\n      ca: {work}/pki/ca.pem\n"
            f"      certificate: {work}/pki/server.pem\n      key: {work}/pki/server.key"
        )
        super().__init__(program, work, f"""\
node.id: 1
log.dir: {self.data}
group.initial.rebalance.delay.ms: 100
listeners:
  - name: plain
    address: 127.0.0.1:0
  - name: tls
    address: 127.0.0.1:0
    tls:
      {tls}
      client.auth: required
  - name: sasl
    address: 127.0.0.1:0
    tls:
      {tls}
      client.auth: none
    sasl:
      enabled.mechanisms: [PLAIN, SCRAM-SHA-256, SCRAM-SHA-512]
      plain.users.file: {users}
""")
        set_scram_password(self.at["plain"], USER, PASSWORD)


class ThreeBrokers(Cluster):
    """Three brokers with plain listeners, of which clients are told the first."""

    def __init__(self, program, work):
        super().__init__(program.parent, work)
        self.at = {"plain": self.bootstrap.split(",")[0]}
        self.start_all()

    def alive(self):
        return all(process.poll() is None for process in self.processes)

    def stop(self):
        """The first exit code that is not 0."""
        super().stop()
        return next((process.returncode for process in self.processes if process.returncode), 0)
