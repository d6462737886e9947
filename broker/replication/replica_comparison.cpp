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
        next = std::max({next, partition->log_start(), partition->log().rewritten_end()});
        const Range range{
            next, std::min(partition->log().segment_end(next), partition->high_watermark())
        };
        if (range.from >= range.to) break;
        Look look = co_await same(partition, range);
        // Once more: either log may have been cut between the two looks.
        if (look.equal == false) look = co_await same(partition, range);
        if (!follows(*partition, epoch)) break;
        if (look.rewritten_to > range.from) {
            next = look.rewritten_to;
            continue;
        }
        next = range.to;
        if (!look.equal) break;
        if (!*look.equal) {
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

Task<ReplicaComparison::Look> ReplicaComparison::same(PartitionPtr partition, Range range) {
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
        co_return Look{};
    }
    if (answer->high_watermark < range.to) co_return Look{};
    if (answer->log_start_offset > range.from) co_return Look{true};  // the leader let go of them
    const auto own = co_await partition->log().digest_of_range(range.from, range.to);
    if (!own || !follows(*partition, epoch)) co_return Look{};
    const auto batches = static_cast<std::uint64_t>(answer->batch_count);
    const bool same_extent = own->batches == batches && own->next_offset == answer->next_offset;
    const ByteView hash = answer->digest.view();
    const bool equal = same_extent && std::ranges::equal(hash, std::as_bytes(std::span(own->hash)));
    // Each side compacts on its own: what it rewrote is another's records in other batches.
    co_return Look{equal, std::max(answer->rewritten_to, partition->log().rewritten_end())};
}

}  // namespace sealane::broker
