"""What two peers did, side by side: medians, spreads and ratios, as text, as Markdown and as pictures."""

import html
import statistics

OURS, THEIRS = "sealane", "kafka"


def number(value):
    if value is None:
        return "-"
    size = abs(value)
    if size >= 10_000:
        return f"{value:,.0f}"
    if size >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.1 else f"{value:.3f}"


def spread(values):
    """Median (lowest-highest)."""
    if not values:
        return "-"
    middle = number(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({number(min(values))}-{number(max(values))})"


def of_metric(rounds, key):
    return [one[key] for one in rounds if key in one]


def lines(result):
    """(workload, what, ours, theirs, ratio, limit) for every metric of every workload."""
    made = []
    for workload in result["workloads"]:
        if workload.get("failed"):
            made.append((workload["name"], "not measured", "", "", workload["failed"][:60], ""))
            continue
        for shown in workload["shown"]:
            ours = of_metric(workload["peers"].get(OURS, []), shown["key"])
            theirs = of_metric(workload["peers"].get(THEIRS, []), shown["key"])
            ratio = share = ""
            if ours and theirs and statistics.median(theirs) and statistics.median(ours):
                times = statistics.median(ours) / statistics.median(theirs)
                times = times if shown["more_is_better"] else 1 / times
                ratio = f"{times:.2f} x better" if times >= 1 else f"{1 / times:.2f} x worse"
            if ours and shown.get("limit"):
                middle, limit = statistics.median(ours), shown["limit"]
                share = f"{middle / limit:.0%}" if shown["more_is_better"] else f"{middle / limit:.1f} x"
                share += f" of {number(limit)}"
            made.append((workload["name"], f"{shown['label']}, {shown['unit']}", spread(ours), spread(theirs),
                         ratio, share))
    return made


TITLES = ("workload", "figure", "Sealane", "Apache Kafka", "ratio", "machine's limit")


def text(result):
    table = [TITLES, *lines(result)]
    table = [table[0]] + [(row[0] if i == 0 or row[0] != table[i][0] else "", *row[1:])
                          for i, row in enumerate(table[1:])]
    widths = [max(len(row[i]) for row in table) for i in range(len(TITLES))]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in table]
    return "\n".join([shown[0], "  ".join("-" * width for width in widths), *shown[1:]])


def heading(result):
    machine, others = result["machine"], result["others"]
    said = (f"{machine['cores']} processors ({machine['processor']}), {machine['memory_gib']} GiB, Linux {machine['kernel']}; "
            f"commit {result['versions']['commit']}, Apache Kafka {result['versions']['kafka']} on Java "
            f"{result['versions']['java']}; {result['brokers']} broker(s) each, {result['rounds']} round(s), "
            f"{result['mb']} MB a round; {result['when']}. Others used {others['median']:.0%} of the processors between "
            f"the rounds at the median, {others['most']:.0%} at most.")
    if others["median"] > 0.2:
        said += " THE MACHINE WAS BUSY: read CPU seconds, not speeds."
    return said


def markdown(result):
    made = [heading(result), "", "| " + " | ".join(TITLES) + " |", "|" + "---|" * len(TITLES)]
    last = None
    for row in lines(result):
        made.append("| " + " | ".join((row[0] if row[0] != last else "", *row[1:])) + " |")
        last = row[0]
    return "\n".join(made) + "\n"


BAR, GAP, LEFT, WIDE = 16, 10, 250, 420
COLOURS = {OURS: "#1b6ca8", THEIRS: "#b0b0b0"}


def svg(workload):
    """Bars of medians, a line from the lowest to the highest round, a dot for each."""
    parts, top = [], 44
    for shown in workload["shown"]:
        rounds = {peer: of_metric(workload["peers"].get(peer, []), shown["key"]) for peer in COLOURS}
        most = max([value for values in rounds.values() for value in values], default=0) or 1
        better = "more is better" if shown["more_is_better"] else "less is better"
        parts.append(f'<text x="{LEFT - 8}" y="{top + BAR}" text-anchor="end">{html.escape(shown["label"])}</text>'
                     f'<text x="{LEFT - 8}" y="{top + 2 * BAR}" text-anchor="end" class="small">'
                     f'{html.escape(shown["unit"])}, {better}</text>')
        for peer, values in rounds.items():
            if values:
                parts.append(_bar(top, values, most, COLOURS[peer]))
            top += BAR + 2
        top += GAP
    legend = "".join(f'<rect x="{LEFT + 130 * i}" y="24" width="10" height="10" fill="{colour}"/>'
                     f'<text x="{LEFT + 14 + 130 * i}" y="33" class="small">{name}</text>'
                     for i, (name, colour) in enumerate(zip(("Sealane", "Apache Kafka"), COLOURS.values())))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDE + 110}" height="{top}" '
            f'font-family="sans-serif" font-size="12"><style>.small{{font-size:10px;fill:#555}}</style>'
            f'<rect width="100%" height="100%" fill="white"/>'
            f'<text x="8" y="16" font-weight="bold">{html.escape(workload["name"])}</text>{legend}{"".join(parts)}</svg>\n')


def _bar(top, values, most, colour):
    middle = statistics.median(values)
    x = [LEFT + WIDE * value / most for value in (min(values), middle, max(values))]
    y = top + BAR / 2
    dots = "".join(f'<circle cx="{LEFT + WIDE * value / most:.1f}" cy="{y}" r="2" fill="#222"/>' for value in values)
    return (f'<rect x="{LEFT}" y="{top}" width="{max(x[1] - LEFT, 1):.1f}" height="{BAR}" fill="{colour}"/>'
            f'<line x1="{x[0]:.1f}" x2="{x[2]:.1f}" y1="{y}" y2="{y}" stroke="#222"/>{dots}'
            f'<text x="{x[2] + 6:.1f}" y="{y + 4}">{number(middle)}</text>')
