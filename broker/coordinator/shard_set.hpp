#pragma once
// The shards of one coordinator on this node: one for every partition of its topic that this node
// leads. A task compares them with CoordinatorTopic::led() whenever that may have changed. Between
// a change of the metadata and that comparison a shard answers already as if it were stopped, and a
// key whose shard is not there yet is being loaded.
//
// Errors are the coordinator's own: COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE,
// NOT_COORDINATOR. File shard_set_steps.hpp has the functions.

#include "broker/coordinator/coordinator_shard.hpp"

#include <map>
#include <optional>
#include <string_view>
#include <variant>

namespace sealane::broker {

template <class Machine>
class ShardSet {
 public:
    using Shard = CoordinatorShard<Machine>;
    using ShardPtr = std::shared_ptr<Shard>;
    using Config = typename Machine::Config;

    // `topic` must outlive this. It is made with so many partitions.
    ShardSet(
        runtime::World& world, Config config, CoordinatorTopic& topic, std::int32_t partitions
    );

    // Begins to follow leaderships. Returns at once; loading goes on.
    void start();
    [[nodiscard]] runtime::Task<void> stop();

    // Makes the topic if needed. COORDINATOR_NOT_AVAILABLE: it cannot be made now.
    [[nodiscard]] runtime::Task<Status> ensure_ready();
    // Whose leader coordinates the key. After ensure_ready().
    [[nodiscard]] PartitionId partition_of(std::string_view key) const;
    // The shard that coordinates the key, made ready first.
    [[nodiscard]] runtime::Task<Result<ShardPtr>> shard_of(std::string key);
    [[nodiscard]] Result<ShardPtr> shard_at(PartitionId partition) const;
    // Every shard of what this node leads; COORDINATOR_LOAD_IN_PROGRESS when one is not there yet.
    [[nodiscard]] Result<std::vector<ShardPtr>> led() const;
    [[nodiscard]] const std::map<PartitionId, ShardPtr>& all() const { return shards_; }
    // Told when a shard was made or has gone.
    [[nodiscard]] runtime::Event& changed() { return changed_; }

    // What the core answers to `request` about `key`.
    template <class R, class Q>
    [[nodiscard]] runtime::Task<Result<R>> ask(std::string key, Q request) {
        SEALANE_CO_TRY(const ShardPtr shard, co_await shard_of(std::move(key)));
        auto reply = co_await shard->submit(typename Machine::Request(std::move(request)));
        if (!reply) co_return fail(reply.error());
        co_return std::get<R>(*std::move(reply));
    }

 private:
    // Somebody makes the topic; whoever needs it meanwhile waits for the same outcome.
    struct Creation {
        explicit Creation(runtime::WaitQueue& queue) : done(queue) {}
        std::optional<Status> outcome;
        runtime::Event done;
    };
    [[nodiscard]] runtime::Task<void> follow();
    [[nodiscard]] bool follows() const;
    [[nodiscard]] runtime::Task<void> close_lost();
    void open_gained();

    runtime::World& world_;
    Config config_;
    CoordinatorTopic& topic_;
    std::int32_t partitions_;
    bool stopping_ = false;
    std::map<PartitionId, ShardPtr> shards_;
    std::shared_ptr<Creation> creation_;
    runtime::Event changed_;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker
