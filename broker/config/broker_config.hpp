#pragma once
// BrokerConfig: everything a broker is told from outside, as plain data. The file form (YAML, keys
// in Kafka's dotted style) is read in config_file.cpp; tests and the simulator fill it directly.

#include "broker/config/limits.hpp"
#include "broker/config/security_config.hpp"
#include "broker/metadata/topic_config.hpp"
#include "common/base/ids.hpp"
#include "common/runtime/network.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sealane::broker {

struct ListenerConfig {
    std::string name;                             // shown to people and matched by clients of it
    runtime::Endpoint address;                    // port 0: any free port
    std::optional<runtime::Endpoint> advertised;  // what Metadata tells clients; else the address
    std::optional<runtime::TlsIdentity> tls;      // none: plain
    std::optional<SaslConfig> sasl = {};          // none: certificates, or nobody asks
};

// What a node does: serve clients, vote in the metadata quorum, or both.
enum class NodeRole : std::uint8_t { kBroker, kController };

// A node of the metadata quorum: "1@host:port" in the file.
struct QuorumVoter {
    BrokerId id{kNoBroker};
    runtime::Endpoint endpoint;
    friend auto operator<=>(const QuorumVoter&, const QuorumVoter&) = default;
    [[nodiscard]] std::string to_string() const;
    // Reads what to_string writes.
    [[nodiscard]] static Result<QuorumVoter> parse(std::string_view text);
};

// The cluster that a node is part of. Times are this node's own view; all nodes should agree.
struct ClusterConfig {
    std::vector<NodeRole> roles{NodeRole::kBroker, NodeRole::kController};
    std::string rack;  // empty: none
    // The quorum as it is first made; later changes are in the metadata log. Empty: this node
    // alone.
    std::vector<QuorumVoter> voters;
    std::string inter_broker_listener;  // empty: the first listener
    // Principals of the cluster's own nodes: they may replicate, register, vote.
    std::vector<std::string> broker_principals;
    Duration quorum_fetch_timeout = 1s;        // a voter without an answer starts a pre-vote
    Duration quorum_election_timeout = 500ms;  // drawn from [x, 2x)
    Duration session_timeout = 3s;             // a broker silent for longer is fenced
    Duration heartbeat_interval = 500ms;
    Duration replica_lag_time_max = 5s;  // a follower behind for longer leaves the in-sync set
    Duration replica_fetch_wait = 500ms;
    std::int32_t replica_fetch_max_bytes = 8 * 1024 * 1024;            // of one partition
    std::int32_t replica_fetch_response_max_bytes = 32 * 1024 * 1024;  // of one answer
    std::int64_t replication_throttle_bytes = 0;           // a second, of catching up; 0: none
    std::int64_t leader_throttle_bytes = 0;                // the same, of what is given to others
    Duration scrub_interval = std::chrono::hours(7 * 24);  // of a whole pass; zero: never
    std::int64_t scrub_bytes = 4LL * 1024 * 1024;          // a second, at most
    std::int16_t default_replication_factor = -1;  // -1: three, or as many as there are brokers
    Duration leader_imbalance_check_interval = std::chrono::minutes(5);
    std::int64_t snapshot_bytes = 20LL * 1024 * 1024;  // of metadata records between snapshots

    [[nodiscard]] bool has(NodeRole role) const;
};

// A broker whose connection to the controller ended is fenced after this time without a heartbeat.
[[nodiscard]] inline Duration shortest_session(const ClusterConfig& config) {
    return std::min(config.session_timeout, config.heartbeat_interval + 100ms);
}

// Compaction (log.cleaner.*): one cleaner a broker. What it does to a topic is in TopicConfig.
struct CleanerConfig {
    bool enable = true;
    std::int64_t dedupe_buffer_bytes = 128LL * 1024 * 1024;  // for the keys of one cleaning
    std::int64_t io_bytes_per_second = INT64_MAX;            // read and written, at most
    Duration backoff = 15s;                                  // when nothing is due
};

