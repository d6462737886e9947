#pragma once
// Plays requests, time and failing appends against a CoordinatorCore, as its shell would: every
// step's records are appended and applied, or the append fails, before the next step.

#include "broker/groups/group_machine.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sealane::broker::groups {

inline std::string subscription(const std::vector<std::string>& topics) {
    std::string blob("\0\1\0\0\0", 5);
    blob += static_cast<char>(topics.size());
    for (const std::string& topic : topics) {
        blob += '\0';
        blob += static_cast<char>(topic.size());
        blob += topic;
    }
    return blob + std::string("\xff\xff\xff\xff", 4);
}

// Everything live, as one list.
inline std::vector<CoordinatorRecord> live_records(const CoordinatorCore& core) {
    std::vector<CoordinatorRecord> records;
    for (Effects& part : core.snapshot(SIZE_MAX))
        for (CoordinatorRecord& record : part.records) records.push_back(std::move(record));
    return records;
}

class GroupScript {
 public:
    explicit GroupScript(GroupConfig config = {}) : core(config), config_(config) {}

    // Time goes on in steps no longer than the core asks for.
    void wait(Duration time) {
        const Instant until = now + time;
        while (core.next_wake() <= until) {
            advance_to(std::max(core.next_wake(), now));
            Effects effects;
            core.tick(clock(), effects);
            perform(std::move(effects));
        }
        advance_to(until);
    }
    Ticket send(Request request) {
        const Ticket ticket = ++last_ticket_;
        Effects effects;
        core.handle(clock(), ticket, std::move(request), effects);
        perform(std::move(effects));
        return ticket;
    }
    // The answer to a request; nothing while it is parked.
    template <class R>
    std::optional<R> answer(Ticket ticket) {
        const auto at = answers_.find(ticket);
        if (at == answers_.end()) return std::nullopt;
        return std::get<R>(at->second);
    }
    template <class R>
    R ask(Request request) {
        auto reply = answer<R>(send(std::move(request)));
        EXPECT_TRUE(reply) << "parked";
        return reply.value_or(R{});
    }

    static JoinRequest join_of(std::string member, std::optional<std::string> instance = {}) {
        JoinRequest join;
        join.group_id = "g";
        join.member_id = std::move(member);
        join.instance_id = std::move(instance);
        join.protocol_type = "consumer";
        join.protocols = {{"range", BufferSlice::copy_of(subscription({"t"}))}};
        join.session_timeout_ms = 10'000;
        join.rebalance_timeout_ms = 60'000;
        join.client_id = "c";
        join.client_host = "/127.0.0.1";
        return join;
    }
    // A join with a fresh suffix, so that new ids are c-1, c-2 ... (or instance-1 ...).
    Ticket join(std::string member = {}, std::optional<std::string> instance = {}) {
        JoinRequest request = join_of(std::move(member), std::move(instance));
        request.fresh_suffix = std::to_string(++suffix_);
        return send(std::move(request));
    }
    Ticket sync(
        std::string member,
        std::int32_t generation,
        std::vector<std::pair<std::string, std::string>> assignments = {},
        std::optional<std::string> instance = {}
    ) {
        SyncRequest request;
        request.group_id = "g";
        request.generation = GroupGeneration(generation);
        request.member_id = std::move(member);
        request.instance_id = std::move(instance);
        for (auto& [id, text] : assignments)
            request.assignments.push_back({id, BufferSlice::copy_of(text)});
        return send(std::move(request));
    }
    ErrorCode heartbeat(
        std::string member, std::int32_t generation, std::optional<std::string> instance = {}
    ) {
        return ask<HeartbeatReply>(
                   HeartbeatRequest{
                       "g", GroupGeneration(generation), std::move(member), std::move(instance)
                   }
        )
            .error;
    }
    ErrorCode leave(std::string member, std::optional<std::string> instance = {}) {
        const auto reply = ask<LeaveReply>(LeaveRequest{"g", {{member, instance}}});
        if (reply.error != ErrorCode::kNone) return reply.error;
        return reply.member_errors.at(0);
    }
    ErrorCode commit(
        std::string member, std::int32_t generation, std::int64_t offset, std::string topic = "t"
    ) {
        CommitRequest request;
        request.group_id = "g";
        request.generation = GroupGeneration(generation);
        request.member_id = std::move(member);
        CommitRequest::Entry entry;
        entry.partition = {std::move(topic), PartitionId(0)};
        entry.offset = Offset(offset);
        request.entries.push_back(std::move(entry));
        return ask<CommitReply>(std::move(request)).errors.at(0);
    }
    std::int64_t committed(const std::string& topic = "t") {
        const auto value = core.committed("g", {topic, PartitionId(0)});
        return value ? value->offset.value : -1;
    }
    GroupState state() {
        const auto group = core.describe("g");
        return group ? group->state : GroupState::kDead;
    }
    // A stable group of `count` dynamic members c-1.. at generation 1; c-1 leads.
    void stable_group(int count) {
        std::vector<Ticket> joins;
        for (int i = 0; i < count; ++i) joins.push_back(join());
        wait(10s);
        std::vector<std::pair<std::string, std::string>> assignments;
        for (int i = 1; i <= count; ++i)
            assignments.emplace_back("c-" + std::to_string(i), "a" + std::to_string(i));
        for (int i = count; i >= 1; --i) {
            const auto sent = i == 1 ? assignments : decltype(assignments){};
            sync("c-" + std::to_string(i), 1, sent);
        }
        ASSERT_EQ(state(), GroupState::kStable);
    }
    // A new core that replayed the log, as after a restart.
    CoordinatorCore restarted() {
        CoordinatorCore fresh(config_);
        for (const Effects& written : log) GroupMachine::apply(written, fresh);
        fresh.begin(now);
        return fresh;
    }
    CoordinatorCore::Clock clock() const { return {now, wall}; }

    CoordinatorCore core;
    std::vector<Effects> log;  // what was appended, batch by batch
    Instant now{1'000'000'000};
    WallTime wall{1'700'000'000'000};
    std::optional<ErrorCode> fail_appends;  // while set

    void perform(Effects effects) {
        if (GroupMachine::writes(effects) && fail_appends) {
            Effects instead;
            core.append_failed(clock(), std::move(effects), *fail_appends, instead);
            effects = std::move(instead);
        } else {
            GroupMachine::apply(effects, core);
            if (GroupMachine::writes(effects))
                log.push_back({effects.records, effects.producer, effects.end, {}});
        }
        for (Effects::Answer& each : effects.answers) {
            const bool first = answers_.emplace(each.ticket, std::move(each.reply)).second;
            EXPECT_TRUE(first) << "answered twice: " << each.ticket;
        }
    }
    [[nodiscard]] std::size_t parked() const { return last_ticket_ - answers_.size(); }

 private:
    void advance_to(Instant at) {
        wall.ms += to_ms(at - now);
        now = at;
    }
    GroupConfig config_;
    std::map<Ticket, Reply> answers_;
    Ticket last_ticket_ = 0;
    int suffix_ = 0;
};

}  // namespace sealane::broker::groups
