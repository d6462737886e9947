#pragma once
// ReplicaFetcher: copies from one leader broker everything that it leads and this node follows.
// As a session (KIP-227): what an answer brought is written for all its partitions, then all their
// syncs are waited for together, then the next fetch acknowledges it (a follower's fetch offset
// says what it holds; with sealane.flush=synced what is durable).
//
// One fetch at a time at the log's end. While answers are large, fetches that read on (ReadOn)
// follow each other without waiting for answers or syncs, so that neither a long round trip nor a
// slow disk leaves the link idle; their fetch offsets still say what is held, and an answer is only
// taken when it begins where the log ends.
//
// A partition in trouble pauses alone. While some partitions catch up and others are in sync,
// answers are kept small, so that acks=all on the latter does not wait for bulk.

#include "broker/peers/peers.hpp"
#include "broker/replication/catch_up_throttle.hpp"
#include "broker/replication/partition_table.hpp"
#include "broker/replication/replication_config.hpp"
#include "common/kafka/messages/fetch.hpp"
#include "common/runtime/task_group.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace sealane::broker {

struct FetcherFigures {
    std::uint64_t fetches = 0;
    std::uint64_t failed_fetches = 0;
    std::uint64_t bytes = 0;
    std::uint64_t truncations = 0;
    std::uint64_t restarts = 0;
};

// What all fetchers of a node work with; outlives them.
struct FetcherContext {
    runtime::World& world;
    Peers& peers;
    BrokerId self;
    const ReplicationConfig& config;
    const std::function<BrokerEpoch()>& broker_epoch;
    CatchUpThrottle& throttle;  // of all fetchers of the node together
    FetcherFigures& figures;
};

class ReplicaFetcher {
 public:
    struct Assigned {
        PartitionPtr partition;
        bool insync = false;
    };
    ReplicaFetcher(const FetcherContext& context, BrokerId leader);

    void start();
    [[nodiscard]] runtime::Task<void> stop();
    // Everything to follow from this leader now. New partitions are fetched at once: a long poll
    // that is under way is ended early.
    void assign(std::vector<Assigned> partitions);

 private:
    using Key = std::pair<Uuid, PartitionId>;
    using FetchPartition = kafka::FetchRequest::FetchPartition;
    using PartitionData = kafka::FetchResponse::PartitionData;
    struct Followed {
        PartitionPtr partition;
        bool insync = false;
        LeaderEpoch ended_epoch = kNoLeaderEpoch;  // the leader says that it is over
        // The leader's bounds are known, and this log does not go beyond: for comparing.
        LeaderEpoch bounded_epoch = kNoLeaderEpoch;
        Instant retry_at;
        Duration pause{};
        bool in_session = false;
        FetchPartition told;  // what the session knows
    };
    struct Written {
        PartitionPtr partition;
        Offset end;
    };

    [[nodiscard]] runtime::Task<void> run();
    [[nodiscard]] runtime::Task<void> bound_compared();
    [[nodiscard]] runtime::Task<void> round();
    enum class Reading : std::uint8_t { kHeld, kOn };  // from what is held, or ReadOn
    // A fetch on its way. Fetches of one connection are answered in their order.
    struct Flight {
        Reading reading = Reading::kHeld;
        std::uint64_t assignment = 0;
        std::optional<Result<kafka::FetchResponse>> answer;
    };
    [[nodiscard]] bool any_ready(Reading reading) const;
    void send(Reading reading);
    [[nodiscard]] runtime::Task<void> land(std::shared_ptr<Flight> flight);
    [[nodiscard]] bool ready(
        const Followed& followed, Instant now, Reading reading = Reading::kHeld
    ) const;
    [[nodiscard]] kafka::FetchRequest make_request(Instant now, Reading reading);
    [[nodiscard]] FetchPartition position_of(const Followed& followed, bool small, Reading reading)
        const;
    [[nodiscard]] Instant next_try(Instant now) const;
    [[nodiscard]] runtime::Task<void> take(kafka::FetchResponse response);
    [[nodiscard]] runtime::Task<void> take_one(Key key, PartitionData data);
    [[nodiscard]] runtime::Task<Status> append(Followed& followed, PartitionData data);
    [[nodiscard]] runtime::Task<Status> step(PartitionPtr partition, FollowerStep step);
    [[nodiscard]] runtime::Task<void> ask_bounds(Key key);
    [[nodiscard]] bool needs_bounds(const Followed& followed) const;
    [[nodiscard]] runtime::Task<Result<Offset>> ask_offset(
        PartitionPtr partition, std::int64_t timestamp
    );
    [[nodiscard]] runtime::Task<void> wait_written();
    [[nodiscard]] runtime::Task<void> end_long_poll();
    [[nodiscard]] Followed* find(const Key& key);
    void settle(const Key& key, const Status& done);
    void pause(Followed& followed);
    void forget_session();
    void note_trouble(const Error& error);

    const FetcherContext& context_;
    BrokerId leader_;
    runtime::Log log_;
    std::map<Key, Followed> followed_;
    std::vector<std::pair<Key, std::string>> forgotten_;  // and the session does not know yet
    std::vector<Written> written_;
    std::vector<Key> out_of_range_;
    std::int32_t session_id_ = 0;
    std::int32_t session_epoch_ = 0;
    std::deque<std::shared_ptr<Flight>> flights_;
    runtime::Event landed_;
    std::uint64_t assignment_ = 0;  // counts assign()
    bool bulk_ = false;             // the last answer was large
    bool reads_on_ = false;         // the answer being taken is of a fetch that read on
    bool lost_place_ = false;       // an answer was not taken whole: the session knows too much
    std::size_t unsynced_rounds_ = 0;
    bool troubled_ = false;
    Duration pause_{};
    runtime::Event wake_;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker
