"""What a run found, as a table: a row a fault, how long writes paused, and what failed."""
import collections


def cpu_waited():
    """Seconds in which somebody on this machine waited for a processor; None when it does not say."""
    try:
        with open("/proc/pressure/cpu", encoding="ascii") as file:
            return int(file.readline().rsplit("total=", 1)[1]) / 1e6
    except OSError:
        return None


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


class Figures:
    def __init__(self, slack):
        self.slack, self.failures = slack, []  # (where, words)
        self.pauses = collections.defaultdict(list)  # row -> milliseconds
        self.healing = collections.defaultdict(list)  # row -> seconds
        self.errors = collections.Counter()  # row -> errors that clients were told
        self.limits, self.cycles = {}, 0

    def cycle(self, fault, pause_ms, healing, errors):
        self.cycles += 1
        self.pauses[fault.name].append(pause_ms)
        self.healing[fault.name].append(healing)
        self.errors[fault.name] += len(errors)
        if fault.limit:
            self.limits[fault.name] = fault.limit
        if errors:
            self.fail(fault.name, f"{len(errors)} errors reached clients, first {errors[0]}")

    def fail(self, where, words):
        self.failures.append((where, words))

    def judge_limits(self):
        """The issue's limits hold at p99; slack is for machines that are busy with other things."""
        for name, limit in self.limits.items():
            found = percentile(self.pauses[name], 0.99) / 1000
            if found > limit * self.slack:
                self.fail(name, f"writes paused {found:.2f} s at p99, the limit is {limit:g} s")

    def table(self):
        head = f"{'fault':26}{'n':>4}  {'writes paused, ms':^24}  {'limit':>7}  {'whole after, s':>15} {'errors':>7}"
        out = [head, f"{'':30}  {'p50':>8}{'p99':>8}{'max':>8}  {'ms':>7}  {'p50':>7} {'max':>7} "]
        for name, pauses in sorted(self.pauses.items()):
            limit = f"{self.limits[name] * 1000:.0f}" if name in self.limits else "-"
            healing = self.healing[name]
            out.append(
                f"{name:26}{len(pauses):4}  {percentile(pauses, 0.5):8.0f}{percentile(pauses, 0.99):8.0f}"
                f"{max(pauses):8.0f}  {limit:>7}  {percentile(healing, 0.5):7.1f} {max(healing):7.1f} "
                f"{self.errors[name]:7}"
            )
        return "\n".join(out)
