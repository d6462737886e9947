#pragma once
// The mirror's figures. All names:
//   sealane_mirror_lag_records, sealane_mirror_lag_bytes, sealane_mirror_lag_seconds
//   sealane_mirror_copied_records_total, sealane_mirror_copied_bytes_total
//   sealane_mirror_queued_bytes, sealane_mirror_link_connected, sealane_mirror_link_verdict
//   sealane_mirror_gaps_total, sealane_mirror_sent_bytes_total, sealane_mirror_stopped_partitions

#include "common/runtime/metrics.hpp"
#include "mirror/link/link_status.hpp"

namespace sealane::mirror {

void collect_link(const LinkStatus& link, runtime::MetricSink& sink);

}  // namespace sealane::mirror
