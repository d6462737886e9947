#pragma once
// Image: everything the metadata log says, at one offset of it. Immutable once published; the next
// one is a copy with records applied, sharing what did not change. Deciders only: apply() is the
// one place where metadata changes, at start-up and afterwards alike.

#include "broker/metadata/metadata_record.hpp"
#include "broker/metadata/partition_list.hpp"
#include "broker/metadata/security_state.hpp"
#include "broker/metadata/topic_config.hpp"
#include "common/base/ids.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sealane::broker {

using BrokerEpoch = std::int64_t;  // offset of the registration in the metadata log
inline constexpr BrokerEpoch kNoBrokerEpoch = -1;

// A registered broker.
struct BrokerState {
    struct Listener {
        std::string name;
        std::string host;
        std::uint16_t port = 0;
        bool tls = false;
        friend bool operator==(const Listener&, const Listener&) = default;
    };
    // A feature and the levels of it that the broker can work with.
    struct Feature {
        std::string name;
        std::int16_t min = 0;
        std::int16_t max = 0;
        friend bool operator==(const Feature&, const Feature&) = default;
    };
    BrokerId id = kNoBroker;
    BrokerEpoch epoch = kNoBrokerEpoch;
    Uuid incarnation;  // of the process
    std::vector<Listener> listeners;
    std::vector<Feature> features;
    std::optional<std::string> rack;
    bool fenced = true;
    bool in_controlled_shutdown = false;
    std::vector<Uuid> log_dirs;

    // May lead, may join an in-sync set, gets new replicas.
    [[nodiscard]] bool is_active() const { return !fenced && !in_controlled_shutdown; }
    // Where its replicas are, when it has one directory.
    [[nodiscard]] Uuid directory() const {
        return log_dirs.size() == 1 ? log_dirs.front() : kUnassignedDirectory;
    }
    friend bool operator==(const BrokerState&, const BrokerState&) = default;
};

struct TopicState {
    Uuid id;
    std::string name;
    PartitionList partitions;  // index = partition id
    ConfigOverrides configs;
    friend bool operator==(const TopicState&, const TopicState&) = default;
};

// The state after a change record: the leader epoch rises when the record names a leader (the same
// one, too), the partition epoch always.
[[nodiscard]] PartitionState changed(
    PartitionState state, const kafka::PartitionChangeRecord& record
);

// The state as a record, which replaces whatever the partition was.
[[nodiscard]] kafka::PartitionRecord partition_record(
    const Uuid& topic, PartitionId id, const PartitionState& state
);

class Image {
 public:
    using TopicPtr = std::shared_ptr<const TopicState>;
    using Extensions = std::map<std::string, BufferSlice, std::less<>>;

    [[nodiscard]] TopicPtr topic(std::string_view name) const;  // null: unknown
    [[nodiscard]] TopicPtr topic(const Uuid& id) const;
    // Null: unknown. Valid as long as the image is not changed.
    [[nodiscard]] const PartitionState* partition(const TopicPartition& id) const;
    [[nodiscard]] const PartitionState* partition(const Uuid& topic, PartitionId id) const;
    // Ordered by name.
    [[nodiscard]] const std::map<std::string, TopicPtr, std::less<>>& topics() const {
        return topics_;
    }
    // Registered brokers, fenced ones too, by id.
    [[nodiscard]] const std::map<BrokerId, BrokerState>& brokers() const { return brokers_; }
    [[nodiscard]] const BrokerState* broker(BrokerId id) const;  // null: not registered
    // Registered, unfenced, not in controlled shutdown.
    [[nodiscard]] bool is_active(BrokerId id) const;
    // Dynamic configs of one broker; of kNoBroker: of all of them.
    [[nodiscard]] const ConfigOverrides& broker_configs(BrokerId id) const;
    // Finalized feature levels (KIP-584). 0: an operator wants it not to be used.
    [[nodiscard]] const std::map<std::string, std::int16_t, std::less<>>& features() const {
        return features_;
    }
    // 0: not finalized, or not to be used.
    [[nodiscard]] std::int16_t feature_level(std::string_view name) const {
        const auto found = features_.find(name);
        return found == features_.end() ? std::int16_t{0} : found->second;
    }
    // First producer id not yet handed out to any block.
    [[nodiscard]] std::int64_t next_producer_id() const { return next_producer_id_; }
    // Entries of one family of ExtensionRecords (mirror links: "link"), ordered by name.
    [[nodiscard]] const Extensions& extensions(std::string_view family) const;
    [[nodiscard]] std::size_t partition_count() const { return partition_count_; }
    // Access control, credentials, quotas.
    [[nodiscard]] const SecurityState& security() const { return *security_; }

