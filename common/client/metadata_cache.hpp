#pragma once
// MetadataCache: what a client knows of a cluster: brokers, topics by name and id, leaders. Within
// one topic id a leader epoch never goes back (KIP-320), so that a late answer of a broker that
// lags does not undo what another one said.

#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "common/kafka/messages/metadata.hpp"
#include "common/runtime/network.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sealane::client {

struct BrokerInfo {
    BrokerId id = kNoBroker;
    runtime::Endpoint endpoint;
    std::optional<std::string> rack;
};

struct PartitionInfo {
    PartitionId id{};
    ErrorCode error = ErrorCode::kNone;
    BrokerId leader = kNoBroker;  // kNoBroker: none now
    LeaderEpoch leader_epoch = kNoLeaderEpoch;
    std::vector<BrokerId> replicas;
    std::vector<BrokerId> in_sync;
};

struct TopicInfo {
    std::string name;
    Uuid id;  // zero: the broker has no topic ids
    bool internal = false;
    std::vector<PartitionInfo> partitions;  // ascending; may have holes while a topic is created
};

// The leader of one partition as far as known.
struct Leader {
    BrokerId broker = kNoBroker;
    LeaderEpoch epoch = kNoLeaderEpoch;
    Uuid topic_id;
    friend bool operator==(const Leader&, const Leader&) = default;
};

class MetadataCache {
 public:
    // Takes over an answer. `full`: it was asked for all topics, so those it lacks are gone.
    // Topics answered with an error are forgotten, and the error is kept for topic_error().
    void apply(const kafka::MetadataResponse& answer, Instant now, bool full);
    // A hint from a produce or fetch answer (KIP-951); ignored unless its epoch is newer.
    void learn_leader(const TopicPartition& partition, BrokerId leader, LeaderEpoch epoch);
    // The leader proved wrong: leader() says nothing until something newer is learnt, or the same
    // is confirmed by a new answer.
    void distrust_leader(const TopicPartition& partition);

    [[nodiscard]] const TopicInfo* topic(std::string_view name) const;
    [[nodiscard]] const TopicInfo* topic(const Uuid& id) const;
    [[nodiscard]] const PartitionInfo* partition(const TopicPartition& which) const;
    [[nodiscard]] std::optional<Leader> leader(const TopicPartition& which) const;
    // Why the last answer had no such topic; kNone when it was not asked.
    [[nodiscard]] ErrorCode topic_error(std::string_view name) const;
    [[nodiscard]] const BrokerInfo* broker(BrokerId id) const;
    [[nodiscard]] std::vector<BrokerId> broker_ids() const;
    [[nodiscard]] std::vector<std::string> topic_names() const;
    [[nodiscard]] BrokerId controller() const { return controller_; }
    [[nodiscard]] const std::string& cluster_id() const { return cluster_id_; }
    // When the topic was last answered; nothing when never.
    [[nodiscard]] std::optional<Instant> refreshed_at(std::string_view topic) const;

 private:
    struct Topic {
        TopicInfo info;
        Instant refreshed;
    };
    void apply_topic(const kafka::MetadataResponse::MetadataResponseTopic& answer, Instant now);
    void forget_topic(const std::string& name);
    [[nodiscard]] PartitionInfo* find(const TopicPartition& which);

    std::map<BrokerId, BrokerInfo> brokers_;
    std::map<std::string, Topic, std::less<>> topics_;
    std::map<Uuid, std::string> names_;
    std::map<std::string, ErrorCode, std::less<>> errors_;
    BrokerId controller_ = kNoBroker;
    std::string cluster_id_;
};

}  // namespace sealane::client
