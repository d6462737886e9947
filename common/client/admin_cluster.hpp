#pragma once
// ClusterAdmin: the brokers of a cluster, its metadata quorum, and where partitions lie. Works with
// Sealane and with Apache Kafka; what a cluster does not serve is kUnsupportedVersion. Each call
// goes to any broker that answers and is repeated until its deadline while the error passes.

#include "common/client/cluster_client.hpp"
#include "common/kafka/messages/api_versions.hpp"
#include "common/kafka/messages/cluster.hpp"
#include "common/kafka/messages/quorum_admin.hpp"
#include "common/kafka/messages/voters.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sealane::client {

// One partition as the metadata has it.
struct PartitionDescription {
    TopicPartition partition;
    bool internal = false;
    BrokerId leader = kNoBroker;
    LeaderEpoch leader_epoch = kNoLeaderEpoch;
    std::vector<BrokerId> replicas;  // the first is the preferred leader
    std::vector<BrokerId> in_sync;
    std::vector<BrokerId> eligible;  // may lead without loss though not in sync (KIP-966)
    std::vector<BrokerId> last_known_eligible;
    std::vector<BrokerId> offline;
};

struct OngoingReassignment {
    TopicPartition partition;
    std::vector<BrokerId> replicas;  // all of now, those added and those to be removed included
    std::vector<BrokerId> adding;
    std::vector<BrokerId> removing;
};

// What one partition is to have; nothing cancels what is under way.
struct PartitionTarget {
    TopicPartition partition;
    std::optional<std::vector<BrokerId>> replicas;
};

// What became of one partition of a request about several.
struct PartitionOutcome {
    TopicPartition partition;
    ErrorCode error = ErrorCode::kNone;
    std::string message;
};

enum class ElectionType : std::int8_t { kPreferred = 0, kUnclean = 1 };

// The metadata log's partition, and where its voters listen.
struct QuorumDescription : kafka::DescribeQuorumResponse::PartitionData {
    std::vector<kafka::DescribeQuorumResponse::Node> nodes;
};
using LogDirDescription = kafka::DescribeLogDirsResponse::DescribeLogDirsResult;

class ClusterAdmin {
 public:
    explicit ClusterAdmin(ClusterClient& cluster) : cluster_(cluster) {}

    // Fenced brokers too where the cluster tells (DescribeCluster 2).
    [[nodiscard]] runtime::Task<Result<kafka::DescribeClusterResponse>> describe(Instant deadline);
    [[nodiscard]] runtime::Task<Result<QuorumDescription>> describe_quorum(Instant deadline);
    // All partitions of all topics, in order; eligible leaders where the cluster tells.
    [[nodiscard]] runtime::Task<Result<std::vector<PartitionDescription>>> partitions(
        Instant deadline
    );
    // The value of one config for each topic; topics that are gone meanwhile are left out.
    [[nodiscard]] runtime::Task<Result<std::map<std::string, std::string>>> topic_config(
        std::vector<std::string> topics, std::string key, Instant deadline
    );
    // Log directories of one broker with the sizes of its partitions.
    [[nodiscard]] runtime::Task<Result<std::vector<LogDirDescription>>> log_dirs(
        BrokerId broker, Instant deadline
    );
    // What one broker, or any, serves.
    [[nodiscard]] runtime::Task<Result<kafka::ApiVersionsResponse>> features(
        std::optional<BrokerId> broker, Instant deadline
    );

    [[nodiscard]] runtime::Task<Result<std::vector<OngoingReassignment>>> reassignments(
        Instant deadline
    );
    // One outcome each. Returns when the change is decided, long before the data has moved.
    [[nodiscard]] runtime::Task<Result<std::vector<PartitionOutcome>>> reassign(
        std::vector<PartitionTarget> targets, Instant deadline
    );
    // Nothing for `partitions`: all. Partitions that need no election are left out.
    [[nodiscard]] runtime::Task<Result<std::vector<PartitionOutcome>>> elect(
        ElectionType type, std::optional<std::vector<TopicPartition>> partitions, Instant deadline
    );
    [[nodiscard]] runtime::Task<Status> unregister_broker(BrokerId broker, Instant deadline);
    [[nodiscard]] runtime::Task<Status> add_voter(
        kafka::AddRaftVoterRequest request, Instant deadline
    );
    [[nodiscard]] runtime::Task<Status> remove_voter(
        BrokerId voter, Uuid directory, Instant deadline
    );

 private:
    [[nodiscard]] runtime::Task<Result<std::vector<PartitionDescription>>> partitions_of_metadata(
        Instant deadline
    );

    ClusterClient& cluster_;
};

}  // namespace sealane::client
