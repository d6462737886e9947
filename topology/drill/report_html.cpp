// One HTML file: verdict, figures, time line. Colours follow the reader's light or dark setting.

#include "topology/drill/report.hpp"
#include "topology/drill/timeline_svg.hpp"

#include <fmt/format.h>

namespace sealane::topology {
namespace {

constexpr const char* kStyle = R"(
:root {
  --ink: #1b1f24; --soft: #59636e; --line: #d1d9e0; --paper: #ffffff;
  --good: #1a7f37; --bad: #cf222e; --a: #0969da; --b: #8250df;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --paper: #0d1117;
    --good: #3fb950; --bad: #f85149; --a: #4493f8; --b: #ab7df8;
  }
}
body {
  font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 960px; margin: 2rem auto; padding: 0 1rem;
}
h1 { font-size: 1.5rem; margin-bottom: .2rem; }
h2 { font-size: 1.1rem; margin-top: 2rem; }
p.soft, td.soft { color: var(--soft); }
.good { color: var(--good); }
.bad { color: var(--bad); }
table { border-collapse: collapse; width: 100%; }
td, th {
  text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line);
  vertical-align: top;
}
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
svg { width: 100%; height: auto; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
code { overflow-wrap: anywhere; }
)";

std::string escaped(const std::string& text) {
    std::string safe;
    for (const char c : text) {
        switch (c) {
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            case '&':
                safe += "&amp;";
                break;
            case '"':
                safe += "&quot;";
                break;
            default:
                safe += c;
        }
    }
    return safe;
}

std::string ms(const std::optional<Duration>& span) {
    return span ? fmt::format("{:.1f} ms", static_cast<double>(span->count()) / 1e6) : "-";
}

std::string row(
    const std::string& name,
    const std::string& value,
    const std::string& meaning,
    const char* kind = ""
) {
    return fmt::format(
        "<tr><td>{}</td><td class=\"number {}\">{}</td><td class=\"soft\">{}</td></tr>\n",
        escaped(name),
        kind,
        escaped(value),
        escaped(meaning)
    );
}

std::string number_list(const std::vector<std::int64_t>& numbers) {
    constexpr std::size_t kShown = 200;
    std::string text;
    for (std::size_t i = 0; i < numbers.size() && i < kShown; ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(numbers[i]);
    if (numbers.size() > kShown)
        text += fmt::format(" and {} more (report.json has all)", numbers.size() - kShown);
    return text.empty() ? "none" : text;
}

std::string record_rows(const DrillFindings& f) {
    auto kind = [](std::int64_t count) { return count == 0 ? "good" : "bad"; };
    const auto lost = static_cast<std::int64_t>(f.lost.size());
    return row("sent", std::to_string(f.sent), "probe records handed to the producer") +
           row("acknowledged",
               std::to_string(f.acked),
               "by the primary or, after the move, by the standby") +
           row("lost",
               std::to_string(lost),
               "acknowledged by the primary, not on the standby",
               kind(lost)) +
           row("duplicated",
               std::to_string(f.duplicates),
               "surplus copies; unanswered records were sent again") +
           row("reordered",
               std::to_string(f.reordered),
               "behind a later record of their partition",
               kind(f.reordered)) +
           row("never delivered",
               std::to_string(f.skipped_by_consumer),
               "on the standby, not received by the consumer",
               kind(f.skipped_by_consumer)) +
           row("delivered again",
               std::to_string(f.redelivered),
               "received by the consumer more than once");
}

std::string time_rows(const DrillResult& result) {
    const DrillFindings& f = result.findings;
    const Objectives& o = result.plan.objectives;
    return row("RPO",
               ms(f.rpo),
               "age of the oldest lost record when the primary was killed; objective " + ms(o.rpo)
           ) +
           row("RTO, writing",
               ms(f.rto_write),
               "kill to first acknowledgement by the standby; objective " + ms(o.rto)) +
           row("RTO, reading",
               ms(f.rto_read),
               "kill to first new record at the consumer; objective " + ms(o.rto)) +
           row("detect",
               ms(f.detect),
               "kill to detection; the silence waited for is " + ms(result.plan.detection.silence)
           ) +
           row("promote", ms(f.promote), "detection to a writable standby") +
           row("move writers", ms(f.move_writers), "writable standby to first acknowledgement") +
           row("mirror latency p50",
               ms(f.mirror_latency(0.5)),
               "acknowledged by the primary to readable at the standby, before the kill") +
           row("mirror latency p99", ms(f.mirror_latency(0.99)), "the same");
}

}  // namespace

std::string report_html(const DrillResult& result) {
    const auto missed = missed_objectives(result);
    std::string verdict = missed.empty()
                              ? "<p class=\"good\"><strong>Objectives met.</strong></p>"
                              : "<p class=\"bad\"><strong>Objectives missed.</strong></p><ul>";
    for (const std::string& what : missed) verdict += "<li>" + escaped(what) + "</li>";
    if (!missed.empty()) verdict += "</ul>";
    std::string promoted;
    for (const std::string& partition : result.promoted)
        promoted += "<li>" + escaped(partition) + "</li>";
    return fmt::format(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Drill of "
        "{0}</title><style>{1}</style>\n"
        "<h1>Drill: {2} is lost, {3} takes over</h1>\n<p class=\"soft\">link {0}, probe topic "
        "{4}</p>\n{5}\n"
        "<h2>Time line</h2>\n{6}\n<h2>Records</h2>\n<table>{7}</table>\n<p>Lost: "
        "<code>{8}</code><br>Duplicated: <code>{9}</code></p>\n"
        "<h2>Times</h2>\n<table>{10}</table>\n<h2>Promoted</h2>\n<ul>{11}</ul>\n</html>\n",
        escaped(result.plan.link),
        kStyle,
        escaped(result.plan.primary),
        escaped(result.plan.standby),
        escaped(result.plan.probes.topic),
        verdict,
        timeline_svg(result),
        record_rows(result.findings),
        number_list(result.findings.lost),
        number_list(result.findings.duplicated),
        time_rows(result),
        promoted
    );
}

std::string report_text(const DrillResult& result) {
    const DrillFindings& f = result.findings;
    const auto missed = missed_objectives(result);
    std::string text = fmt::format(
        "records  {} sent, {} acknowledged, {} lost, {} duplicated, {} reordered\n"
        "RPO      {}\n"
        "RTO      writing {}, reading {} = detect {} + promote {} + move {}\n"
        "mirror   latency p50 {}, p99 {}\n",
        f.sent,
        f.acked,
        f.lost.size(),
        f.duplicates,
        f.reordered,
        ms(f.rpo),
        ms(f.rto_write),
        ms(f.rto_read),
        ms(f.detect),
        ms(f.promote),
        ms(f.move_writers),
        ms(f.mirror_latency(0.5)),
        ms(f.mirror_latency(0.99))
    );
    for (const std::string& what : missed) text += "MISSED   " + what + "\n";
    if (missed.empty()) text += "verdict  objectives met\n";
    return text;
}

}  // namespace sealane::topology
