"""Counted checks: each prints a line, and a failure shows what was seen instead."""
import re
import time

from . import kafka_jars


class Checks:
    def __init__(self, cluster, verbose=False):
        self.cluster, self.verbose = cluster, verbose
        self.passed = self.failed = 0

    def tool(self, name, *arguments, stdin="", server="--bootstrap-server"):
        """What a tool of Apache Kafka prints about the cluster."""
        if server:
            arguments = (server, self.cluster.bootstrap, *arguments)
        out = kafka_jars.run_tool(name, *arguments, stdin=stdin)
        if self.verbose:
            print(f"    $ {name.rsplit('.', 1)[-1]} {' '.join(map(str, arguments))}")
            print("\n".join("    | " + line for line in out.strip().splitlines()))
        return out

    def count(self, what, holds, why=""):
        self.passed, self.failed = self.passed + bool(holds), self.failed + (not holds)
        print(f"ok    {what}" if holds else f"FAIL  {what}: {why}", flush=True)
        return holds

    def equal(self, what, found, wanted):
        return self.count(what, found == wanted, f"found {str(found)[:600]}, not {str(wanted)[:600]}")

    def expect(self, what, out, *patterns):
        missing = [p for p in patterns if not re.search(p, out, re.MULTILINE | re.DOTALL)]
        return self.count(what, not missing, missing and f"no {missing[0]!r} in: {out.strip()[-500:]}")

    def until(self, what, ask, *patterns, seconds=30):
        deadline = time.monotonic() + seconds
        out = ask()
        while not all(re.search(p, out, re.MULTILINE | re.DOTALL) for p in patterns):
            if time.monotonic() > deadline:
                break
            out = ask()
        return self.expect(what, out, *patterns)

    def settles(self, what, ask, wanted, seconds=60):
        """Asks until the answer is the wanted one, or the time is over."""
        deadline = time.monotonic() + seconds
        found = ask()
        while found != wanted and time.monotonic() < deadline:
            time.sleep(0.2)
            found = ask()
        return self.equal(what, found, wanted)
