#include "mirror/control/mirror_metrics.hpp"

#include <algorithm>

namespace sealane::mirror {
namespace {

double number(std::int64_t value) {
    return static_cast<double>(value);
}

void collect_consumer(const LinkStatus& link, runtime::MetricSink& sink) {
    sink.counter(
        "sealane_mirror_sent_bytes_total",
        "Record bytes sent to the producer half.",
        number(link.sent_bytes),
        {{"link", link.link}}
    );
}

}  // namespace

void collect_link(const LinkStatus& link, runtime::MetricSink& sink) {
    const std::string& name = link.link;
    sink.gauge(
        "sealane_mirror_link_connected",
        "1 while the link's halves are joined.",
        link.connected ? 1 : 0,
        {{"link", name}, {"role", link.role}}
    );
    if (link.role == "consumer") return collect_consumer(link, sink);
    sink.gauge(
        "sealane_mirror_link_verdict",
        "1 for the verdict that holds.",
        1,
        {{"link", name}, {"verdict", std::string(name_of(link.verdict))}}
    );
    sink.gauge(
        "sealane_mirror_lag_records",
        "Source offsets not durable at the target.",
        number(link.lag_records),
        {{"link", name}}
    );
    sink.gauge(
        "sealane_mirror_lag_bytes",
        "The same in bytes, from the mean size.",
        number(link.lag_bytes),
        {{"link", name}}
    );
    sink.gauge(
        "sealane_mirror_lag_seconds",
        "How long the oldest record not copied has been there.",
        number(link.lag_ms) / 1000,
        {{"link", name}}
    );
    sink.counter(
        "sealane_mirror_copied_records_total",
        "Source offsets made durable at the target.",
        number(link.copied_records),
        {{"link", name}}
    );
    sink.counter(
        "sealane_mirror_copied_bytes_total",
        "Record bytes made durable at the target.",
        number(link.copied_bytes),
        {{"link", name}}
    );
    sink.gauge(
        "sealane_mirror_queued_bytes",
        "Record bytes read and not sent to the target.",
        number(link.queued_bytes),
        {{"link", name}}
    );
    sink.counter(
        "sealane_mirror_gaps_total",
        "Gaps written to the ledger.",
        number(link.gaps),
        {{"link", name}}
    );
    const auto stopped =
        std::ranges::count(link.partitions, Verdict::kBroken, &PartitionStatus::verdict);
    sink.gauge(
        "sealane_mirror_stopped_partitions",
        "Partitions that are not copied, with a cause.",
        number(stopped),
        {{"link", name}}
    );
}

}  // namespace sealane::mirror
