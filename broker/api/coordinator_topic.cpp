#include "broker/api/coordinator_topic.hpp"

#include "broker/api/topic_creation.hpp"

namespace sealane::broker {
namespace {

using runtime::Task;

// A partition in one leadership. A reign is what Partition calls it when this node never stopped
// leading in between; the epoch ends with every election.
class LedPartition final : public CoordinatorLog {
 public:
    explicit LedPartition(PartitionPtr partition)
        : partition_(std::move(partition)),
          reign_(partition_->reign()),
          epoch_(partition_->leader_epoch()) {}

    Task<Result<Offset>> append(BufferSlice batch, AppendOrigin origin) override {
        SEALANE_CO_CHECK(check());
        SEALANE_CO_CHECK(partition_->check_min_isr());
        SEALANE_CO_TRY(
            const AppendOutcome outcome, co_await partition_->append(std::move(batch), origin)
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

Task<Result<std::int32_t>> InternalTopic::ensure(std::int32_t partitions) {
    if (partition_count() == 0) {
        NewTopic topic = made_;
        topic.partitions = partitions;
        SEALANE_CO_CHECK(co_await ensure_topic(services_, std::move(topic)));
    }
    co_return partition_count();
}

std::int32_t InternalTopic::partition_count() const {
    const auto image = services_.metadata.image();
    if (image == nullptr) return 0;
    const auto topic = image->topic(made_.name);
    return topic == nullptr ? 0 : static_cast<std::int32_t>(topic->partitions.size());
}

CoordinatorTopic::Leaderships InternalTopic::led() const {
    Leaderships all;
    for (std::int32_t i = 0; i < partition_count(); ++i) {
        const PartitionId partition(i);
        if (const auto mine = leadership(partition)) all.emplace(partition, *mine);
    }
    return all;
}

std::optional<Leadership> InternalTopic::leadership(PartitionId partition) const {
    const auto image = services_.metadata.image();
    if (image == nullptr) return std::nullopt;
    const auto topic = image->topic(made_.name);
    const auto index = static_cast<std::size_t>(partition.value);
    if (topic == nullptr || index >= topic->partitions.size()) return std::nullopt;
    const PartitionState& state = topic->partitions[index];
    if (state.leader != services_.config.node_id) return std::nullopt;
    return Leadership{topic->id, state.leader_epoch};
}

Result<std::unique_ptr<CoordinatorLog>> InternalTopic::open(
    PartitionId partition, Leadership leadership
) {
    PartitionPtr found = services_.partitions.find(made_.name, partition);
    const bool led = found != nullptr && found->leads() &&
                     found->topic_id() == leadership.topic_id &&
                     found->leader_epoch() == leadership.epoch;
    if (!led)
        return fail(
            ErrorCode::kNotLeaderOrFollower,
            "its partition is not led here in epoch " + std::to_string(leadership.epoch.value)
        );
    return std::make_unique<LedPartition>(std::move(found));
}

bool InternalTopic::topic_exists(const std::string& topic) const {
    return services_.metadata.image()->topic(topic) != nullptr;
}

}  // namespace sealane::broker
