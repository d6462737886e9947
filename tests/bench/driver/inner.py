"""Inner loops of the broker, without one: programs of tests/bench/inner, run as they are."""

import subprocess
import tempfile

from driver.daemons import Failed
from driver.figures import json_line
from driver.table import Row

KEYS = 20_000


def compaction(bench, lz4):
    def once():
        with tempfile.TemporaryDirectory(prefix="clean-", dir=bench.directory) as directory:
            command = [f"{bench.programs}/clean_bench", directory, str(bench.options.mb), str(KEYS)]
            try:
                done = subprocess.run([*command, *(["lz4"] if lz4 else [])], capture_output=True, text=True,
                                      timeout=300, check=False)
            except FileNotFoundError as gone:
                raise Failed(f"{gone.filename} is not built") from gone
            if done.returncode != 0:
                raise Failed(done.stderr.strip() or "clean_bench failed")
            return json_line(done.stdout)

    return bench.rounds(once)


def compaction_row(lz4):
    row = Row("", f"compaction of one log, {KEYS:,} keys, 1 KiB{', lz4' if lz4 else ''}: read, others' turn p99 / longest")

    def measure(bench, into):
        values = into.values = compaction(bench, lz4)
        into.measured = (f"{values['mb_per_s']:.0f} MB/s, {values['cpu_s_per_gb']:.2f} CPU s/GB; "
                         f"{values['turn_p99_ms']:.2f} / {values['turn_max_ms']:.1f} ms")
        into.limit = f"file {bench.limits['write_mb_per_s']:.0f} MB/s"

    return row, measure


def rows(_chosen):
    return [compaction_row(False), compaction_row(True)]
