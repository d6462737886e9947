"""One run: a cluster, its clients, the cycles of faults, and the checks at the end."""
import random
import shutil
import signal
import subprocess
import time

from parts.processes import Failed, check
from workload.history import now

from . import clients, nemesis, replicas
from .cluster import Cluster
from .figures import Figures, cpu_waited
from .observer import Observer

TOPIC, PARTITIONS = "chaos", 6
WHOLE_WITHIN = 60  # seconds after the last thing was mended
CONFIG = "log.segment.bytes: 4194304\n"


def run(options):
    print(f"seed {options.seed}: {options.cycles} cycles on {options.brokers} brokers", flush=True)
    story = Story(options)
    try:
        story.begin()
        story.cycles()
        story.end()
    except Failed as failure:
        story.figures.fail("the run itself", str(failure))
    finally:
        story.close()
    return story.report()


class Story:
    def __init__(self, options):
        self.options, self.rng = options, random.Random(options.seed)
        self.figures = Figures(options.slack)
        megabytes = 256 + 4 * options.cycles * options.rate // 2000
        self.cluster = Cluster(
            options.directory, options.bin, options.brokers, megabytes, CONFIG
        )
        self.workload = clients.Workload(
            options.directory, self.cluster.bootstrap, TOPIC, PARTITIONS, options.bin
        )
        self.observer, self.began, self.checks = None, time.monotonic(), 0
        self.waited = cpu_waited()

    def begin(self):
        self.cluster.start()
        self.cluster.wait_whole()
        self.cluster.create_topic(TOPIC, PARTITIONS)
        self.workload.start(self.options.rate)
        self.observer = Observer(
            self.cluster, TOPIC, self.workload.directory / "observer.history"
        )
        self.workload.wait_writing(now())
        self.workload.wait_fresh(now())
        self.cluster.wait_whole()

    def cycles(self):
        deck = nemesis.deck(self.rng, self.options.faults, self.options.cycles)
        for number, fault in enumerate(deck, 1):
            if self.options.seconds and time.monotonic() - self.began > self.options.seconds:
                print(f"{self.options.seconds:.0f} s are over: {len(deck) - number + 1} cycles left out")
                break
            self.cycle(number, fault)

    def pause_seconds(self):
        if self.options.quick:
            return self.rng.uniform(2, 5)
        return 2 * (30 if self.options.long_pauses else 6) ** self.rng.random()

    def cycle(self, number, fault):
        scene = nemesis.Scene(self.cluster, self.rng, TOPIC, self.pause_seconds)
        if self.rng.random() < 0.7:
            self.cluster.spread_leaders()
            self.cluster.wait_whole(WHOLE_WITHIN)
        began = now()
        for seconds in fault.body(scene):
            self.leave_broken(seconds * (0.6 if self.options.quick else 1))
        mended = now()
        self.collect_exits(fault)
        healing = self.cluster.wait_whole(WHOLE_WITHIN)
        self.workload.wait_writing(now())
        self.workload.wait_fresh(mended)
        pause, who, partition = self.workload.longest_gap(began, now())
        errors = self.workload.errors_between(began, now())
        self.figures.cycle(fault, pause, healing, errors)
        print(f"{number:4} {fault.name} ({', '.join(scene.words)}): writes paused {pause:.0f} ms"
              f"{f' ({who}, {TOPIC}-{partition})' if who else ''}, whole {healing:.1f} s after"
              f"{f', {len(errors)} errors' if errors else ''}", flush=True)  # fmt: skip

    def leave_broken(self, seconds):
        """The fault's time. Nothing is awaited: what happens in it is what is tested."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.workload.check_alive()
            time.sleep(min(0.1, max(end - time.monotonic(), 0)))

    def collect_exits(self, fault):
        for node in self.cluster.exited():
            self.figures.fail(fault.name, f"broker {node.number} ended by itself: {node.last_words()}")
            node.start()

    def end(self):
        self.cluster.wait_whole(WHOLE_WITHIN)
        self.workload.end_writers()
        self.figures.judge_limits()
        self.checks += len(self.figures.limits)
        self.observer.close()
        ends = self.cluster.end_offsets(TOPIC)
        check(None not in ends.values(), f"no end offsets: {ends}")
        patience = 60 + sum(ends.values()) / 5000
        read = self.workload.read_everything(ends, patience)
        self.workload.end_readers()
        print(f"{self.workload.sent()} records sent, {read} read from the beginning", flush=True)
        self.stop_brokers()
        self.compare_replicas()
        good, words = clients.verdict(self.options.bin / "sealane-check", self.workload.directory)
        print("sealane-check: " + words.splitlines()[-1])
        self.checks += 1
        if not good:
            for line in words.splitlines()[:-1]:
                self.figures.fail("sealane-check", line)

    def stop_brokers(self):
        for node in self.cluster.all:
            node.stop()

    def compare_replicas(self):
        for number in range(PARTITIONS):
            self.checks += 1
            found = replicas.differences(
                {node.number: node.disk.data / f"{TOPIC}-{number}" for node in self.cluster.all}
            )
            if found:
                self.figures.fail(f"replicas of {TOPIC}-{number}", found)

    def close(self):
        self.workload.kill()
        self.cluster.close()

    def report(self):
        figures = self.figures
        print("\n" + figures.table() + "\n")
        for where, words in figures.failures:
            print(f"FAILED {where}: {words}")
        failed = len(figures.failures)
        total = figures.cycles + self.checks
        took = time.monotonic() - self.began
        print(f"seed {self.options.seed}, {figures.cycles} cycles in {took:.0f} s{self.busy(took)}")
        print(f"{max(total - failed, 0)} passed, {failed} failed")
        return failed == 0 and total > 0

    def busy(self, took):
        """Pauses measured while everything waits for a processor say little about brokers."""
        if self.waited is None:
            return ""
        return f"; somebody waited for a processor {100 * (cpu_waited() - self.waited) / took:.0f} % of it"


def leave(options, passed):
    """The directory goes, unless it may be needed. Disks end with this run, so they are copied."""
    keep = options.keep or not passed
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for disk in sorted([*options.directory.glob("disk*"), *options.directory.glob("*/disk*")]):
        if keep:
            kept = disk.with_name(f"data{disk.name.removeprefix('disk')}")
            if (disk / "data").exists():
                shutil.copytree(disk / "data", kept)
        subprocess.run(["umount", "--lazy", disk], check=False)
        disk.rmdir()
    shutil.rmtree(options.directory / "bin", ignore_errors=True)
    if keep:
        print(f"kept: {options.directory}")
    else:
        shutil.rmtree(options.directory, ignore_errors=True)
