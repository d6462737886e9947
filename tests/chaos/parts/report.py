"""The table: one row a case, safe for parts that run at the same time."""
import contextlib
import subprocess
import threading
import time
import traceback

from .processes import Failed


class Report:
    def __init__(self, verbose):
        self.rows, self.lock, self.verbose = [], threading.Lock(), verbose

    @contextlib.contextmanager
    def case(self, part, name, did):
        """Yields saw(text): what the user was shown. Whatever is raised fails this case only."""
        saw, began, verdict = [], time.monotonic(), "ok"
        try:
            yield saw.append
        except (Failed, OSError, RuntimeError, ValueError, KeyError, AttributeError,
                subprocess.TimeoutExpired) as error:  # fmt: skip
            verdict = "FAILED"
            saw.append(f"!! {error}")
            if self.verbose or not isinstance(error, Failed):
                saw.append(traceback.format_exc())
        with self.lock:
            self.rows.append((part, name, did, saw, verdict))
            took = time.monotonic() - began
            print(f"  {verdict:6} {part}: {name} ({took:.1f} s)", flush=True)

    def skip(self, part, name, why):
        with self.lock:
            self.rows.append((part, name, why, [], "SKIPPED"))
            print(f"  SKIPPED {part}: {name}: {why}", flush=True)

    def table(self):
        order = ["settings", "TLS", "network", "disk", "source", "kills"]
        order += ["identity", "quorum", "moves"]  # of bad_cluster
        out, last = [], None
        for part, name, did, saw, verdict in sorted(self.rows, key=lambda row: order.index(row[0])):
            if part != last:
                out.append(f"\n{part}")
                last = part
            out.append(f"  {verdict:7} {name}: {did}")
            out += [f"            | {line}" for text in saw for line in text.splitlines()]
        return "\n".join(out)

    def count(self, verdict):
        return sum(row[4] == verdict for row in self.rows)
