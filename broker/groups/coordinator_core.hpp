#pragma once
// The group coordinator of one __consumer_offsets partition, as a decider (Kafka's classic group
// protocol and offset storage; KIP-62, 98, 345, 394, 496, 814, 848).
//
// One step at a time: the shell calls handle() or tick(), appends Effects::records as one batch,
// and only then takes the next step. When the append succeeded it calls apply() for each record;
// when it failed it calls append_failed(), whose effects replace the failed ones. Replies are sent
// when everything appended so far is durable, so that no client sees a state that a crash undoes.
//
// Persisted state (group metadata, committed offsets) changes only in apply(). Membership in the
// making, parked requests and deadlines are soft: after a restart members rejoin.

#include "broker/groups/classic_group.hpp"
#include "broker/groups/consumer/consumer_group.hpp"
#include "broker/groups/coordinator_record.hpp"
#include "broker/groups/group_config.hpp"

#include <functional>
#include <map>
#include <set>

namespace sealane::broker::groups {

// What the shell must do, in this order.
struct Effects {
    std::vector<CoordinatorRecord> records;  // append as one batch
    // They are offsets of this producer's transaction.
    std::optional<TransactionalProducer> producer = {};
    std::optional<TransactionEnd> end = {};  // append this marker; no records then
    struct Answer {
        Ticket ticket = 0;
        Reply reply;
    };
    std::vector<Answer> answers;  // then, when durable, send these
};

struct GroupCounts {
    std::size_t groups = 0;
    std::size_t members = 0;
    std::size_t offsets = 0;
    std::uint64_t rebalances = 0;  // generations started, target assignments computed
};

class CoordinatorCore {
 public:
    explicit CoordinatorCore(GroupConfig config) : config_(std::move(config)) {}

    // Replay: apply() every record of the log, then begin() once.
    void apply(const CoordinatorRecord& record);
    // An offset of a transaction that has not ended.
    void apply_pending(TransactionalProducer producer, const CoordinatorRecord& record);
    // Pending offsets of the producer become committed, but for those that were overwritten since,
    // or are dropped.
    void apply_end(const TransactionEnd& end);
    void begin(Instant now);

    using Clock = ShardClock;
    void handle(Clock clock, Ticket ticket, Request request, Effects& out);
    // Performs what is due. Call it no later than next_wake().
    void tick(Clock clock, Effects& out);
    [[nodiscard]] Instant next_wake() const;
    // The append of `failed.records` failed with `error` (a wire code).
    void append_failed(Clock clock, Effects failed, ErrorCode error, Effects& out);

    // Tombstones for offsets past their retention and for groups with nothing left, and for offsets
    // of topics that no longer exist. At most `limit` records; call again while it gives some.
    void expire(
        WallTime wall,
        const std::function<bool(const std::string&)>& topic_exists,
        std::size_t limit,
        Effects& out
    ) const;

    // Reads.
    struct FetchedOffset {
        TopicPartition partition;
        CommittedOffset value;
        bool pending = false;  // a transaction may change it
    };
    [[nodiscard]] std::optional<CommittedOffset> committed(
        const std::string& group_id, const TopicPartition& partition
    ) const;
    // Whether a transaction that has not ended has an offset for it.
    [[nodiscard]] bool is_pending(const std::string& group_id, const TopicPartition& partition)
        const;
    [[nodiscard]] std::vector<FetchedOffset> all_committed(const std::string& group_id) const;
    // kNone, kUnknownMemberId or kStaleMemberEpoch: whether the group's offsets are for `reader`.
    [[nodiscard]] ErrorCode check_reader(const std::string& group_id, const OffsetReader& reader)
        const;
    // Nothing: not a classic group.
    [[nodiscard]] std::optional<DescribedGroup> describe(const std::string& group_id) const;
    // Nothing: not a group of KIP-848.
    [[nodiscard]] std::optional<DescribedConsumerGroup> describe_consumer(
        const std::string& group_id
    ) const;
    [[nodiscard]] std::vector<ListedGroup> list() const;
    [[nodiscard]] GroupCounts counts() const;

    // All persisted state in parts of about `bytes`, in an order such that replaying them gives the
    // same state. For rewriting the log.
    [[nodiscard]] std::vector<Effects> snapshot(std::size_t bytes) const;
    // About how many bytes snapshot() takes in the log.
    [[nodiscard]] std::uint64_t live_bytes() const { return live_bytes_; }

