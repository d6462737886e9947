// Promotion: the target topics of a replica link become ordinary topics. In order: appends of the
// link are fenced (state promoting, decided before this), each partition is cut to its last stable
// offset, its leader epoch moves above every mirrored one, the producer-id allocator moves beyond
// every mirrored id, and the state becomes promoted, which lets clients write.

#include "broker/mirrored/mirror_services.hpp"

#include <algorithm>

namespace sealane::broker {
namespace {

using runtime::Task;
using Promoted = kafka::AlterMirrorLinkResponse::PromotedPartition;

constexpr Duration kSyncPatience = std::chrono::seconds(30);
constexpr std::int64_t kProducerIdMargin = 1000;

// The first offset of a transaction that the source had not ended when the mirror stopped.
Offset last_stable_offset(Partition& partition) {
    Offset stable = partition.log_end();
    for (const auto& [id, producer] : partition.producers().entries())
        if (producer.open_transaction_start != kNoOffset)
            stable = std::min(stable, producer.open_transaction_start);
    return std::max(stable, partition.log_start());
}

Task<Status> open_partition(MirrorServices& mirror, PartitionPtr partition) {
    const Instant deadline = mirror.broker.world.now() + kSyncPatience;
    SEALANE_CO_CHECK(co_await partition->wait_visible(partition->log_end(), deadline));
    const Offset stable = last_stable_offset(*partition);
    if (stable < partition->log_end()) SEALANE_CO_CHECK(co_await partition->truncate_to(stable));
    const LeaderEpoch mirrored = partition->log().epochs().latest();
    const TopicPartition id = partition->id();
    if (partition->leader_epoch() > mirrored) co_return Status{};
    co_return co_await mirror.broker.metadata.change([id, mirrored](const Image& image) {
        return raise_leader_epoch(image, id, mirrored + 1);
    });
}

Task<Status> reserve_producer_ids(MirrorServices& mirror, std::int64_t used_below) {
    if (used_below == 0) co_return Status{};
    const std::int64_t beyond = used_below + kProducerIdMargin;
    const BrokerId node = mirror.broker.config.node_id;
    co_return co_await mirror.broker.metadata.change(
        [beyond, node](const Image& image) -> Result<std::vector<MetadataRecord>> {
            if (image.next_producer_id() >= beyond) return std::vector<MetadataRecord>{};
            kafka::ProducerIdsRecord record;
            record.broker_id = node;
            record.next_producer_id = ProducerId(beyond);
            return std::vector<MetadataRecord>{record};
        }
    );
}

}  // namespace

Task<Result<std::vector<Promoted>>> promote_link(MirrorServices& mirror, std::string name) {
    const LinkState* found = mirror.table().find(name);
    if (found == nullptr) co_return fail(ErrorCode::kResourceNotFound, "no link of this name");
    const LinkState link = *found;
    std::vector<PartitionPtr> partitions;
    for (const auto& bound : link.topics) {
        const auto topic = mirror.broker.metadata.image()->topic(bound.target_topic);
        if (topic == nullptr) continue;
        for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
            const PartitionId index(static_cast<std::int32_t>(i));
            auto partition = mirror.broker.partitions.find(topic->name, index);
            if (!partition)
                co_return fail(
                    ErrorCode::kReplicaNotAvailable, topic->name + " is not readable here"
                );
            partitions.push_back(std::move(partition));
        }
    }
    std::int64_t used_below = 0;
    if (link.state == kafka::kLinkPromoting) {
        for (const PartitionPtr& partition : partitions) {
            SEALANE_CO_CHECK(co_await open_partition(mirror, partition));
            used_below = std::max(used_below, partition->producers().next_unused_id());
        }
        SEALANE_CO_CHECK(co_await reserve_producer_ids(mirror, used_below));
        SEALANE_CO_CHECK(co_await mirror.broker.metadata.change(
            [name](const Image& image) -> Result<std::vector<MetadataRecord>> {
                std::vector<MetadataRecord> records;
                if (auto record = finish_promotion(image, name))
                    records.push_back(*std::move(record));
                return records;
            }
        ));
    }
    std::vector<Promoted> promoted;
    for (const PartitionPtr& partition : partitions)
        promoted.push_back(
            {partition->id().topic,
             partition->id().partition,
             partition->log_end(),
             partition->leader_epoch()}
        );
    co_return promoted;
}

}  // namespace sealane::broker
