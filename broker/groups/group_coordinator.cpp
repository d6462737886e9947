#include "broker/groups/group_coordinator.hpp"

#include "broker/coordinator/shard_set_steps.hpp"

namespace sealane::broker {

template class CoordinatorShard<groups::GroupMachine>;
template class ShardSet<groups::GroupMachine>;

namespace groups {
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

GroupCoordinator::GroupCoordinator(
    runtime::World& world, GroupConfig config, CoordinatorTopic& topic
)
    : world_(world),
      topic_(topic),
      shards_(world, config, topic, config.offsets_topic_partitions) {}

GroupCoordinator::~GroupCoordinator() = default;

void GroupCoordinator::start() {
    shards_.start();
}

runtime::Task<void> GroupCoordinator::stop() {
    return shards_.stop();
}

template <class R, class Q>
runtime::Task<Result<R>> GroupCoordinator::ask(Q request) {
    std::string key = request.group_id;
    return shards_.ask<R>(std::move(key), std::move(request));
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

runtime::Task<Result<ConsumerHeartbeatReply>> GroupCoordinator::consumer_heartbeat(
    ConsumerHeartbeatRequest request
) {
    auto reply = co_await ask<ConsumerHeartbeatReply>(std::move(request));
    // Another node may lead the group by now, and give away what this member has: the member must
    // not be told to go on.
    if (reply && !topic_.is_in_touch())
        co_return fail(ErrorCode::kCoordinatorNotAvailable, "somebody else may lead by now");
    co_return reply;
}

runtime::Task<Result<std::vector<std::optional<CommittedOffset>>>> GroupCoordinator::fetch(
    std::string group_id, std::vector<TopicPartition> partitions
) {
    SEALANE_CO_TRY(const Shards::ShardPtr shard, co_await shards_.shard_of(group_id));
    const auto look = [&](const CoordinatorCore& core) {
        std::vector<std::optional<CommittedOffset>> found;
        found.reserve(partitions.size());
        for (const TopicPartition& partition : partitions)
            found.push_back(core.committed(group_id, partition));
        return found;
    };
    co_return co_await shard->read(look);
}

runtime::Task<Result<std::vector<GroupCoordinator::StableOffset>>> GroupCoordinator::fetch_stable(
    std::string group_id, OffsetReader reader, std::vector<TopicPartition> partitions
) {
    SEALANE_CO_TRY(const Shards::ShardPtr shard, co_await shards_.shard_of(group_id));
    ErrorCode refused = ErrorCode::kNone;
    const auto look = [&](const CoordinatorCore& core) {
        std::vector<StableOffset> found;
        refused = core.check_reader(group_id, reader);
        if (refused != ErrorCode::kNone) return found;
        found.reserve(partitions.size());
        for (const TopicPartition& partition : partitions)
            found.push_back(
                {core.committed(group_id, partition), core.is_pending(group_id, partition)}
            );
        return found;
    };
    auto found = co_await shard->read(look);
    if (found && refused != ErrorCode::kNone) co_return fail(refused);
    co_return found;
}

runtime::Task<Status> GroupCoordinator::end_transaction(PartitionId partition, TransactionEnd end) {
    SEALANE_CO_TRY(const Shards::ShardPtr shard, shards_.shard_at(partition));
    SEALANE_CO_TRY(const Reply reply, co_await shard->submit(Request(EndTransactionRequest{end})));
    const ErrorCode error = std::get<EndTransactionReply>(reply).error;
    if (error != ErrorCode::kNone) co_return fail(error);
    co_return Status{};
}

runtime::Task<Result<std::vector<CoordinatorCore::FetchedOffset>>> GroupCoordinator::fetch_all(
    std::string group_id, OffsetReader reader
) {
    SEALANE_CO_TRY(const Shards::ShardPtr shard, co_await shards_.shard_of(group_id));
    ErrorCode refused = ErrorCode::kNone;
    const auto look = [&](const CoordinatorCore& core) {
        refused = core.check_reader(group_id, reader);
        return core.all_committed(group_id);
    };
    auto found = co_await shard->read(look);
    if (found && refused != ErrorCode::kNone) co_return fail(refused);
    co_return found;
}

runtime::Task<Result<std::optional<DescribedGroup>>> GroupCoordinator::describe(std::string group_id
) {
    SEALANE_CO_TRY(const Shards::ShardPtr shard, co_await shards_.shard_of(group_id));
    const auto look = [&](const CoordinatorCore& core) { return core.describe(group_id); };
    co_return co_await shard->read(look);
}

runtime::Task<Result<std::optional<DescribedConsumerGroup>>> GroupCoordinator::describe_consumer(
    std::string group_id
) {
    SEALANE_CO_TRY(const Shards::ShardPtr shard, co_await shards_.shard_of(group_id));
    const auto look = [&](const CoordinatorCore& core) { return core.describe_consumer(group_id); };
    co_return co_await shard->read(look);
}

runtime::Task<Result<std::vector<ListedGroup>>> GroupCoordinator::list() {
    std::vector<ListedGroup> groups;
    SEALANE_CO_TRY(const auto shards, shards_.led());
    for (const Shards::ShardPtr& shard : shards) {
        const auto look = [](const CoordinatorCore& core) { return core.list(); };
        auto listed = co_await shard->read(look);
        if (listed) {
            for (ListedGroup& group : *listed) groups.push_back(std::move(group));
        } else if (listed.error().code() != ErrorCode::kNotCoordinator) {
            co_return fail(listed.error());
        }
        // Otherwise it is not led here any more: another node lists its groups.
    }
    co_return groups;
}

std::string GroupCoordinator::fresh_suffix() {
    return dashed(world_.random_uuid());
}

void GroupCoordinator::collect(runtime::MetricSink& sink) const {
    GroupCounts sum;
    std::size_t loaded = 0;
    for (const auto& [partition, shard] : shards_.all()) {
        if (!shard->loaded()) continue;
        ++loaded;
        const GroupCounts counts =
            shard->shows([](const CoordinatorCore& core) { return core.counts(); });
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
        "Generations started, or target assignments computed, since the groups were loaded",
        number(sum.rebalances)
    );
    sink.gauge(
        "sealane_groups_partitions_loading",
        "Partitions of __consumer_offsets not loaded yet",
        number(shards_.all().size() - loaded)
    );
}

}  // namespace groups
}  // namespace sealane::broker
