#pragma once
// The functions of ShardSet. Included once for each Machine, by the file that instantiates it.

#include "broker/coordinator/coordinator_shard_steps.hpp"
#include "broker/coordinator/key_partition.hpp"
#include "broker/coordinator/shard_set.hpp"

#include <algorithm>

namespace sealane::broker {

template <class Machine>
ShardSet<Machine>::ShardSet(
    runtime::World& world, Config config, CoordinatorTopic& topic, std::int32_t partitions
)
    : world_(world),
      config_(config),
      topic_(topic),
      partitions_(partitions),
      changed_(world.waits()),
      tasks_(world) {}

template <class Machine>
void ShardSet<Machine>::start() {
    tasks_.on_stop([this] { topic_.changed().notify_all(); });
    tasks_.spawn([this] { return follow(); });
}

template <class Machine>
runtime::Task<void> ShardSet<Machine>::stop() {
    stopping_ = true;
    for (const auto& [partition, shard] : shards_) shard->resign();
    co_await tasks_.stop_and_join();
    for (const auto& [partition, shard] : shards_) co_await shard->stop();
}

template <class Machine>
runtime::Task<void> ShardSet<Machine>::follow() {
    while (!tasks_.stopping()) {
        if (follows()) {
            (void)co_await topic_.changed().wait_until(Instant::never());
            for (const auto& [partition, shard] : shards_) shard->look_again();
            continue;
        }
        co_await close_lost();
        if (!tasks_.stopping()) open_gained();
        changed_.notify_all();
    }
}

// Whether the shards are those of the leaderships of this node.
template <class Machine>
bool ShardSet<Machine>::follows() const {
    const CoordinatorTopic::Leaderships led = topic_.led();
    return led.size() == shards_.size() && std::ranges::all_of(shards_, [&led](const auto& entry) {
               const auto found = led.find(entry.first);
               return found != led.end() && found->second == entry.second->leadership();
           });
}

// Everybody who waits gets the answer at once; the tasks end when their last write has.
template <class Machine>
runtime::Task<void> ShardSet<Machine>::close_lost() {
    const CoordinatorTopic::Leaderships led = topic_.led();
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

template <class Machine>
void ShardSet<Machine>::open_gained() {
    for (const auto& [partition, leadership] : topic_.led()) {
        if (shards_.contains(partition)) continue;
        const typename Shard::Place place{partition, leadership};
        const auto shard = std::make_shared<Shard>(world_, config_, place, topic_);
        shards_.emplace(partition, shard);
        shard->start();
    }
}

template <class Machine>
runtime::Task<Status> ShardSet<Machine>::ensure_ready() {
    if (stopping_) co_return fail(ErrorCode::kNotCoordinator);
    if (topic_.partition_count() > 0) co_return Status{};
    if (const std::shared_ptr<Creation> running = creation_) {
        while (!running->outcome) (void)co_await running->done.wait_until(Instant::never());
        co_return *running->outcome;
    }
    const auto mine = std::make_shared<Creation>(world_.waits());
    creation_ = mine;
    const auto made = co_await topic_.ensure(partitions_);
    creation_.reset();
    mine->outcome = Status{};
    if (!made) mine->outcome = fail(ErrorCode::kCoordinatorNotAvailable, made.error().to_string());
    if (stopping_) mine->outcome = fail(ErrorCode::kNotCoordinator);
    mine->done.notify_all();
    co_return *mine->outcome;
}

template <class Machine>
PartitionId ShardSet<Machine>::partition_of(std::string_view key) const {
    return partition_of_key(key, topic_.partition_count());
}

template <class Machine>
runtime::Task<Result<typename ShardSet<Machine>::ShardPtr>> ShardSet<Machine>::shard_of(
    std::string key
) {
    SEALANE_CO_CHECK(co_await ensure_ready());
    co_return shard_at(partition_of(key));
}

template <class Machine>
Result<typename ShardSet<Machine>::ShardPtr> ShardSet<Machine>::shard_at(PartitionId partition
) const {
    if (stopping_) return fail(ErrorCode::kNotCoordinator);
    const auto leadership = topic_.leadership(partition);
    if (!leadership) return fail(ErrorCode::kNotCoordinator);
    const auto found = shards_.find(partition);
    if (found == shards_.end() || found->second->leadership() != *leadership)
        return fail(ErrorCode::kCoordinatorLoadInProgress);
    return found->second;
}

template <class Machine>
Result<std::vector<typename ShardSet<Machine>::ShardPtr>> ShardSet<Machine>::led() const {
    if (stopping_) return fail(ErrorCode::kNotCoordinator);
    std::vector<ShardPtr> shards;
    for (const auto& [partition, leadership] : topic_.led()) {
        SEALANE_TRY(ShardPtr shard, shard_at(partition));
        shards.push_back(std::move(shard));
    }
    return shards;
}

}  // namespace sealane::broker
