#pragma once
// GroupMembership: what a group member must do after each answer of the coordinator (classic
// protocol). RangeAssignor: who reads what, decided by the member that leads the group.

#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/kafka/messages/groups.hpp"

#include <map>
#include <string>
#include <vector>

namespace sealane::client {

class GroupMembership {
 public:
    enum class State { kOutside, kJoined };
    // What an error of the coordinator asks for.
    enum class Reaction {
        kNone,             // go on
        kFindCoordinator,  // it moved or is loading: find it again, then repeat
        kRetry,            // repeat after a pause
        kRejoin,           // join again as the same member
        kRejoinAsNew,      // forget the member id, join again
        kFatal,            // tell the caller
    };
    [[nodiscard]] static Reaction reaction_to(ErrorCode error);

    void joined(std::string member_id, GroupGeneration generation) {
        member_id_ = std::move(member_id);
        generation_ = generation;
        state_ = State::kJoined;
        ++joins_;
    }
    void assign_member_id(std::string id) { member_id_ = std::move(id); }
    void must_rejoin() { state_ = State::kOutside; }
    void forget() {
        state_ = State::kOutside;
        member_id_.clear();
        generation_ = GroupGeneration(-1);
    }
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] const std::string& member_id() const { return member_id_; }
    [[nodiscard]] GroupGeneration generation() const { return generation_; }
    // How often it has joined; a member that joins again may get the generation that it had, and
    // begins at the committed offsets all the same.
    [[nodiscard]] std::uint64_t joins() const { return joins_; }

 private:
    State state_ = State::kOutside;
    std::string member_id_;
    GroupGeneration generation_{-1};
    std::uint64_t joins_ = 0;
};

// Embedded consumer protocol (opaque to brokers): int16 version, then the message.
[[nodiscard]] Result<BufferSlice> encode_subscription(const std::vector<std::string>& topics);
[[nodiscard]] Result<std::vector<std::string>> decode_subscription(const BufferSlice& bytes);
[[nodiscard]] Result<BufferSlice> encode_assignment(const std::vector<TopicPartition>& partitions);
[[nodiscard]] Result<std::vector<TopicPartition>> decode_assignment(const BufferSlice& bytes);

// Per topic, consecutive runs of partitions to its members in order of member id.
[[nodiscard]] std::map<std::string, std::vector<TopicPartition>> assign_ranges(
    const std::map<std::string, std::vector<std::string>>& topics_of_members,
    const std::map<std::string, std::int32_t>& partitions_of_topics
);

}  // namespace sealane::client
