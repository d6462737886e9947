#pragma once
// A coordinator over __consumer_offsets in memory, in virtual time.

#include "broker/groups/group_coordinator.hpp"
#include "tests/simulation/world/sim_world.hpp"
#include "tests/unit/broker/groups/memory_offsets_topic.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sealane::broker::groups {

using runtime::Task;

class GroupShell : public ::testing::Test {
 protected:
    GroupShell()
        : simulator_(1, false),
          network_(simulator_),
          world_(simulator_, network_, disk_, "a", "a"),
          topic_(world_),
          tasks_(world_) {
        config_.offsets_topic_partitions = 1;
        start();
    }
    ~GroupShell() override {
        stop();
        run([this]() -> Task<void> { co_await tasks_.stop_and_join(); });
    }

    void start() {
        coordinator_ = std::make_unique<GroupCoordinator>(world_, config_, topic_);
        coordinator_->start();
        simulator_.run_for(10ms);
    }
    void stop() {
        if (!coordinator_) return;
        run([this]() -> Task<void> { co_await coordinator_->stop(); });
        coordinator_.reset();
    }
    void restart() {
        stop();
        start();
    }
    // Runs a coroutine to its end.
    void run(std::function<Task<void>()> body) {
        bool done = false;
        runtime::TaskGroup group(world_);
        group.spawn([&]() -> Task<void> {
            co_await body();
            done = true;
        });
        ASSERT_TRUE(simulator_.run_until([&] { return done; }, simulator_.now() + 5h));
        simulator_.settle();
    }
    // Asks until the groups are loaded.
    ErrorCode commit(std::int64_t offset, std::string topic = "t", std::string group = "g") {
        ErrorCode error = ErrorCode::kNone;
        run([&]() -> Task<void> {
            CommitRequest request;
            request.group_id = group;
            CommitRequest::Entry entry;
            entry.partition = {topic, PartitionId(0)};
            entry.offset = Offset(offset);
            request.entries.push_back(entry);
            while (true) {
                const auto reply = co_await coordinator_->commit(request);
                error = reply ? reply->errors.at(0) : reply.error().code();
                if (error != ErrorCode::kCoordinatorLoadInProgress) co_return;
                co_await world_.sleep(10ms);
            }
        });
        return error;
    }
    std::int64_t fetch(std::string topic = "t", std::string group = "g") {
        std::int64_t offset = -2;
        run([&]() -> Task<void> {
            const std::vector<TopicPartition> wanted{{topic, PartitionId(0)}};
            while (true) {
                const auto found = co_await coordinator_->fetch(group, wanted);
                if (found) {
                    offset = found->at(0) ? found->at(0)->offset.value : -1;
                    co_return;
                }
                if (found.error().code() != ErrorCode::kCoordinatorLoadInProgress) co_return;
                co_await world_.sleep(10ms);
            }
        });
        return offset;
    }

    // One try, as a client makes it.
    static CommitRequest commit_request(std::int64_t offset, std::string group = "g") {
        CommitRequest request;
        request.group_id = std::move(group);
        CommitRequest::Entry entry;
        entry.partition = {"t", PartitionId(0)};
        entry.offset = Offset(offset);
        request.entries.push_back(entry);
        return request;
    }
    ErrorCode commit_once(std::int64_t offset, std::string group = "g") {
        ErrorCode error = ErrorCode::kNone;
        run([&]() -> Task<void> {
            const auto reply = co_await coordinator_->commit(commit_request(offset, group));
            error = reply ? reply->errors.at(0) : reply.error().code();
        });
        return error;
    }
    ErrorCode fetch_once(std::string group = "g") {
        ErrorCode error = ErrorCode::kNone;
        run([&]() -> Task<void> {
            std::vector<TopicPartition> wanted{{"t", PartitionId(0)}};
            const auto found = co_await coordinator_->fetch(group, std::move(wanted));
            error = found ? ErrorCode::kNone : found.error().code();
        });
        return error;
    }
    // A member that joins and waits for the answer.
    void begin_join(std::optional<Result<JoinReply>>& joined) {
        tasks_.spawn([this, &joined]() -> Task<void> {
            JoinRequest request;
            request.group_id = "group";
            request.protocol_type = "consumer";
            request.protocols = {{"range", {}}};
            request.session_timeout_ms = 10'000;
            request.rebalance_timeout_ms = 60'000;
            request.fresh_suffix = coordinator_->fresh_suffix();
            joined = co_await coordinator_->join(std::move(request));
        });
    }

    simulation::Simulator simulator_;
    simulation::SimNetwork network_;
    simulation::Disk disk_;
    simulation::SimWorld world_;
    MemoryOffsetsTopic topic_;
    GroupConfig config_;
    runtime::TaskGroup tasks_;
    std::unique_ptr<GroupCoordinator> coordinator_;
};

}  // namespace sealane::broker::groups