// Groups of the protocol of KIP-848, under Kafka's names (group.consumer.*).
struct ConsumerGroupOptions {
    std::int32_t session_timeout_ms = 45'000;
    std::int32_t min_session_timeout_ms = 45'000;
    std::int32_t max_session_timeout_ms = 60'000;
    std::int32_t heartbeat_interval_ms = 5'000;
    std::int32_t min_heartbeat_interval_ms = 5'000;
    std::int32_t max_heartbeat_interval_ms = 15'000;
    std::int32_t max_size = INT32_MAX;
    std::vector<std::string> assignors = {"uniform", "range"};  // the first is the default
    std::int32_t regex_refresh_interval_ms = 600'000;
};

struct BrokerConfig {
    BrokerId node_id{0};
    ClusterConfig cluster;
    // Empty: taken from meta.properties, or generated once and kept there.
    std::string cluster_id;
    std::string log_dir;
    std::vector<ListenerConfig> listeners;
    // Principals as runtime::Peer shows them ("User:CN=..."); both lists may use private APIs.
    std::vector<std::string> super_users;
    std::vector<std::string> mirror_principals;
    AuthorizerConfig authorizer;
    SaslLimits sasl_limits;
    std::string principal_mapping;             // ssl.principal.mapping.rules, as written
    identity::PrincipalRules principal_rules;  // the same, read by resolve()
    bool auto_create_topics = true;
    std::int32_t num_partitions = 1;  // of topics created without a count
    bool delete_topic_enable = true;
    TopicConfig topic_defaults;
    CleanerConfig cleaner;
    ServerLimits limits;
    Duration retention_check_interval = std::chrono::minutes(5);
    Duration checkpoint_interval = std::chrono::seconds(5);
    Duration producer_id_expiration = std::chrono::hours(24);
    // Kafka has 50; on a broker of one they cost files and syncs and buy nothing.
    std::int32_t offsets_topic_partitions = 4;
    std::int32_t transactions_topic_partitions = 4;           // as for offsets
    std::int16_t transactions_topic_replication_factor = -1;  // -1: the cluster's default
    std::int32_t transactions_topic_min_isr = 2;              // at most its replicas
    std::int32_t transaction_max_timeout_ms = 900'000;
    std::int64_t transactional_id_expiration_ms = 7LL * 24 * 3600 * 1000;
    // Above this size, and above a multiple of what is live, coordinators rewrite their logs.
    std::uint64_t coordinator_rewrite_min_bytes = 4ULL * 1024 * 1024;
    std::int32_t fetch_max_bytes = 55 * 1024 * 1024;
    std::int32_t fetch_session_slots = 1000;
    std::int32_t group_min_session_timeout_ms = 6'000;
    std::int32_t group_max_session_timeout_ms = 1'800'000;
    std::int32_t group_initial_rebalance_delay_ms = 3'000;
    std::int32_t group_max_size = 1'000'000;
    ConsumerGroupOptions group_consumer;
    std::int64_t offsets_retention_ms = 7LL * 24 * 3600 * 1000;
    std::int32_t offset_metadata_max_bytes = 4096;
    std::optional<runtime::Endpoint> admin_address;  // metrics and health; none: not served

    // Whether `principal` may use the private APIs (keys 1000 and up).
    [[nodiscard]] bool may_use_private_apis(std::string_view principal) const;
    // Whether `principal` is a node of this cluster (or a super user): CLUSTER_ACTION.
    [[nodiscard]] bool may_act_as_broker(std::string_view principal) const;
    // The listener that nodes of the cluster use among themselves. validate() found it.
    [[nodiscard]] const ListenerConfig& inter_broker_listener() const;
};

// Reads what the file has as text: the authorizer's class and the mapping rules. kBadConfig.
[[nodiscard]] Status resolve(BrokerConfig& config);
// What is wrong with the values themselves (ranges, duplicate names, missing listeners); kBadConfig
// names the key and the way to mend it.
[[nodiscard]] Status validate(const BrokerConfig& config);

}  // namespace sealane::broker
