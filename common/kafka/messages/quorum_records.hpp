#pragma once
// Control records of the metadata log (KIP-595, KIP-630, KIP-853) and the quorum-state file.

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct LeaderChangeMessage {
    static constexpr MessageSchema kSchema{
        "LeaderChangeMessage", MessageKind::kData, -1, {0, 1}, 0
    };

    struct Voter {
        BrokerId voter_id{};
        Uuid voter_directory_id;

        static void fields(auto& io, auto& m) {
            io.field("VoterId", m.voter_id, Since{0});
            io.field("VoterDirectoryId", m.voter_directory_id, Since{1});
        }
        friend bool operator==(const Voter&, const Voter&) = default;
    };

    std::int16_t version = 0;
    BrokerId leader_id{};
    std::vector<Voter> voters;
    std::vector<Voter> granting_voters;

    static void fields(auto& io, auto& m) {
        io.field("Version", m.version, Since{0});
        io.field("LeaderId", m.leader_id, Since{0});
        io.field("Voters", m.voters, Since{0});
        io.field("GrantingVoters", m.granting_voters, Since{0});
    }
    friend bool operator==(const LeaderChangeMessage&, const LeaderChangeMessage&) = default;
};

struct SnapshotHeaderRecord {
    static constexpr MessageSchema kSchema{
        "SnapshotHeaderRecord", MessageKind::kData, -1, {0, 0}, 0
    };

    std::int16_t version = 0;
    std::int64_t last_contained_log_timestamp = 0;

    static void fields(auto& io, auto& m) {
        io.field("Version", m.version, Since{0});
        io.field("LastContainedLogTimestamp", m.last_contained_log_timestamp, Since{0});
    }
    friend bool operator==(const SnapshotHeaderRecord&, const SnapshotHeaderRecord&) = default;
};

struct SnapshotFooterRecord {
    static constexpr MessageSchema kSchema{
        "SnapshotFooterRecord", MessageKind::kData, -1, {0, 0}, 0
    };

    std::int16_t version = 0;

    static void fields(auto& io, auto& m) { io.field("Version", m.version, Since{0}); }
    friend bool operator==(const SnapshotFooterRecord&, const SnapshotFooterRecord&) = default;
};

struct KRaftVersionRecord {
    static constexpr MessageSchema kSchema{"KRaftVersionRecord", MessageKind::kData, -1, {0, 0}, 0};

    std::int16_t version = 0;
    std::int16_t kraft_version = 0;

    static void fields(auto& io, auto& m) {
        io.field("Version", m.version, Since{0});
        io.field("KRaftVersion", m.kraft_version, Since{0});
    }
    friend bool operator==(const KRaftVersionRecord&, const KRaftVersionRecord&) = default;
};

struct VotersRecord {
    static constexpr MessageSchema kSchema{"VotersRecord", MessageKind::kData, -1, {0, 0}, 0};

    struct Endpoint {
        std::string name;
        std::string host;
        std::uint16_t port = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Host", m.host, Since{0});
            io.field("Port", m.port, Since{0});
        }
        friend bool operator==(const Endpoint&, const Endpoint&) = default;
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

    struct Voter {
        BrokerId voter_id{};
        Uuid voter_directory_id;
        std::vector<Endpoint> endpoints;
        KRaftVersionFeature kraft_version_feature;

        static void fields(auto& io, auto& m) {
            io.field("VoterId", m.voter_id, Since{0});
            io.field("VoterDirectoryId", m.voter_directory_id, Since{0});
            io.field("Endpoints", m.endpoints, Since{0});
            io.field("KRaftVersionFeature", m.kraft_version_feature, Since{0});
        }
        friend bool operator==(const Voter&, const Voter&) = default;
    };

    std::int16_t version = 0;
    std::vector<Voter> voters;

    static void fields(auto& io, auto& m) {
        io.field("Version", m.version, Since{0});
        io.field("Voters", m.voters, Since{0});
    }
    friend bool operator==(const VotersRecord&, const VotersRecord&) = default;
};

struct QuorumStateData {
    static constexpr MessageSchema kSchema{"QuorumStateData", MessageKind::kData, -1, {0, 1}, 0};

    struct Voter {
        BrokerId voter_id{};

        static void fields(auto& io, auto& m) { io.field("VoterId", m.voter_id, Between{0, 0}); }
        friend bool operator==(const Voter&, const Voter&) = default;
    };

    std::string cluster_id;
    BrokerId leader_id = kNoBroker;
    LeaderEpoch leader_epoch = kNoLeaderEpoch;
    BrokerId voted_id = kNoBroker;
    Uuid voted_directory_id;
    std::int64_t applied_offset = 0;
    std::optional<std::vector<Voter>> current_voters{std::in_place};

    static void fields(auto& io, auto& m) {
        io.field("ClusterId", m.cluster_id, Between{0, 0});
        io.field("LeaderId", m.leader_id, Since{0});
        io.field("LeaderEpoch", m.leader_epoch, Since{0});
        io.field("VotedId", m.voted_id, Since{0});
        io.field("VotedDirectoryId", m.voted_directory_id, Since{1});
        io.field("AppliedOffset", m.applied_offset, Between{0, 0});
        io.field("CurrentVoters", m.current_voters, Between{0, 0}, NullableBetween{0, 0});
    }
    friend bool operator==(const QuorumStateData&, const QuorumStateData&) = default;
};

}  // namespace sealane::kafka
