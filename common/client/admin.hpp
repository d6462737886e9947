#pragma once
// Admin: topics, configs, groups and offsets of a cluster. Each call retries what Kafka calls
// retriable until its deadline; answers about several things come one Result each.

#include "common/client/cluster_client.hpp"
#include "common/client/committed_offsets.hpp"
#include "common/client/list_offsets.hpp"
#include "common/kafka/messages/cluster.hpp"
#include "common/kafka/messages/configs.hpp"
#include "common/kafka/messages/group_admin.hpp"
#include "common/kafka/messages/topics.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace sealane::client {

struct NewTopic {
    std::string name;
    std::int32_t partitions = -1;   // -1: the broker's default
    std::int16_t replication = -1;  // -1: the broker's default
    std::map<std::string, std::string> configs;
};

struct ConfigResource {
    enum class Type : std::int8_t { kTopic = 2, kBroker = 4, kGroup = 32 } type = Type::kTopic;
    std::string name;  // brokers: node id, "" for the cluster's defaults
    friend auto operator<=>(const ConfigResource&, const ConfigResource&) = default;
};

struct ConfigEntry {
    std::optional<std::string> value;  // nothing: sensitive
    bool is_default = false;
    bool read_only = false;
    bool sensitive = false;
};

struct ConfigChange {
    enum class Operation : std::int8_t { kSet = 0, kDelete = 1, kAppend = 2, kSubtract = 3 };
    std::string key;
    Operation operation = Operation::kSet;
    std::optional<std::string> value;
};

struct ClusterDescription {
    std::string cluster_id;
    BrokerId controller = kNoBroker;
    std::vector<BrokerInfo> brokers;
};

class Admin {
 public:
    explicit Admin(ClusterClient& cluster) : cluster_(cluster) {}

    // Changes of topics return when the metadata shows them. kTopicAlreadyExists and other
    // refusals carry the broker's message.
    [[nodiscard]] runtime::Task<Status> create_topic(NewTopic topic, Instant deadline);
    [[nodiscard]] runtime::Task<Status> delete_topic(std::string name, Instant deadline);
    [[nodiscard]] runtime::Task<Result<std::vector<TopicInfo>>> list_topics(Instant deadline);
    [[nodiscard]] runtime::Task<Result<TopicInfo>> describe_topic(
        std::string name, Instant deadline
    );
    // To `count` in all.
    [[nodiscard]] runtime::Task<Status> create_partitions(
        std::string topic, std::int32_t count, Instant deadline
    );
    [[nodiscard]] runtime::Task<Result<std::map<std::string, ConfigEntry>>> describe_configs(
        ConfigResource resource, Instant deadline
    );
    // IncrementalAlterConfigs: only what is named changes.
    [[nodiscard]] runtime::Task<Status> alter_configs(
        ConfigResource resource, std::vector<ConfigChange> changes, Instant deadline
    );
    // Of all brokers.
    [[nodiscard]] runtime::Task<Result<std::vector<kafka::ListGroupsResponse::ListedGroup>>>
    list_groups(Instant deadline);
    [[nodiscard]] runtime::Task<Result<kafka::DescribeGroupsResponse::DescribedGroup>>
    describe_group(std::string group, Instant deadline);
    [[nodiscard]] runtime::Task<Status> delete_group(std::string group, Instant deadline);
    [[nodiscard]] runtime::Task<Status> delete_group_offsets(
        std::string group, std::vector<TopicPartition> partitions, Instant deadline
    );
    // Removes records below `before` (kNoOffset: below the high watermark); the new log start.
    [[nodiscard]] runtime::Task<Result<Offset>> delete_records(
        TopicPartition partition, Offset before, Instant deadline
    );
    [[nodiscard]] runtime::Task<Result<ClusterDescription>> describe_cluster(Instant deadline);
    // What any broker (or the given one) serves.
    [[nodiscard]] runtime::Task<Result<ApiRanges>> api_versions(
        std::optional<BrokerId> broker, Instant deadline
    );

 private:
    [[nodiscard]] runtime::Task<Status> wait_until(
        std::string topic, Instant deadline, std::function<bool(const TopicInfo*)> holds
    );

    ClusterClient& cluster_;
};

}  // namespace sealane::client
