#include "broker/replication/replica_comparison.hpp"

#include "common/kafka/messages/mirror.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::Task;

namespace {

constexpr Duration kPatience = 10s;

bool follows(const Partition& partition, LeaderEpoch epoch) {
    return !partition.closed() && partition.role() == ReplicaRole::kFollower &&
           partition.leader() != kNoBroker && partition.leader_epoch() == epoch &&
           !partition.compares() && !partition.log().offline_cause();
}

}  // namespace

Task<Status> ReplicaComparison::compare(PartitionPtr partition) {
    if (partition->closed()) co_return Status{};
    const LeaderEpoch epoch = partition->leader_epoch();
    Offset next = partition->log_start();
    while (follows(*partition, epoch)) {
        next = std::max(next, partition->log_start());
        const Range range{
            next, std::min(partition->log().segment_end(next), partition->high_watermark())
        };
        if (range.from >= range.to) break;
        next = range.to;
        std::optional<bool> equal = co_await same(partition, range);
        // Once more: either log may have been cut between the two looks.
        if (equal == false) equal = co_await same(partition, range);
        if (!follows(*partition, epoch) || !equal) break;
        if (!*equal) {
            co_return fail(
                ErrorCode::kCorrupt,
                "records " + std::to_string(range.from.value) + " to " +
                    std::to_string(range.to.value - 1) + " are not those of the leader, broker " +
                    std::to_string(partition->leader().value)
            );
        }
        compared_ += static_cast<std::uint64_t>(range.to - range.from);
    }
    co_return Status{};
}

Task<std::optional<bool>> ReplicaComparison::same(PartitionPtr partition, Range range) {
    const LeaderEpoch epoch = partition->leader_epoch();
    kafka::PartitionDigestRequest request;
    request.topic_name = partition->id().topic;
    request.partition_index = partition->id().partition;
    request.start_offset = range.from;
    request.end_offset = range.to;
    const auto answer = co_await peers_.send(
        partition->leader(), PeerLane::kController, std::move(request), world_.now() + kPatience
    );
    if (!answer || answer->error_code != ErrorCode::kNone || !follows(*partition, epoch)) {
        co_return std::nullopt;
    }
    if (answer->high_watermark < range.to) co_return std::nullopt;
    if (answer->log_start_offset > range.from) co_return true;  // the leader has let go of them
    const auto own = co_await partition->log().digest_of_range(range.from, range.to);
    if (!own || !follows(*partition, epoch)) co_return std::nullopt;
    const auto batches = static_cast<std::uint64_t>(answer->batch_count);
    const bool same_extent = own->batches == batches && own->next_offset == answer->next_offset;
    const ByteView hash = answer->digest.view();
    co_return same_extent&& std::ranges::equal(hash, std::as_bytes(std::span(own->hash)));
}

}  // namespace sealane::broker
