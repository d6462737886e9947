#pragma once
// The metadata quorum (KIP-595): Vote, BeginQuorumEpoch, EndQuorumEpoch.

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct VoteResponse;
struct BeginQuorumEpochResponse;
struct EndQuorumEpochResponse;

struct VoteRequest {
    static constexpr MessageSchema kSchema = request_schema("VoteRequest", ApiKey::kVote);
    using Response = VoteResponse;

    struct PartitionData {
        PartitionId partition_index{};
        std::int32_t replica_epoch = 0;
        BrokerId replica_id{};
        Uuid replica_directory_id;
        Uuid voter_directory_id;
        LeaderEpoch last_offset_epoch{};
        Offset last_offset{};
        bool pre_vote = false;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ReplicaEpoch", m.replica_epoch, Since{0});
            io.field("ReplicaId", m.replica_id, Since{0});
            io.field("ReplicaDirectoryId", m.replica_directory_id, Since{1}, kIgnorable);
            io.field("VoterDirectoryId", m.voter_directory_id, Since{1}, kIgnorable);
            io.field("LastOffsetEpoch", m.last_offset_epoch, Since{0});
            io.field("LastOffset", m.last_offset, Since{0});
            io.field("PreVote", m.pre_vote, Since{2});
        }
        friend bool operator==(const PartitionData&, const PartitionData&) = default;
    };

    struct TopicData {
        std::string topic_name;
        std::vector<PartitionData> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicName", m.topic_name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicData&, const TopicData&) = default;
    };

    std::optional<std::string> cluster_id;
    BrokerId voter_id = kNoBroker;
    std::vector<TopicData> topics;

    static void fields(auto& io, auto& m) {
        io.field("ClusterId", m.cluster_id, Since{0}, NullableSince{0});
        io.field("VoterId", m.voter_id, Since{1}, kIgnorable);
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const VoteRequest&, const VoteRequest&) = default;
};

struct VoteResponse {
    static constexpr MessageSchema kSchema = response_schema("VoteResponse", ApiKey::kVote);

    struct PartitionData {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;
        BrokerId leader_id{};
        LeaderEpoch leader_epoch{};
        bool vote_granted = false;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("LeaderId", m.leader_id, Since{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{0});
            io.field("VoteGranted", m.vote_granted, Since{0});
        }
        friend bool operator==(const PartitionData&, const PartitionData&) = default;
    };

    struct TopicData {
        std::string topic_name;
        std::vector<PartitionData> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicName", m.topic_name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicData&, const TopicData&) = default;
    };

    struct NodeEndpoint {
        BrokerId node_id{};
        std::string host;
        std::uint16_t port = 0;

        static void fields(auto& io, auto& m) {
            io.field("NodeId", m.node_id, Since{1});
            io.field("Host", m.host, Since{1});
            io.field("Port", m.port, Since{1});
        }
        friend bool operator==(const NodeEndpoint&, const NodeEndpoint&) = default;
    };

    ErrorCode error_code = ErrorCode::kNone;
    std::vector<TopicData> topics;
    std::vector<NodeEndpoint> node_endpoints;

    static void fields(auto& io, auto& m) {
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("Topics", m.topics, Since{0});
        io.field("NodeEndpoints", m.node_endpoints, Since{1}, Tagged{0});
    }
    friend bool operator==(const VoteResponse&, const VoteResponse&) = default;
};

struct BeginQuorumEpochRequest {
    static constexpr MessageSchema kSchema =
        request_schema("BeginQuorumEpochRequest", ApiKey::kBeginQuorumEpoch);
    using Response = BeginQuorumEpochResponse;

    struct PartitionData {
        PartitionId partition_index{};
        Uuid voter_directory_id;
        BrokerId leader_id{};
        LeaderEpoch leader_epoch{};

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("VoterDirectoryId", m.voter_directory_id, Since{1}, kIgnorable);
            io.field("LeaderId", m.leader_id, Since{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{0});
        }
        friend bool operator==(const PartitionData&, const PartitionData&) = default;
    };

    struct TopicData {
        std::string topic_name;
        std::vector<PartitionData> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicName", m.topic_name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicData&, const TopicData&) = default;
    };

    struct LeaderEndpoint {
        std::string name;
        std::string host;
        std::uint16_t port = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{1});
            io.field("Host", m.host, Since{1});
            io.field("Port", m.port, Since{1});
        }
        friend bool operator==(const LeaderEndpoint&, const LeaderEndpoint&) = default;
    };

    std::optional<std::string> cluster_id;
    BrokerId voter_id = kNoBroker;
    std::vector<TopicData> topics;
    std::vector<LeaderEndpoint> leader_endpoints;

    static void fields(auto& io, auto& m) {
        io.field("ClusterId", m.cluster_id, Since{0}, NullableSince{0}, kIgnorable);
        io.field("VoterId", m.voter_id, Since{1}, kIgnorable);
        io.field("Topics", m.topics, Since{0});
        io.field("LeaderEndpoints", m.leader_endpoints, Since{1}, kIgnorable);
    }
    friend bool operator==(const BeginQuorumEpochRequest&, const BeginQuorumEpochRequest&) =
        default;
};

