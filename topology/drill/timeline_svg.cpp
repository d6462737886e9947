#include "topology/drill/timeline_svg.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sealane::topology {
namespace {

constexpr double kWidth = 920;
constexpr double kLeft = 44;
constexpr double kTop = 96;
constexpr double kChartHeight = 150;
constexpr double kBucketSeconds = 0.1;
constexpr double kTallest = 3;  // bars above this many times the usual rate are cut and numbered

struct Bars {
    std::vector<int> primary;
    std::vector<int> standby;
    int highest = 1;
};

double seconds(Duration span) {
    return static_cast<double>(span.count()) / 1e9;
}

Bars count_acknowledgements(const DrillResult& result, double total) {
    Bars bars;
    const auto count = static_cast<std::size_t>(total / kBucketSeconds) + 1;
    bars.primary.resize(count);
    bars.standby.resize(count);
    for (const Probe& probe : result.log.probes) {
        if (!probe.acked) continue;
        const double at = seconds(*probe.acked - result.log.times.start);
        const auto bucket =
            std::min(count - 1, static_cast<std::size_t>(std::max(0.0, at) / kBucketSeconds));
        int& bar = probe.acked_by_primary ? bars.primary[bucket] : bars.standby[bucket];
        bars.highest = std::max(bars.highest, ++bar);
    }
    // What was held back during the outage comes at once after it; the usual rate must stay
    // visible.
    const double usual =
        static_cast<double>(result.plan.probes.records_per_second) * kBucketSeconds;
    bars.highest = std::min(bars.highest, std::max(1, static_cast<int>(kTallest * usual)));
    return bars;
}

std::string draw_bars(
    const std::vector<int>& counts, int highest, double scale, const char* colour
) {
    std::string out;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0) continue;
        const double height = std::max(1.0, kChartHeight * std::min(counts[i], highest) / highest);
        const double left = kLeft + static_cast<double>(i) * kBucketSeconds * scale;
        if (counts[i] > highest) {
            out += fmt::format(
                "<text x=\"{:.1f}\" y=\"{:.1f}\">{} at once</text>\n",
                left + 8,
                kTop + 12,
                counts[i]
            );
        }
        out += fmt::format(
            "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" "
            "fill=\"var({})\"/>\n",
            left,
            kTop + kChartHeight - height,
            std::max(0.8, kBucketSeconds * scale - 0.3),
            height,
            colour
        );
    }
    return out;
}

// Labels stand on four levels in turn, so that close events stay legible.
std::string draw_events(const DrillResult& result, double scale) {
    std::string out;
    int level = 0;
    for (const DrillEvent& event : result.events) {
        const double at = seconds(event.at - result.log.times.start);
        const double x = kLeft + at * scale;
        const double y = 14 + 20 * (level++ % 4);
        const bool right = x > kWidth * 0.66;
        out += fmt::format(
            "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" "
            "stroke=\"var(--soft)\" stroke-dasharray=\"3 3\"/>\n"
            "<text x=\"{3:.1f}\" y=\"{1:.1f}\" text-anchor=\"{4}\">{5:.2f} s  {6}</text>\n",
            x,
            y,
            kTop + kChartHeight,
            right ? x - 4 : x + 4,
            right ? "end" : "start",
            at,
            event.what
        );
    }
    return out;
}

// The time in which nobody could write.
std::string draw_outage(const DrillResult& result, double scale) {
    const DrillTimes& times = result.log.times;
    if (!times.first_write) return {};
    const double from = kLeft + seconds(times.killed - times.start) * scale;
    const double width = seconds(*times.first_write - times.killed) * scale;
    return fmt::format(
        "<rect x=\"{0:.1f}\" y=\"{1}\" width=\"{2:.1f}\" height=\"{3}\" fill=\"var(--bad)\" "
        "opacity=\"0.12\"/>\n"
        "<text x=\"{4:.1f}\" y=\"{5:.1f}\" text-anchor=\"middle\">no writes for {6:.2f} s</text>\n",
        from,
        kTop,
        width,
        kChartHeight,
        from + width / 2,
        kTop + kChartHeight / 2,
        seconds(*times.first_write - times.killed)
    );
}

std::string draw_axis(double total, double scale) {
    std::string out = fmt::format(
        "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"var(--line)\"/>\n",
        kLeft,
        kTop + kChartHeight,
        kWidth,
        kTop + kChartHeight
    );
    const double step = total > 60 ? 10 : total > 20 ? 5 : total > 8 ? 2 : 1;
    for (double at = 0; at <= total; at += step) {
        out += fmt::format(
            "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{:.0f} s</text>\n",
            kLeft + at * scale,
            kTop + kChartHeight + 18,
            at
        );
    }
    return out;
}

}  // namespace

std::string timeline_svg(const DrillResult& result) {
    const double total = std::max(1.0, seconds(result.log.times.end - result.log.times.start));
    const double scale = (kWidth - kLeft - 10) / total;
    const Bars bars = count_acknowledgements(result, total);
    return fmt::format(
        "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"acknowledgements over "
        "time\">\n{}{}{}{}"
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n"
        "<rect x=\"{}\" y=\"{}\" width=\"10\" height=\"10\" fill=\"var(--a)\"/><text x=\"{}\" "
        "y=\"{}\">acknowledged by {} per 0.1 s</text>\n"
        "<rect x=\"{}\" y=\"{}\" width=\"10\" height=\"10\" fill=\"var(--b)\"/><text x=\"{}\" "
        "y=\"{}\">by {}</text>\n</svg>",
        kWidth,
        kTop + kChartHeight + 56,
        draw_outage(result, scale) + draw_axis(total, scale),
        draw_bars(bars.primary, bars.highest, scale, "--a"),
        draw_bars(bars.standby, bars.highest, scale, "--b"),
        draw_events(result, scale),
        kLeft - 6,
        kTop + 10,
        bars.highest,
        kLeft,
        kTop + kChartHeight + 34,
        kLeft + 16,
        kTop + kChartHeight + 43,
        result.plan.primary,
        kLeft + 330,
        kTop + kChartHeight + 34,
        kLeft + 346,
        kTop + kChartHeight + 43,
        result.plan.standby
    );
}

}  // namespace sealane::topology
