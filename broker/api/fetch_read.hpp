#pragma once
// FetchReader: reads one partition for one fetch. Consumers read up to the high watermark, or the
// last stable offset with the transactions below it that were aborted (read_committed), at the
// leader or (from version 11 on) at any replica, and may be sent to a replica in their rack
// (KIP-392). Replicas read up to the log end at the leader, and by asking say what they hold.

#include "broker/api/fetch_session.hpp"
#include "broker/api/partition_lookup.hpp"
#include "broker/replication/catch_up_throttle.hpp"
#include "common/kafka/messages/fetch.hpp"

namespace sealane::broker {

struct FetchAsker {
    BrokerId replica = kNoBroker;     // -1: a consumer; below: a tool
    std::int64_t replica_epoch = -1;  // of its registration; -1: it did not say
    std::string rack;                 // of a consumer; empty: it did not say
    std::int16_t version = 0;
    bool committed_only = false;              // isolation level read_committed
    const RequestContext* context = nullptr;  // whose rights count; outlives the reader
};

class FetchReader {
 public:
    // `throttle`: what replicas that are not in sync may copy from this node.
    FetchReader(Services& services, CatchUpThrottle& throttle, FetchAsker asker)
        : services_(services), throttle_(throttle), asker_(std::move(asker)) {}

    [[nodiscard]] bool by_replica() const { return asker_.replica.value >= 0; }
    [[nodiscard]] const FetchAsker& asker() const { return asker_; }
    // kClusterAuthorizationFailed: no broker may be a replica without CLUSTER_ACTION.
    // kStaleBrokerEpoch: it has registered again since.
    [[nodiscard]] Status check(bool cluster_action) const;
    // Where the asker may read it.
    [[nodiscard]] Result<PartitionPtr> find(const FetchTarget& target) const;
    // Errors are in the answer. `target` outlives the task.
    [[nodiscard]] runtime::Task<kafka::FetchResponse::PartitionData> read(
        const FetchTarget& target, std::size_t limit, bool at_least_one
    );
    // After the records of the last read(); kNoOffset: it had none.
    [[nodiscard]] Offset next_offset() const { return next_offset_; }
    // What the request says about the replica has been taken in: later reads are for its long poll.
    void counted() { counted_ = true; }

 private:
    using PartitionData = kafka::FetchResponse::PartitionData;
    // READ on the topic, for consumers: a session outlives the rights it began with.
    [[nodiscard]] Status may_read(const TopicName& topic) const;
    [[nodiscard]] PartitionData failure(const FetchTarget& target, const Error& error) const;
    [[nodiscard]] Status take_position(Partition& partition, const FetchTarget& target) const;
    [[nodiscard]] BrokerId preferred(const Partition& partition, Offset offset) const;

    [[nodiscard]] bool catches_up(const Partition& partition) const;

    Services& services_;
    CatchUpThrottle& throttle_;
    FetchAsker asker_;
    bool counted_ = false;
    Offset next_offset_ = kNoOffset;
};

}  // namespace sealane::broker
