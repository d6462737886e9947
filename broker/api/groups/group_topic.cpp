#include "broker/api/groups/group_topic.hpp"

#include "broker/api/topic_creation.hpp"

namespace sealane::broker {
namespace {

using runtime::Task;

// A partition in one leadership. A reign is what Partition calls it when this node never stopped
// leading in between; the epoch ends with every election.
class OffsetsPartition final : public groups::GroupLog {
 public:
    explicit OffsetsPartition(PartitionPtr partition)
        : partition_(std::move(partition)),
          reign_(partition_->reign()),
          epoch_(partition_->leader_epoch()) {}

    Task<Result<Offset>> append(BufferSlice batch) override {
        SEALANE_CO_CHECK(check());
        SEALANE_CO_CHECK(partition_->check_min_isr());
        SEALANE_CO_TRY(
            const AppendOutcome outcome,
            co_await partition_->append(std::move(batch), AppendOrigin::kCoordinator)
        );
        SEALANE_CO_CHECK(check());
        co_return outcome.last_offset + 1;
    }
    Task<Status> wait_durable(Offset end, Instant deadline) override {
        SEALANE_CO_CHECK(co_await partition_->wait_visible(end, deadline, reign_));
        co_return check();
    }
    Task<Result<BufferSlice>> read(Offset from, std::size_t max_bytes) override {
        SEALANE_CO_CHECK(check());
        SEALANE_CO_TRY(
            const ReadResult result,
            co_await partition_->read(from, max_bytes, true, Partition::UpTo::kLogEnd)
        );
        SEALANE_CO_CHECK(check());
        co_return result.records.joined();
    }
    Task<Status> roll() override {
        SEALANE_CO_CHECK(check());
        co_return co_await partition_->log().roll();
    }
    Task<Status> delete_before(Offset start) override {
        SEALANE_CO_CHECK(check());
        if (start > partition_->high_watermark())
            co_return fail(ErrorCode::kOffsetOutOfRange, "not every replica has what follows");
        co_return co_await partition_->delete_records(start);
    }
    Offset start_offset() const override { return partition_->log_start(); }
    Offset end_offset() const override { return partition_->log_end(); }
    Offset durable_offset() const override {
        return check() ? partition_->high_watermark() : Offset(0);
    }

 private:
    [[nodiscard]] Status check() const {
        const bool same = partition_->leads() && partition_->reign() == reign_ &&
                          partition_->leader_epoch() == epoch_;
        if (same) return {};
        return fail(
            ErrorCode::kNotLeaderOrFollower,
            partition_->id().to_string() + " is not led in epoch " + std::to_string(epoch_.value)
        );
    }

    PartitionPtr partition_;
    std::uint64_t reign_;
    LeaderEpoch epoch_;
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

groups::GroupTopic::Leaderships OffsetsTopic::led() const {
    Leaderships all;
    for (std::int32_t i = 0; i < partition_count(); ++i) {
        const PartitionId partition(i);
        if (const auto mine = leadership(partition)) all.emplace(partition, *mine);
    }
    return all;
}

std::optional<groups::Leadership> OffsetsTopic::leadership(PartitionId partition) const {
    const auto image = services_.metadata.image();
    if (image == nullptr) return std::nullopt;
    const auto topic = image->topic(groups::kOffsetsTopic);
    const auto index = static_cast<std::size_t>(partition.value);
    if (topic == nullptr || index >= topic->partitions.size()) return std::nullopt;
    const PartitionState& state = topic->partitions[index];
    if (state.leader != services_.config.node_id) return std::nullopt;
    return groups::Leadership{topic->id, state.leader_epoch};
}

Result<std::unique_ptr<groups::GroupLog>> OffsetsTopic::open(
    PartitionId partition, groups::Leadership leadership
) {
    PartitionPtr found = services_.partitions.find(groups::kOffsetsTopic, partition);
    const bool led = found != nullptr && found->leads() &&
                     found->topic_id() == leadership.topic_id &&
                     found->leader_epoch() == leadership.epoch;
    if (!led)
        return fail(
            ErrorCode::kNotLeaderOrFollower,
            "its partition is not led here in epoch " + std::to_string(leadership.epoch.value)
        );
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