struct BeginQuorumEpochResponse {
    static constexpr MessageSchema kSchema =
        response_schema("BeginQuorumEpochResponse", ApiKey::kBeginQuorumEpoch);

    struct PartitionData {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;
        BrokerId leader_id{};
        LeaderEpoch leader_epoch{};

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("LeaderId", m.leader_id, Since{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{0});
        }
        friend bool operator==(const PartitionData&, const PartitionData&) = default;
    };

    struct TopicData {
        std::string topic_name;
        std::vector<PartitionData> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicName", m.topic_name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicData&, const TopicData&) = default;
    };

    struct NodeEndpoint {
        BrokerId node_id{};
        std::string host;
        std::uint16_t port = 0;

        static void fields(auto& io, auto& m) {
            io.field("NodeId", m.node_id, Since{1});
            io.field("Host", m.host, Since{1});
            io.field("Port", m.port, Since{1});
        }
        friend bool operator==(const NodeEndpoint&, const NodeEndpoint&) = default;
    };

    ErrorCode error_code = ErrorCode::kNone;
    std::vector<TopicData> topics;
    std::vector<NodeEndpoint> node_endpoints;

    static void fields(auto& io, auto& m) {
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("Topics", m.topics, Since{0});
        io.field("NodeEndpoints", m.node_endpoints, Since{1}, Tagged{0});
    }
    friend bool operator==(const BeginQuorumEpochResponse&, const BeginQuorumEpochResponse&) =
        default;
};

struct EndQuorumEpochRequest {
    static constexpr MessageSchema kSchema =
        request_schema("EndQuorumEpochRequest", ApiKey::kEndQuorumEpoch);
    using Response = EndQuorumEpochResponse;

    struct ReplicaInfo {
        BrokerId candidate_id{};
        Uuid candidate_directory_id;

        static void fields(auto& io, auto& m) {
            io.field("CandidateId", m.candidate_id, Since{1});
            io.field("CandidateDirectoryId", m.candidate_directory_id, Since{1});
        }
        friend bool operator==(const ReplicaInfo&, const ReplicaInfo&) = default;
    };

    struct PartitionData {
        PartitionId partition_index{};
        BrokerId leader_id{};
        LeaderEpoch leader_epoch{};
        std::vector<BrokerId> preferred_successors;
        std::vector<ReplicaInfo> preferred_candidates;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("LeaderId", m.leader_id, Since{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{0});
            io.field("PreferredSuccessors", m.preferred_successors, Between{0, 0}, kIgnorable);
            io.field("PreferredCandidates", m.preferred_candidates, Since{1}, kIgnorable);
        }
        friend bool operator==(const PartitionData&, const PartitionData&) = default;
    };

    struct TopicData {
        std::string topic_name;
        std::vector<PartitionData> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicName", m.topic_name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicData&, const TopicData&) = default;
    };

    struct LeaderEndpoint {
        std::string name;
        std::string host;
        std::uint16_t port = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{1});
            io.field("Host", m.host, Since{1});
            io.field("Port", m.port, Since{1});
        }
        friend bool operator==(const LeaderEndpoint&, const LeaderEndpoint&) = default;
    };

    std::optional<std::string> cluster_id;
    std::vector<TopicData> topics;
    std::vector<LeaderEndpoint> leader_endpoints;

    static void fields(auto& io, auto& m) {
        io.field("ClusterId", m.cluster_id, Since{0}, NullableSince{0});
        io.field("Topics", m.topics, Since{0});
        io.field("LeaderEndpoints", m.leader_endpoints, Since{1}, kIgnorable);
    }
    friend bool operator==(const EndQuorumEpochRequest&, const EndQuorumEpochRequest&) = default;
};

struct EndQuorumEpochResponse {
    static constexpr MessageSchema kSchema =
        response_schema("EndQuorumEpochResponse", ApiKey::kEndQuorumEpoch);

    struct PartitionData {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;
        BrokerId leader_id{};
        LeaderEpoch leader_epoch{};

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("LeaderId", m.leader_id, Since{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{0});
        }
        friend bool operator==(const PartitionData&, const PartitionData&) = default;
    };

    struct TopicData {
        std::string topic_name;
        std::vector<PartitionData> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicName", m.topic_name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicData&, const TopicData&) = default;
    };

    struct NodeEndpoint {
        BrokerId node_id{};
        std::string host;
        std::uint16_t port = 0;

        static void fields(auto& io, auto& m) {
            io.field("NodeId", m.node_id, Since{1});
            io.field("Host", m.host, Since{1});
            io.field("Port", m.port, Since{1});
        }
        friend bool operator==(const NodeEndpoint&, const NodeEndpoint&) = default;
    };

    ErrorCode error_code = ErrorCode::kNone;
    std::vector<TopicData> topics;
    std::vector<NodeEndpoint> node_endpoints;

    static void fields(auto& io, auto& m) {
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("Topics", m.topics, Since{0});
        io.field("NodeEndpoints", m.node_endpoints, Since{1}, Tagged{0});
    }
    friend bool operator==(const EndQuorumEpochResponse&, const EndQuorumEpochResponse&) = default;
};

}  // namespace sealane::kafka
