"""A private corner of this machine: namespaces of network, mounts and processes of our own. Whatever
is started, mounted or configured in it ends with the run, also after SIGKILL: the kernel sees to it."""
import ctypes
import os
import shutil
import signal
import subprocess
import sys

INSIDE = "SEALANE_CHAOS_INSIDE"
UNSHARE = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


def missing():
    """Why this machine cannot run it, in words; empty when it can."""
    if os.geteuid() != 0:
        return "network namespaces and small file systems need root"
    absent = [tool for tool in ("ip", "unshare", "mount", "sort") if not shutil.which(tool)]
    if absent:
        return f"not installed: {', '.join(absent)} (ops/setup installs them)"
    probe = "mount -t tmpfs none /run && mkdir /run/netns && ip netns add x && ip -n x rule add " \
        "from 10.0.0.1 to 10.0.0.2 blackhole pref 10"  # fmt: skip
    tried = subprocess.run([*UNSHARE, "sh", "-c", probe], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"no namespaces here: {tried.stderr.strip()[-200:]}"


def is_inside():
    return INSIDE in os.environ


def enter():
    """Runs this program again inside; returns only there. Signals reach it, and it cleans up."""
    if is_inside():
        return _settle()
    why = missing()
    if why:
        print(f"SKIPPED: {why}", file=sys.stderr)
        print("chaos did NOT run", file=sys.stderr)
        sys.exit(1 if os.environ.get("CI") == "true" else 77)
    child = subprocess.Popen(
        [*UNSHARE, sys.executable, *sys.argv], env=os.environ | {INSIDE: "1"},
        start_new_session=True, preexec_fn=_end_with_parent,
    )  # fmt: skip
    # unshare ignores SIGINT and SIGTERM while it waits: they go to the program inside it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: _interrupt_inside(child.pid))
    sys.exit(child.wait())


def _end_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def _interrupt_inside(unshare):
    with open(f"/proc/{unshare}/task/{unshare}/children", encoding="ascii") as file:
        for pid in file.read().split():
            os.kill(int(pid), signal.SIGINT)


def _settle():
    # The first process of a process namespace has no default actions: SIGINT must be asked for.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    os.makedirs("/run/netns", exist_ok=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
