"""The frame of a command: options, set-up or a loud skip, a folder of its own, the closing line."""
import argparse
import contextlib
import pathlib
import shutil
import signal
import sys
import tempfile

from .checks import Checks
from .setting_up import CannotSetUp, build_sealane, in_ci


class Stage:
    """What a play is given: programs, a folder, checks; `ends` undoes what was started."""

    def __init__(self, options, binaries, work):
        self.options, self.binaries, self.work = options, binaries, work
        self.checks = Checks(None, options.verbose)
        self.ends = contextlib.ExitStack()

    def start(self, daemon):
        """Starts a Daemon that ends with the test."""
        self.ends.callback(daemon.kill)
        daemon.start()
        return daemon

    def start_cluster(self, cluster):
        self.ends.callback(cluster.stop)
        cluster.start_all()
        self.checks.cluster = cluster
        return cluster


def skipped(why):
    """Nothing is left out silently, and in CI nothing at all."""
    print(f"SKIPPED: {why}")
    print("0 passed, 1 failed" if in_ci() else "0 passed, 0 failed, 1 skipped")
    return 1 if in_ci() else 0


def parse(description, more_options):
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--bin", help="directory of the programs; default: built first")
    parser.add_argument("--keep", action="store_true", help="leave the directory with all logs")
    parser.add_argument("--verbose", action="store_true", help="print what the tools print")
    more_options(parser)
    return parser.parse_args()


def run_command(name, description, set_up, play, programs=("sealane-broker",), more_options=lambda _: None):
    """Runs play(stage) and returns the exit code of the script."""
    options = parse(description, more_options)
    # The ends of what was started are reached when somebody stops the script, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    binaries = pathlib.Path(options.bin) if options.bin else build_sealane(*programs)
    try:
        set_up()
    except CannotSetUp as why:
        return skipped(f"{name} cannot be set up: {why}")
    work = pathlib.Path(tempfile.mkdtemp(prefix=f"sealane-{name}-"))
    stage = Stage(options, binaries.resolve(), work)
    finished = False
    try:
        with stage.ends:
            play(stage)
            finished = True
    finally:
        checks = stage.checks
        if options.keep or checks.failed or not finished:
            print(f"kept: {work}")
        else:
            shutil.rmtree(work, ignore_errors=True)
    print(f"{checks.passed} passed, {checks.failed} failed")
    return 1 if checks.failed or not checks.passed else 0
