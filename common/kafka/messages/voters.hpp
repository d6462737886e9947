#pragma once
// Changes of the set of quorum voters (KIP-853): AddRaftVoter, RemoveRaftVoter, UpdateRaftVoter.

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct AddRaftVoterResponse;
struct RemoveRaftVoterResponse;
struct UpdateRaftVoterResponse;

struct AddRaftVoterRequest {
    static constexpr MessageSchema kSchema =
        request_schema("AddRaftVoterRequest", ApiKey::kAddRaftVoter);
    using Response = AddRaftVoterResponse;

    struct Listener {
        std::string name;
        std::string host;
        std::uint16_t port = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Host", m.host, Since{0});
            io.field("Port", m.port, Since{0});
        }
        friend bool operator==(const Listener&, const Listener&) = default;
    };

    std::optional<std::string> cluster_id{std::in_place};
    std::int32_t timeout_ms = 0;
    BrokerId voter_id{};
    Uuid voter_directory_id;
    std::vector<Listener> listeners;
    bool ack_when_committed = true;

    static void fields(auto& io, auto& m) {
        io.field("ClusterId", m.cluster_id, Since{0}, NullableSince{0});
        io.field("TimeoutMs", m.timeout_ms, Since{0});
        io.field("VoterId", m.voter_id, Since{0});
        io.field("VoterDirectoryId", m.voter_directory_id, Since{0});
        io.field("Listeners", m.listeners, Since{0});
        io.field("AckWhenCommitted", m.ack_when_committed, Since{1}, kIgnorable);
    }
    friend bool operator==(const AddRaftVoterRequest&, const AddRaftVoterRequest&) = default;
};

struct AddRaftVoterResponse {
    static constexpr MessageSchema kSchema =
        response_schema("AddRaftVoterResponse", ApiKey::kAddRaftVoter);

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message{std::in_place};

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
    }
    friend bool operator==(const AddRaftVoterResponse&, const AddRaftVoterResponse&) = default;
};

struct RemoveRaftVoterRequest {
    static constexpr MessageSchema kSchema =
        request_schema("RemoveRaftVoterRequest", ApiKey::kRemoveRaftVoter);
    using Response = RemoveRaftVoterResponse;

    std::optional<std::string> cluster_id{std::in_place};
    BrokerId voter_id{};
    Uuid voter_directory_id;

    static void fields(auto& io, auto& m) {
        io.field("ClusterId", m.cluster_id, Since{0}, NullableSince{0});
        io.field("VoterId", m.voter_id, Since{0});
        io.field("VoterDirectoryId", m.voter_directory_id, Since{0});
    }
    friend bool operator==(const RemoveRaftVoterRequest&, const RemoveRaftVoterRequest&) = default;
};

struct RemoveRaftVoterResponse {
    static constexpr MessageSchema kSchema =
        response_schema("RemoveRaftVoterResponse", ApiKey::kRemoveRaftVoter);

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message{std::in_place};

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
    }
    friend bool operator==(const RemoveRaftVoterResponse&, const RemoveRaftVoterResponse&) =
        default;
};

struct UpdateRaftVoterRequest {
    static constexpr MessageSchema kSchema =
        request_schema("UpdateRaftVoterRequest", ApiKey::kUpdateRaftVoter);
    using Response = UpdateRaftVoterResponse;

    struct Listener {
        std::string name;
        std::string host;
        std::uint16_t port = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Host", m.host, Since{0});
            io.field("Port", m.port, Since{0});
        }
        friend bool operator==(const Listener&, const Listener&) = default;
    };

    struct KRaftVersionFeature {
        std::int16_t min_supported_version = 0;
        std::int16_t max_supported_version = 0;

        static void fields(auto& io, auto& m) {
            io.field("MinSupportedVersion", m.min_supported_version, Since{0});
            io.field("MaxSupportedVersion", m.max_supported_version, Since{0});
        }
        friend bool operator==(const KRaftVersionFeature&, const KRaftVersionFeature&) = default;
    };

    std::optional<std::string> cluster_id{std::in_place};
    LeaderEpoch current_leader_epoch{};
    BrokerId voter_id{};
    Uuid voter_directory_id;
    std::vector<Listener> listeners;
    KRaftVersionFeature kraft_version_feature;

    static void fields(auto& io, auto& m) {
        io.field("ClusterId", m.cluster_id, Since{0}, NullableSince{0});
        io.field("CurrentLeaderEpoch", m.current_leader_epoch, Since{0});
        io.field("VoterId", m.voter_id, Since{0});
        io.field("VoterDirectoryId", m.voter_directory_id, Since{0});
        io.field("Listeners", m.listeners, Since{0});
        io.field("KRaftVersionFeature", m.kraft_version_feature, Since{0});
    }
    friend bool operator==(const UpdateRaftVoterRequest&, const UpdateRaftVoterRequest&) = default;
};

struct UpdateRaftVoterResponse {
    static constexpr MessageSchema kSchema =
        response_schema("UpdateRaftVoterResponse", ApiKey::kUpdateRaftVoter);

    struct CurrentLeader {
        BrokerId leader_id = kNoBroker;
        LeaderEpoch leader_epoch = kNoLeaderEpoch;
        std::string host;
        std::int32_t port = 0;

        static void fields(auto& io, auto& m) {
            io.field("LeaderId", m.leader_id, Since{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{0});
            io.field("Host", m.host, Since{0});
            io.field("Port", m.port, Since{0});
        }
        friend bool operator==(const CurrentLeader&, const CurrentLeader&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    CurrentLeader current_leader;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("CurrentLeader", m.current_leader, Since{0}, Tagged{0});
    }
    friend bool operator==(const UpdateRaftVoterResponse&, const UpdateRaftVoterResponse&) =
        default;
};

}  // namespace sealane::kafka
