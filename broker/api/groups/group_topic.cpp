#include "broker/api/groups/group_topic.hpp"

#include "broker/api/topic_creation.hpp"

namespace sealane::broker {
namespace {

using runtime::Task;

class OffsetsPartition final : public groups::GroupLog {
 public:
    explicit OffsetsPartition(PartitionPtr partition) : partition_(std::move(partition)) {}

    Task<Result<Offset>> append(BufferSlice batch) override {
        SEALANE_CO_TRY(
            const AppendOutcome outcome,
            co_await partition_->append(std::move(batch), AppendOrigin::kCoordinator)
        );
        co_return outcome.last_offset + 1;
    }
    Task<Status> wait_durable(Offset end, Instant deadline) override {
        return partition_->wait_visible(end, deadline);
    }
    Task<Result<BufferSlice>> read(Offset from, std::size_t max_bytes) override {
        SEALANE_CO_TRY(
            const ReadResult result,
            co_await partition_->read(from, max_bytes, true, Partition::UpTo::kLogEnd)
        );
        co_return result.records.joined();
    }
    Task<Status> roll() override { return partition_->log().roll(); }
    Task<Status> delete_before(Offset start) override { return partition_->delete_records(start); }
    Offset start_offset() const override { return partition_->log_start(); }
    Offset end_offset() const override { return partition_->log_end(); }
    Offset durable_offset() const override { return partition_->high_watermark(); }

 private:
    PartitionPtr partition_;
};

}  // namespace

Task<Result<std::int32_t>> OffsetsTopic::ensure(std::int32_t partitions) {
    if (partition_count() == 0) {
        NewTopic topic;
        topic.name = groups::kOffsetsTopic;
        topic.partitions = partitions;
        // Compacted by the coordinator, which rewrites it; retention must never take anything.
        topic.configs = {{"cleanup.policy", "compact"}, {"segment.bytes", "104857600"}};
        SEALANE_CO_CHECK(co_await ensure_topic(services_, std::move(topic)));
    }
    co_return partition_count();
}

std::int32_t OffsetsTopic::partition_count() const {
    const auto image = services_.metadata.image();
    if (image == nullptr) return 0;
    const auto topic = image->topic(groups::kOffsetsTopic);
    return topic == nullptr ? 0 : static_cast<std::int32_t>(topic->partitions.size());
}

Result<std::unique_ptr<groups::GroupLog>> OffsetsTopic::open(PartitionId partition) {
    PartitionPtr found = services_.partitions.find(groups::kOffsetsTopic, partition);
    if (found == nullptr)
        return fail(ErrorCode::kUnknownTopicOrPartition, "its partition is not on this node");
    return std::make_unique<OffsetsPartition>(std::move(found));
}

bool OffsetsTopic::topic_exists(const std::string& topic) const {
    return services_.metadata.image()->topic(topic) != nullptr;
}

groups::GroupConfig group_config(const BrokerConfig& config) {
    groups::GroupConfig made;
    made.min_session_timeout_ms = config.group_min_session_timeout_ms;
    made.max_session_timeout_ms = config.group_max_session_timeout_ms;
    made.initial_rebalance_delay_ms = config.group_initial_rebalance_delay_ms;
    made.max_size = config.group_max_size;
    made.offset_metadata_max_bytes = config.offset_metadata_max_bytes;
    made.offsets_retention_ms = config.offsets_retention_ms;
    made.offsets_topic_partitions = config.offsets_topic_partitions;
    return made;
}

}  // namespace sealane::broker
