"""kcat: one feature per run; see tests/interop/run for the contract."""
import os
import re
import signal
import subprocess
import sys
import time

feature, env = sys.argv[1], os.environ
if feature == "version":
    said = subprocess.run(["kcat", "-V"], text=True, capture_output=True, check=False).stdout
    print(re.search(r"Version ([\d.]+)", said)[1], f"(librdkafka {re.search(r'librdkafka ([0-9.]+)', said)[1]})")
    sys.exit(0)
topic, count = env["TOPIC"], int(env["COUNT"])
values = [f"value {i} " * 10 for i in range(count)]
base = ["kcat", "-b", env["BOOTSTRAP"]]
if feature == "tls":
    pki = env["TLS_DIR"]
    base += ["-X", "security.protocol=ssl", "-X", f"ssl.ca.location={pki}/ca.pem"]
    base += ["-X", f"ssl.certificate.location={pki}/client.pem"]
    base += ["-X", f"ssl.key.location={pki}/client.key"]
if "SASL_MECHANISM" in env:
    base += ["-X", "security.protocol=sasl_ssl"]
    base += ["-X", f"ssl.ca.location={env['TLS_DIR']}/ca.pem"]
    base += ["-X", f"sasl.mechanism={env['SASL_MECHANISM']}"]
    base += ["-X", f"sasl.username={env['SASL_USER']}", "-X", f"sasl.password={env['SASL_PASSWORD']}"]


def run(args, stdin=None):
    result = subprocess.run(
        [*base, *args], input=stdin, text=True, capture_output=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()


def produce(lines, *args):
    run(["-P", "-t", topic, *args], "".join(line + "\n" for line in lines))


def holding(value):
    """A transaction with one record that the broker has, and its kcat still running."""
    kcat = subprocess.Popen(
        [*base, "-P", "-t", topic, "-X", f"transactional.id={topic}", "-X", "linger.ms=0"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    # It reads in blocks: what follows belongs to a second record that never ends.
    kcat.stdin.write(value + "\n" + "x" * 8192)
    kcat.stdin.flush()
    end = time.monotonic() + 30
    while value not in run(["-C", "-t", topic, "-e", "-q", "-X", "isolation.level=read_uncommitted"]):
        assert time.monotonic() < end and kcat.poll() is None, f"{value!r} does not arrive"
    return kcat


def transactions():
    """One transaction is committed, one aborted by a signal, one fenced by its successor."""
    half = count // 2
    transaction = ["-X", f"transactional.id={topic}"]
    produce(values[:half], *transaction)
    stopped = holding("aborted")
    stopped.send_signal(signal.SIGINT)
    stopped.communicate(timeout=30)
    zombie = holding("of a zombie")
    assert run(["-C", "-t", topic, "-e", "-q"]) == values[:half]
    produce(values[half:], *transaction)
    _, why = zombie.communicate(timeout=30)
    assert "fenced" in why.lower(), why
    assert run(["-C", "-t", topic, "-e", "-q"]) == values


if feature == "admin":
    print("kcat has no administration")
    sys.exit(77)
if feature == "transactions":
    transactions()
    sys.exit(0)
if feature in ("gzip", "snappy", "lz4", "zstd"):
    produce(values, "-z", feature)
elif feature == "idempotent":
    produce(values, "-X", "enable.idempotence=true")
elif feature == "headers":
    for i in range(count):
        produce([values[i]], "-H", f"h=x{i}") if i < 3 else None
    produce(values[3:], "-H", "h=x")
else:
    produce(values)
if feature == "group":
    group = ["-X", "auto.offset.reset=earliest", "-q", "-e", "-G", env["GROUP"], topic]
    assert run(group) == values
    produce(["after"])
    assert run(group) == ["after"]
elif feature == "headers":
    shown = run(["-C", "-t", topic, "-e", "-q", "-f", "%h %s\\n"])
    wanted = [f"h=x{i if i < 3 else ''} {value}" for i, value in enumerate(values)]
    assert shown == wanted, shown[:5]
else:
    assert run(["-C", "-t", topic, "-e", "-q"]) == values