    // Changes this image; only for one that nobody else holds yet. kCorrupt: the record does not
    // fit the image (a partition of an unknown topic, a gap in partition ids, another broker
    // epoch). A topic is copied when anybody else holds it, so that many records about one topic
    // cost one copy.
    [[nodiscard]] Status apply(const MetadataRecord& record);
    // Records that make this image out of an empty one: what a snapshot holds. Always in the same
    // order for equal images.
    [[nodiscard]] std::vector<MetadataRecord> to_records() const;

    // Compares contents, not identity.
    friend bool operator==(const Image& a, const Image& b);

 private:
    [[nodiscard]] Status on(const kafka::RegisterBrokerRecord& record);
    [[nodiscard]] Status on(const kafka::UnregisterBrokerRecord& record);
    [[nodiscard]] Status on(const kafka::BrokerRegistrationChangeRecord& record);
    [[nodiscard]] Status on(const kafka::FenceBrokerRecord& record);
    [[nodiscard]] Status on(const kafka::UnfenceBrokerRecord& record);
    [[nodiscard]] Status on(const kafka::FeatureLevelRecord& record);
    [[nodiscard]] Status on(const kafka::NoOpRecord& record);
    [[nodiscard]] Status on(const kafka::TopicRecord& record);
    [[nodiscard]] Status on(const kafka::PartitionRecord& record);
    [[nodiscard]] Status on(const kafka::PartitionChangeRecord& record);
    [[nodiscard]] Status on(const kafka::ConfigRecord& record);
    [[nodiscard]] Status on(const kafka::RemoveTopicRecord& record);
    [[nodiscard]] Status on(const kafka::ProducerIdsRecord& record);
    [[nodiscard]] Status on(const kafka::AccessControlEntryRecord& record);
    [[nodiscard]] Status on(const kafka::RemoveAccessControlEntryRecord& record);
    [[nodiscard]] Status on(const kafka::UserScramCredentialRecord& record);
    [[nodiscard]] Status on(const kafka::RemoveUserScramCredentialRecord& record);
    [[nodiscard]] Status on(const kafka::ClientQuotaRecord& record);
    [[nodiscard]] Status on(const ExtensionRecord& record);
    // The topic for changing it; null: unknown. Copies it when somebody else has it too.
    [[nodiscard]] TopicState* own(const Uuid& id);
    [[nodiscard]] Result<BrokerState*> registered(BrokerId id, BrokerEpoch epoch);
    [[nodiscard]] Status configure(ConfigOverrides& configs, const kafka::ConfigRecord& record);

    std::map<std::string, TopicPtr, std::less<>> topics_;
    std::map<Uuid, TopicPtr> by_id_;
    std::map<BrokerId, ConfigOverrides> broker_configs_;
    std::map<std::string, std::int16_t, std::less<>> features_;
    std::map<std::string, Extensions, std::less<>> extensions_;
    std::map<BrokerId, BrokerState> brokers_;
    SharedSecurity security_;
    std::int64_t next_producer_id_ = 0;
    std::size_t partition_count_ = 0;
};

}  // namespace sealane::broker
