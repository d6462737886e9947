#include "broker/groups/group_coordinator.hpp"

#include "broker/groups/group_partition.hpp"
#include "common/base/assert.hpp"

#include <algorithm>

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
    : world_(world), config_(config), topic_(topic), tasks_(world) {}

GroupCoordinator::~GroupCoordinator() = default;

void GroupCoordinator::start() {
    tasks_.on_stop([this] { topic_.changed().notify_all(); });
    tasks_.spawn([this] { return follow(); });
}

runtime::Task<void> GroupCoordinator::stop() {
    stopping_ = true;
    for (const auto& [partition, shard] : shards_) shard->resign();
    co_await tasks_.stop_and_join();
    for (const auto& [partition, shard] : shards_) co_await shard->stop();
}

runtime::Task<void> GroupCoordinator::follow() {
    while (!tasks_.stopping()) {
        if (follows()) {
            (void)co_await topic_.changed().wait_until(Instant::never());
            for (const auto& [partition, shard] : shards_) shard->look_again();
            continue;
        }
        co_await close_lost();
        if (!tasks_.stopping()) open_gained();
    }
}

// Whether the shards are those of the leaderships of this node.
bool GroupCoordinator::follows() const {
    const GroupTopic::Leaderships led = topic_.led();
    return led.size() == shards_.size() && std::ranges::all_of(shards_, [&led](const auto& entry) {
               const auto found = led.find(entry.first);
               return found != led.end() && found->second == entry.second->leadership();
           });
}

// Everybody who waits gets the answer at once; the tasks end when their last write has.
runtime::Task<void> GroupCoordinator::close_lost() {
    const GroupTopic::Leaderships led = topic_.led();
    std::vector<ShardPtr> lost;
    std::erase_if(shards_, [&](const auto& entry) {
        const auto found = led.find(entry.first);
        if (found != led.end() && found->second == entry.second->leadership()) return false;
        lost.push_back(entry.second);
        return true;
    });
    for (const ShardPtr& shard : lost) shard->resign();
    for (const ShardPtr& shard : lost) co_await shard->stop();
}

void GroupCoordinator::open_gained() {
    for (const auto& [partition, leadership] : topic_.led()) {
        if (shards_.contains(partition)) continue;
        const CoordinatorShard::Place place{partition, leadership};
        const auto shard = std::make_shared<CoordinatorShard>(world_, config_, place, topic_);
        shards_.emplace(partition, shard);
        shard->start();
    }
}

runtime::Task<Status> GroupCoordinator::ensure_ready() {
    if (stopping_) co_return fail(ErrorCode::kNotCoordinator);
    if (topic_.partition_count() > 0) co_return Status{};
    if (const std::shared_ptr<Creation> running = creation_) {
        while (!running->outcome) (void)co_await running->done.wait_until(Instant::never());
        co_return *running->outcome;
    }
    const auto mine = std::make_shared<Creation>(world_.waits());
    creation_ = mine;
    const auto made = co_await topic_.ensure(config_.offsets_topic_partitions);
    creation_.reset();
    mine->outcome = Status{};
    if (!made) mine->outcome = fail(ErrorCode::kCoordinatorNotAvailable, made.error().to_string());
    if (stopping_) mine->outcome = fail(ErrorCode::kNotCoordinator);
    mine->done.notify_all();
    co_return *mine->outcome;
}

PartitionId GroupCoordinator::partition_of(std::string_view group_id) const {
    return partition_of_group(group_id, topic_.partition_count());
}

runtime::Task<Result<GroupCoordinator::ShardPtr>> GroupCoordinator::shard_of(std::string group_id) {
    SEALANE_CO_CHECK(co_await ensure_ready());
    const PartitionId partition = partition_of(group_id);
    const auto leadership = topic_.leadership(partition);
    if (!leadership) co_return fail(ErrorCode::kNotCoordinator);
    const auto found = shards_.find(partition);
    if (found == shards_.end() || found->second->leadership() != *leadership)
        co_return fail(ErrorCode::kCoordinatorLoadInProgress);
    co_return found->second;
}

template <class R, class Q>
runtime::Task<Result<R>> GroupCoordinator::ask(Q request) {
    SEALANE_CO_TRY(const ShardPtr shard, co_await shard_of(request.group_id));
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
    SEALANE_CO_TRY(const ShardPtr shard, co_await shard_of(group_id));
    const auto look = [&](const CoordinatorCore& core) {
        std::vector<std::optional<CommittedOffset>> found;
        found.reserve(partitions.size());
        for (const TopicPartition& partition : partitions)
            found.push_back(core.committed(group_id, partition));
        return found;
    };
    co_return co_await shard->read(look);
}

runtime::Task<Result<std::vector<CoordinatorCore::FetchedOffset>>> GroupCoordinator::fetch_all(
    std::string group_id
) {
    SEALANE_CO_TRY(const ShardPtr shard, co_await shard_of(group_id));
    const auto look = [&](const CoordinatorCore& core) { return core.all_committed(group_id); };
    co_return co_await shard->read(look);
}

runtime::Task<Result<std::optional<DescribedGroup>>> GroupCoordinator::describe(std::string group_id
) {
    SEALANE_CO_TRY(const ShardPtr shard, co_await shard_of(group_id));
    const auto look = [&](const CoordinatorCore& core) { return core.describe(group_id); };
    co_return co_await shard->read(look);
}

runtime::Task<Result<std::vector<ListedGroup>>> GroupCoordinator::list() {
    if (stopping_) co_return fail(ErrorCode::kNotCoordinator);
    std::vector<ListedGroup> groups;
    for (const auto& [partition, leadership] : topic_.led()) {
        const auto found = shards_.find(partition);
        if (found == shards_.end() || found->second->leadership() != leadership)
            co_return fail(ErrorCode::kCoordinatorLoadInProgress);
        const ShardPtr shard = found->second;
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
    for (const auto& [partition, shard] : shards_) {
        if (!shard->loaded()) continue;
        ++loaded;
        const GroupCounts counts = shard->counts();
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
