#pragma once
// What makes CoordinatorShard a coordinator of groups over __consumer_offsets.

#include "broker/coordinator/shard_types.hpp"
#include "broker/groups/coordinator_core.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <memory>

namespace sealane::broker::groups {

inline constexpr std::string_view kOffsetsTopic = "__consumer_offsets";

struct GroupMachine {
    using Core = CoordinatorCore;
    using Config = GroupConfig;
    using Request = groups::Request;
    using Reply = groups::Reply;
    using Effects = groups::Effects;
    static constexpr std::string_view kName = "groups";
    static constexpr bool kAnswersAreReads = false;

    [[nodiscard]] static ShardLimits limits(const GroupConfig& config);
    [[nodiscard]] static std::unique_ptr<Core> make(const GroupConfig& config);
    static void begin(Core& core, ShardClock clock) { core.begin(clock.now); }
    [[nodiscard]] static std::size_t size(const Core& core) { return core.counts().groups; }
    [[nodiscard]] static Status replay(const kafka::RecordBatch& batch, Core& core);
    [[nodiscard]] static bool writes(const Effects& effects) {
        return !effects.records.empty() || effects.end;
    }
    [[nodiscard]] static Result<ShardAppend> encode(const Effects& effects, WallTime wall);
    static void apply(const Effects& effects, Core& core);
    [[nodiscard]] static std::vector<Effects> snapshot(const Core& core, std::size_t bytes) {
        return core.snapshot(bytes);
    }
    [[nodiscard]] static bool is_soft(const Reply& reply) {
        return std::holds_alternative<HeartbeatReply>(reply);
    }
};

}  // namespace sealane::broker::groups
