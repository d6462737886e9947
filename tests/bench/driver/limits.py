"""What the machine allows, measured in the same run with nothing of Sealane in between: sockets,
TLS and the disk as plain system calls. Two threads each, as client and broker are two processes;
the calls are large, so that Python costs next to nothing."""

import os
import socket
import ssl
import statistics
import threading
import time

CHUNK = 256 << 10


def _pair():
    with socket.create_server(("127.0.0.1", 0)) as server:
        sender = socket.create_connection(server.getsockname())
        receiver, _ = server.accept()
    for side in (sender, receiver):
        side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Model-based congestion control halves the loopback's throughput.
        side.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"cubic")
    return sender, receiver


def _send_all(sender, total):
    chunk = os.urandom(CHUNK)
    for _ in range(total // CHUNK):
        sender.sendall(chunk)
    sender.close()


def _stream(sender, receiver, total):
    thread = threading.Thread(target=_send_all, args=(sender, total))
    into = bytearray(CHUNK)
    got = 0
    began = time.monotonic()
    thread.start()
    while count := receiver.recv_into(into):
        got += count
    seconds = time.monotonic() - began
    thread.join()
    receiver.close()
    return got / 1e6 / seconds


def loopback_mb_per_s(total):
    return _stream(*_pair(), total)


def tls_mb_per_s(total, domain):
    """TLS 1.3, one direction, certificates of both sides checked."""
    at = domain.directory
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for context, name in ((server, "server"), (client, "client")):
        context.load_verify_locations(f"{at}/ca.pem")
        context.load_cert_chain(f"{at}/{name}.pem", f"{at}/{name}.key")
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    server.verify_mode = ssl.CERT_REQUIRED
    sender, receiver = _pair()
    accepted = []
    wrap = threading.Thread(target=lambda: accepted.append(
        server.wrap_socket(receiver, server_side=True, suppress_ragged_eofs=True)))
    wrap.start()
    connected = client.wrap_socket(sender, server_hostname="127.0.0.1")
    wrap.join()
    return _stream(connected, accepted[0], total)


def round_trip_ms(count=2000):
    """Median and 99th percentile of 100 bytes there and back between two threads."""
    near, far = _pair()

    def echo():
        while got := far.recv(100):
            far.sendall(got)

    thread = threading.Thread(target=echo)
    thread.start()
    samples = []
    for _ in range(count):
        began = time.monotonic()
        near.sendall(b"x" * 100)
        near.recv(100)
        samples.append((time.monotonic() - began) * 1e3)
    near.close()
    thread.join()
    samples.sort()
    return {"p50": statistics.median(samples), "p99": samples[int(len(samples) * 0.99)]}


def disk(directory, total, piece=64 << 10):
    """Appending `piece` bytes: MB/s into the page cache, and with fdatasync after each."""
    block = os.urandom(piece)
    found = {}
    path = f"{directory}/limit"
    for name, size, sync in (("write", total, False), ("synced", total // 8, True)):
        with open(path, "wb", buffering=0) as file:
            samples = []
            began = time.monotonic()
            for _ in range(size // piece):
                before = time.monotonic()
                file.write(block)
                if sync:
                    os.fdatasync(file.fileno())
                samples.append((time.monotonic() - before) * 1e3)
            found[name + "_mb_per_s"] = size / 1e6 / (time.monotonic() - began)
        samples.sort()
        found[name + "_p50_ms"] = statistics.median(samples)
        found[name + "_p99_ms"] = samples[int(len(samples) * 0.99)]
        os.unlink(path)
    return found


def measure(directory, domain, total):
    return {
        "loopback_mb_per_s": loopback_mb_per_s(total),
        "tls_mb_per_s": tls_mb_per_s(total // 2, domain),
        "round_trip_ms": round_trip_ms(),
        **disk(directory, total // 2),
    }
