#pragma once
// Image: everything the metadata log says, at one offset of it. Immutable once published; the next
// one is a copy with records applied, sharing what did not change. Deciders only: apply() is the
// one place where metadata changes, at start-up and afterwards alike.

#include "broker/metadata/metadata_record.hpp"
#include "broker/metadata/topic_config.hpp"
#include "common/base/ids.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sealane::broker {

struct PartitionState {
    std::vector<BrokerId> replicas;  // in assignment order: the first is the preferred leader
    std::vector<BrokerId> isr;
    std::vector<BrokerId> elr;             // eligible leader replicas (KIP-966)
    std::vector<BrokerId> last_known_elr;  // who led last, when neither ISR nor ELR have anybody
    std::vector<BrokerId> adding;          // of a reassignment under way
    std::vector<BrokerId> removing;
    BrokerId leader = kNoBroker;
    // Rises with every change of leadership; persisted, never goes back for one topic id.
    LeaderEpoch leader_epoch{0};
    std::int32_t partition_epoch = 0;  // rises with every change
    bool recovering = false;           // an unclean leader has not said yet that it recovered
    std::vector<Uuid> directories;     // of the replicas, same order; zero or reserved: unknown
};

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
    BrokerId id = kNoBroker;
    BrokerEpoch epoch = kNoBrokerEpoch;
    Uuid incarnation;  // of the process
    std::vector<Listener> listeners;
    std::optional<std::string> rack;
    bool fenced = true;
    bool in_controlled_shutdown = false;
    std::vector<Uuid> log_dirs;
};

struct TopicState {
    Uuid id;
    std::string name;
    std::vector<PartitionState> partitions;  // index = partition id
    ConfigOverrides configs;
};

class Image {
 public:
    using TopicPtr = std::shared_ptr<const TopicState>;
    using Extensions = std::map<std::string, BufferSlice, std::less<>>;

    [[nodiscard]] TopicPtr topic(std::string_view name) const;  // null: unknown
    [[nodiscard]] TopicPtr topic(const Uuid& id) const;
    // Ordered by name.
    [[nodiscard]] const std::map<std::string, TopicPtr, std::less<>>& topics() const {
        return topics_;
    }
    // Registered brokers, fenced ones too, by id.
    [[nodiscard]] const std::map<BrokerId, BrokerState>& brokers() const { return brokers_; }
    [[nodiscard]] const BrokerState* broker(BrokerId id) const;  // null: not registered
    // First producer id not yet handed out to any block.
    [[nodiscard]] std::int64_t next_producer_id() const { return next_producer_id_; }
    // Entries of one family of ExtensionRecords (mirror links: "link"), ordered by name.
    [[nodiscard]] const Extensions& extensions(std::string_view family) const;
    [[nodiscard]] std::size_t partition_count() const { return partition_count_; }

    // Changes this image; only for one that nobody else holds yet. kCorrupt: the record does not
    // fit the image (a partition of an unknown topic, a gap in partition ids).
    [[nodiscard]] Status apply(const MetadataRecord& record);

 private:
    [[nodiscard]] Status on(const kafka::TopicRecord& record);
    [[nodiscard]] Status on(const kafka::PartitionRecord& record);
    [[nodiscard]] Status on(const kafka::PartitionChangeRecord& record);
    [[nodiscard]] Status on(const kafka::ConfigRecord& record);
    [[nodiscard]] Status on(const kafka::RemoveTopicRecord& record);
    [[nodiscard]] Status on(const kafka::ProducerIdsRecord& record);
    [[nodiscard]] Status on(const ExtensionRecord& record);
    void replace(const TopicPtr& topic);

    std::map<std::string, TopicPtr, std::less<>> topics_;
    std::map<Uuid, TopicPtr> by_id_;
    std::map<std::string, Extensions, std::less<>> extensions_;
    std::map<BrokerId, BrokerState> brokers_;
    std::int64_t next_producer_id_ = 0;
    std::size_t partition_count_ = 0;
};

}  // namespace sealane::broker
