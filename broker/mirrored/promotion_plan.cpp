#include "broker/mirrored/promotion_plan.hpp"

#include "broker/metadata/producer_id_blocks.hpp"

#include <algorithm>

namespace sealane::broker {
namespace {

// Above the ids that were mirrored: more may be on their way in batches that were not carried any
// more.
constexpr std::int64_t kProducerIdMargin = 1000;

// Calls `visit(id, state)` for every partition of the link's topics; ends at its first error.
template <class Visit>
Status for_each_partition(const Image& image, const LinkState& link, Visit visit) {
    for (const kafka::MirrorLinkTopic& bound : link.topics) {
        const Image::TopicPtr topic = image.topic(bound.target_topic);
        if (topic == nullptr) continue;
        for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
            const PartitionId index(static_cast<std::int32_t>(i));
            SEALANE_CHECK(visit(TopicPartition{topic->name, index}, topic->partitions[i]));
        }
    }
    return {};
}

}  // namespace

Result<std::map<BrokerId, std::vector<TopicPartition>>> partitions_to_open(
    const Image& image, std::string_view name
) {
    const LinkTable links = LinkTable::of(image);
    const LinkState* link = links.find(name);
    if (link == nullptr) return fail(ErrorCode::kResourceNotFound, "no link of this name");
    std::map<BrokerId, std::vector<TopicPartition>> by_leader;
    const auto visit = [&](TopicPartition id, const PartitionState& state) -> Status {
        if (state.leader == kNoBroker)
            return fail(ErrorCode::kLeaderNotAvailable, id.to_string() + " has no leader");
        by_leader[state.leader].push_back(std::move(id));
        return {};
    };
    SEALANE_CHECK(for_each_partition(image, *link, visit));
    return by_leader;
}

Result<Records> end_promotion(
    const Image& image, std::string_view name, const std::vector<OpenedPartition>& opened
) {
    const LinkTable links = LinkTable::of(image);
    const LinkState* link = links.find(name);
    if (link == nullptr) return fail(ErrorCode::kResourceNotFound, "no link of this name");
    if (link->state == kafka::kLinkPromoted) return Records{};
    auto finished = finish_promotion(image, name);
    if (!finished) return fail(ErrorCode::kInvalidRequest, "the link is not being promoted");
    Records records;
    std::int64_t used_below = 0;
    const auto visit = [&](const TopicPartition& id, const PartitionState& state) -> Status {
        const auto answer = std::ranges::find(opened, id, &OpenedPartition::id);
        const bool holds = answer != opened.end() && answer->leader_epoch == state.leader_epoch &&
                           answer->partition_epoch == state.partition_epoch;
        if (!holds)
            return fail(ErrorCode::kFencedLeaderEpoch, id.to_string() + " has changed meanwhile");
        // Always a new leadership: it begins where every in-sync replica was found to end.
        const LeaderEpoch above = std::max(answer->last_record_epoch, state.leader_epoch);
        SEALANE_TRY(auto raised, raise_leader_epoch(image, id, above + 1));
        for (MetadataRecord& record : raised) records.push_back(std::move(record));
        used_below = std::max(used_below, answer->next_producer_id);
        return {};
    };
    SEALANE_CHECK(for_each_partition(image, *link, visit));
    if (used_below > 0)
        for (MetadataRecord& record : reserve_producer_ids(image, used_below + kProducerIdMargin))
            records.push_back(std::move(record));
    records.push_back(*std::move(finished));
    return records;
}

}  // namespace sealane::broker