 private:
    // With its place in the order of the log: of two values for a partition the later one counts.
    struct StoredOffset : CommittedOffset {
        std::uint64_t position = 0;
    };
    using Offsets = std::map<TopicPartition, StoredOffset>;
    struct Pending {
        ProducerEpoch epoch;
        Offsets offsets;
    };
    struct Group {
        std::string id;
        ClassicGroup live;
        std::optional<GroupMetadata> persisted;
        // The group's other kind (KIP-848). While it has members nobody is in `live`.
        std::optional<ConsumerGroup> consumer;
        Offsets offsets;
        std::map<ProducerId, Pending> pending;  // of open transactions
        Instant wake_at = Instant::never();     // the entry in wakes_
    };
    struct Step {  // one call, so that phases need few parameters
        Clock clock;
        Effects& out;
    };

    // coordinator_join.cpp
    void on_request(Step step, Ticket ticket, JoinRequest request);
    [[nodiscard]] bool has_room(const ClassicGroup& group, const std::string& member_id) const;
    void join_new(Step step, Group& group, Ticket ticket, JoinRequest& request);
    void join_known(Step step, Group& group, Ticket ticket, JoinRequest& request);
    void join_replacing(Step step, Group& group, Ticket ticket, JoinRequest& request);
    void add_member(Step step, Group& group, Ticket ticket, JoinRequest& request);
    static void rejoin(Step step, GroupMember& member, Ticket ticket, JoinRequest& request);
    // coordinator_rebalance.cpp
    void rebalance_or_complete(Step step, Group& group);
    void prepare_rebalance(Step step, Group& group);
    void complete_if_all_joined(Step step, Group& group);
    void on_join_deadline(Step step, Group& group);
    void complete_join(Step step, Group& group);
    void drop_member(Step step, Group& group, const std::string& member_id);
    void after_departure(Step step, Group& group);
    void persist(Step step, const Group& group);
    // coordinator_sync.cpp
    void on_request(Step step, Ticket ticket, SyncRequest request);
    void on_request(Step step, Ticket ticket, HeartbeatRequest request);
    void on_request(Step step, Ticket ticket, LeaveRequest request);
    void assign(Step step, Group& group, SyncRequest& request);
    [[nodiscard]] ErrorCode leave_one(
        Step step, Group& group, const LeaveRequest::Leaving& leaving, bool& departed
    );
    // coordinator_offsets.cpp
    void on_request(Step step, Ticket ticket, CommitRequest request);
    void on_request(Step step, Ticket ticket, DeleteGroupRequest request);
    void on_request(Step step, Ticket ticket, DeleteOffsetsRequest request);
    // coordinator_transactions.cpp
    void on_request(Step step, Ticket ticket, EndTransactionRequest request);
    void store(Group& group, Offsets& where, const OffsetRecord& record, std::uint64_t position);
    void drop(const Group& group, Offsets& where, const TopicPartition& partition);
    void drop_pending(Group& group, const TopicPartition& partition);
    [[nodiscard]] static bool is_pending(const Group& group, const TopicPartition& partition);
    [[nodiscard]] ErrorCode check_commit(Step step, const CommitRequest& request);
    // coordinator_consumer.cpp
    void on_request(Step step, Ticket ticket, ConsumerHeartbeatRequest request);
    [[nodiscard]] static bool is_consumer(const Group& group) {
        return group.consumer && group.consumer->exists() && group.live.is_husk();
    }
    [[nodiscard]] static bool has_consumers(const Group& group) {
        return is_consumer(group) && !group.consumer->members().empty();
    }
    [[nodiscard]] Result<Group*> consumer_group(Step step, const ConsumerHeartbeatRequest& request);
    void apply_consumer(const ConsumerRecord& record);
    void tick_consumer(Step step, Group& group);
    void end_consumer(Step step, const Group& group);
    void leave_consumer(Step step, Group& group, const LeaveRequest& request, LeaveReply& reply);
    // Whether the member had the partition already in the epoch that it commits in.
    [[nodiscard]] bool had_then(const CommitRequest& request, const CommitRequest::Entry& entry)
        const;
    [[nodiscard]] static ErrorCode check_consumer_commit(
        const ConsumerGroup& group, const CommitRequest& request
    );
    void consumer_append_failed(const ConsumerRecord& record);
    // coordinator_core.cpp
    [[nodiscard]] Group* find(const std::string& group_id);
    [[nodiscard]] const Group* find(const std::string& group_id) const;
    void touch(const std::string& group_id);
    void tick_group(Step step, Group& group);
    void fail_answer(Effects::Answer& answer, ErrorCode error) const;

    GroupConfig config_;
    std::map<std::string, Group> groups_;
    std::set<std::pair<Instant, std::string>> wakes_;
    std::map<ProducerId, std::set<std::string>> pending_groups_;
    std::uint64_t next_position_ = 1;
    std::uint64_t live_bytes_ = 0;
    std::uint64_t rebalances_ = 0;
};

}  // namespace sealane::broker::groups
