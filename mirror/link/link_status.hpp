#pragma once
// What a mirror process knows about its links, as plain data: filled by the halves, shown by the
// admin pages and metrics.

#include "mirror/link/link_types.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace sealane::mirror {

struct PartitionStatus {
    std::string source_topic;
    std::string target_topic;
    PartitionId partition{};
    Verdict verdict = Verdict::kStarting;
    StopCause cause;      // when BROKEN
    std::string trouble;  // that passes by itself
    Offset position;      // everything below is durable at the target (source offset)
    Offset source_end;
    std::int64_t lag_records = 0;
    std::int64_t lag_bytes = 0;
    std::int64_t lag_ms = 0;
    std::int64_t copied_records = 0;  // since this process started
    std::int64_t copied_bytes = 0;
};

struct TopicStatus {
    std::string source_topic;
    std::string target_topic;
    StopCause cause;
    std::string trouble;
};

struct GroupStatus {
    std::string group;  // at the source
    std::string target_group;
    std::int64_t offsets = 0;  // written since this process started
    std::string trouble;       // why offsets are not written now
};

struct LinkStatus {
    std::string link;
    std::string role;     // "consumer" or "producer"
    std::string cluster;  // that this half talks to
    std::string kind;
    std::string socket;
    bool connected = false;  // the halves to each other
    Verdict verdict = Verdict::kStarting;
    std::string cause;  // in words, when the verdict is not OK
    // Producer half only.
    std::string source_cluster_id;
    std::string target_cluster_id;
    std::int8_t link_state = kafka::kLinkAbsent;
    std::int32_t link_epoch = -1;
    std::int64_t lag_records = 0;  // sums; lag_ms: the largest
    std::int64_t lag_bytes = 0;
    std::int64_t lag_ms = 0;
    std::int64_t copied_records = 0;
    std::int64_t copied_bytes = 0;
    std::int64_t queued_bytes = 0;
    std::int64_t gaps = 0;  // entries written to the ledger
    std::vector<TopicStatus> topics;
    std::vector<PartitionStatus> partitions;
    std::vector<GroupStatus> groups;
    // Consumer half only.
    std::int64_t sent_bytes = 0;
    std::int64_t credit_bytes = 0;
};

}  // namespace sealane::mirror
