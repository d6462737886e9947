#include "broker/groups/group_coordinator.hpp"

#include "broker/groups/group_partition.hpp"
#include "common/base/assert.hpp"

namespace sealane::broker::groups {
namespace {

// 8-4-4-4-12 hexadecimal digits, as Java writes a UUID and tools expect in member ids.
std::string dashed(const Uuid& uuid) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += kDigits[uuid.bytes[i] >> 4U];
        text += kDigits[uuid.bytes[i] & 0xfU];
    }
    return text;
}

}  // namespace

GroupCoordinator::GroupCoordinator(runtime::World& world, GroupConfig config, GroupTopic& topic)
    : world_(world), config_(config), topic_(topic) {}

GroupCoordinator::~GroupCoordinator() = default;

void GroupCoordinator::start() {
    open_shards(topic_.partition_count());
}

runtime::Task<void> GroupCoordinator::stop() {
    stopping_ = true;
    for (const auto& shard : shards_) co_await shard->stop();
}

runtime::Task<Status> GroupCoordinator::ensure_ready() {
    if (stopping_) co_return fail(ErrorCode::kNotCoordinator);
    // Also when somebody deleted the topic: the shards find the new one when they load again.
    if (!shards_.empty() && topic_.partition_count() > 0) co_return Status{};
    const auto partitions = co_await topic_.ensure(config_.offsets_topic_partitions);
    if (stopping_) co_return fail(ErrorCode::kNotCoordinator);
    if (!partitions)
        co_return fail(ErrorCode::kCoordinatorNotAvailable, partitions.error().to_string());
    open_shards(*partitions);
    co_return Status{};
}

void GroupCoordinator::open_shards(std::int32_t partitions) {
    if (!shards_.empty()) return;  // another request was faster
    for (std::int32_t i = 0; i < partitions; ++i) {
        shards_.push_back(
            std::make_unique<CoordinatorShard>(world_, config_, PartitionId(i), topic_)
        );
        shards_.back()->start();
    }
}

runtime::Task<Result<CoordinatorShard*>> GroupCoordinator::shard_of(std::string group_id) {
    SEALANE_CO_CHECK(co_await ensure_ready());
    const auto count = static_cast<std::int32_t>(shards_.size());
    const PartitionId partition = partition_of_group(group_id, count);
    co_return shards_[static_cast<std::size_t>(partition.value)].get();
}

template <class R, class Q>
runtime::Task<Result<R>> GroupCoordinator::ask(Q request) {
    SEALANE_CO_TRY(CoordinatorShard * shard, co_await shard_of(request.group_id));
    SEALANE_CO_TRY(Reply reply, co_await shard->submit(Request(std::move(request))));
    SEALANE_ASSERT(std::holds_alternative<R>(reply));
    co_return std::get<R>(std::move(reply));
}

runtime::Task<Result<JoinReply>> GroupCoordinator::join(JoinRequest request) {
    return ask<JoinReply>(std::move(request));
}
runtime::Task<Result<SyncReply>> GroupCoordinator::sync(SyncRequest request) {
    return ask<SyncReply>(std::move(request));
}
runtime::Task<Result<HeartbeatReply>> GroupCoordinator::heartbeat(HeartbeatRequest request) {
    return ask<HeartbeatReply>(std::move(request));
}
runtime::Task<Result<LeaveReply>> GroupCoordinator::leave(LeaveRequest request) {
    return ask<LeaveReply>(std::move(request));
}
runtime::Task<Result<CommitReply>> GroupCoordinator::commit(CommitRequest request) {
    return ask<CommitReply>(std::move(request));
}
runtime::Task<Result<DeleteGroupReply>> GroupCoordinator::delete_group(DeleteGroupRequest request) {
    return ask<DeleteGroupReply>(std::move(request));
}
runtime::Task<Result<DeleteOffsetsReply>> GroupCoordinator::delete_offsets(
    DeleteOffsetsRequest request
) {
    return ask<DeleteOffsetsReply>(std::move(request));
}

runtime::Task<Result<std::vector<std::optional<CommittedOffset>>>> GroupCoordinator::fetch(
    std::string group_id, std::vector<TopicPartition> partitions
) {
    SEALANE_CO_TRY(CoordinatorShard * shard, co_await shard_of(group_id));
    SEALANE_CO_CHECK(co_await shard->wait_readable());
    std::vector<std::optional<CommittedOffset>> found;
    found.reserve(partitions.size());
    for (const TopicPartition& partition : partitions)
        found.push_back(shard->core().committed(group_id, partition));
    co_return found;
}

runtime::Task<Result<std::vector<CoordinatorCore::FetchedOffset>>> GroupCoordinator::fetch_all(
    std::string group_id
) {
    SEALANE_CO_TRY(CoordinatorShard * shard, co_await shard_of(group_id));
    SEALANE_CO_CHECK(co_await shard->wait_readable());
    co_return shard->core().all_committed(group_id);
}

runtime::Task<Result<std::optional<DescribedGroup>>> GroupCoordinator::describe(std::string group_id
) {
    SEALANE_CO_TRY(CoordinatorShard * shard, co_await shard_of(group_id));
    SEALANE_CO_CHECK(co_await shard->wait_readable());
    co_return shard->core().describe(group_id);
}

runtime::Task<Result<std::vector<ListedGroup>>> GroupCoordinator::list() {
    if (stopping_) co_return fail(ErrorCode::kNotCoordinator);
    std::vector<ListedGroup> groups;
    for (const auto& shard : shards_) {
        SEALANE_CO_CHECK(co_await shard->wait_readable());
        for (ListedGroup& group : shard->core().list()) groups.push_back(std::move(group));
    }
    co_return groups;
}

std::string GroupCoordinator::fresh_suffix() {
    return dashed(world_.random_uuid());
}

void GroupCoordinator::collect(runtime::MetricSink& sink) const {
    GroupCounts sum;
    std::size_t loaded = 0;
    for (const auto& shard : shards_) {
        if (!shard->loaded()) continue;
        ++loaded;
        const GroupCounts counts = shard->core().counts();
        sum.groups += counts.groups;
        sum.members += counts.members;
        sum.offsets += counts.offsets;
        sum.rebalances += counts.rebalances;
    }
    const auto number = [](std::size_t count) { return static_cast<double>(count); };
    sink.gauge("sealane_groups_groups", "Groups this broker coordinates", number(sum.groups));
    sink.gauge("sealane_groups_members", "Members of all groups", number(sum.members));
    sink.gauge("sealane_groups_offsets", "Committed offsets", number(sum.offsets));
    sink.counter(
        "sealane_groups_rebalances_total",
        "Generations started since the groups were loaded",
        number(sum.rebalances)
    );
    sink.gauge(
        "sealane_groups_partitions_loading",
        "Partitions of __consumer_offsets not loaded yet",
        number(shards_.size() - loaded)
    );
}

}  // namespace sealane::broker::groups
