#pragma once
// LinkBoard: what the parts of one producer half share: the link as the target knows it, the topics
// and partitions it carries, and the event that says that something changed. One part writes each
// thing: LinkKeeper the state, TopicKeeper topics and copies, Appender and PositionKeeper the
// progress inside the copies.

#include "common/client/cluster_client.hpp"
#include "common/runtime/event.hpp"
#include "mirror/link/consumer_half.hpp"
#include "mirror/link/frame_stream.hpp"
#include "mirror/link/link_status.hpp"
#include "mirror/link/partition_copy.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace sealane::mirror {

struct CarriedTopic {
    std::string source;
    Uuid id;
    std::string target;
    std::int32_t partition_count = 0;
    bool ready = false;  // pinned, and the target has enough partitions
    std::optional<StopCause> cause;
    std::string trouble;
    std::vector<Topics::Config> configs;  // of the source as last applied at the target
};

struct CarriedPartition {
    PartitionCopy copy;
    kafka::MirrorOrigin origin;
    std::string target_topic;
};

struct LinkBoard {
    explicit LinkBoard(HalfContext half_context)
        : context(std::move(half_context)), changed(context.world.waits()) {}

    HalfContext context;
    // The halves' connection; null while there is none.
    FrameStream* stream = nullptr;
    std::string source_cluster_id;  // of the connected consumer half
    std::string target_cluster_id;
    std::int8_t link_state = kafka::kLinkAbsent;
    std::int32_t link_epoch = -1;
    bool link_state_stale = true;  // ask the target again now
    std::map<std::string, CarriedTopic> topics;
    std::map<std::pair<std::string, PartitionId>, CarriedPartition> copies;
    std::map<std::int64_t, std::pair<std::string, PartitionId>> by_assignment;
    std::int64_t next_assignment = 1;
    std::int64_t gaps = 0;
    runtime::Event changed;

    [[nodiscard]] runtime::World& world() const { return context.world; }
    [[nodiscard]] bool running() const {
        return stream != nullptr && link_state == kafka::kLinkRunning;
    }
    [[nodiscard]] CarriedPartition* by_id(std::int64_t assignment) {
        const auto key = by_assignment.find(assignment);
        if (key == by_assignment.end()) return nullptr;
        const auto found = copies.find(key->second);
        if (found == copies.end() || found->second.copy.assignment() != assignment) return nullptr;
        return &found->second;
    }
    // Every copy asks for its position again; what is on the way is dropped or awaited.
    void restart_copies() {
        for (auto& [key, carried] : copies) carried.copy.restart();
        by_assignment.clear();
        changed.notify_all();
    }
};

}  // namespace sealane::mirror
