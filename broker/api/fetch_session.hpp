#pragma once
// Fetch sessions (KIP-227; formats 16): a client names its partitions once and then only changes;
// the answers carry only partitions that have news. A bounded cache of them. Deciders only.

#include "broker/api/topic_name.hpp"
#include "common/base/result.hpp"
#include "common/base/rng.hpp"
#include "common/base/time.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <vector>

namespace sealane::broker {

// One partition to read.
struct FetchTarget {
    TopicName topic;  // as the request named it
    PartitionId partition{};
    LeaderEpoch current_leader_epoch = kNoLeaderEpoch;
    LeaderEpoch last_fetched_epoch = kNoLeaderEpoch;
    Offset offset;
    Offset log_start = kNoOffset;  // of the asking replica
    std::int32_t max_bytes = 0;
    Offset read_from = kNoOffset;  // where reading on begins; -1: at `offset`
};

// What a request says about its session, and the partitions it names.
struct SessionRequest {
    std::int32_t id = 0;
    std::int32_t epoch = -1;
    bool by_topic_id = false;
    bool by_replica = false;  // its session outlives those of consumers
    bool read_on = false;     // from where the last answer ended
    std::vector<FetchTarget> targets;
    std::vector<std::pair<TopicName, PartitionId>> forgotten;
};

// What to read, in this order, and under which session to answer.
struct FetchPlan {
    std::int32_t session_id = 0;  // 0: none
    bool incremental = false;
    std::vector<FetchTarget> targets;
};

// What one target's answer will say.
struct TargetNews {
    bool has_records = false;
    bool must_tell = false;  // an error, a divergence
    Offset high_watermark;
    Offset log_start;
    Offset next_offset = kNoOffset;  // after the records; -1: there are none
};

class FetchSessions {
 public:
    static constexpr Duration kIdle = std::chrono::seconds(120);

    FetchSessions(std::size_t slots, std::uint64_t seed) : slots_(slots), rng_(seed) {}

    // kFetchSessionIdNotFound, kInvalidFetchSessionEpoch, kFetchSessionTopicIdError: answered at
    // the top of the response.
    [[nodiscard]] Result<FetchPlan> open(SessionRequest request, Instant now);
    // Which targets of the plan go into the answer: all of a full one, those with news of an
    // incremental one. Remembers what was told; partitions with records go to the end of the line.
    [[nodiscard]] std::vector<bool> close(
        const FetchPlan& plan, const std::vector<TargetNews>& news
    );
    // Whether an incremental answer would say anything about this target.
    [[nodiscard]] bool is_news(
        std::int32_t session_id, const FetchTarget& target, const TargetNews& news
    ) const;

    [[nodiscard]] std::size_t size() const { return sessions_.size(); }
    [[nodiscard]] std::uint64_t evictions() const { return evictions_; }

 private:
    using Key = std::pair<TopicName, PartitionId>;
    struct Entry {
        FetchTarget target;
        Offset told_high_watermark = kNoOffset;
        Offset told_log_start = kNoOffset;
        // Where the records of the last answer ended, and in which leadership.
        Offset sent_to = kNoOffset;
        LeaderEpoch sent_epoch = kNoLeaderEpoch;
    };
    struct Session {
        std::int32_t next_epoch = 1;
        bool by_topic_id = false;
        bool by_replica = false;
        Instant used;
        std::list<Entry> line;  // in the order of reading
        std::map<Key, std::list<Entry>::iterator> where;
    };
    [[nodiscard]] static Key key_of(const FetchTarget& target);
    [[nodiscard]] static bool differs(const Entry& entry, const TargetNews& news);
    [[nodiscard]] std::int32_t create(const SessionRequest& request, Instant now);
    [[nodiscard]] bool make_room(Instant now, bool for_replica);
    [[nodiscard]] Result<FetchPlan> continue_session(SessionRequest request, Instant now);
    static void put(Session& session, FetchTarget target);

    std::size_t slots_;
    Rng rng_;
    std::uint64_t evictions_ = 0;
    std::map<std::int32_t, Session> sessions_;
};

}  // namespace sealane::broker
