#pragma once
// Appender: moves queued runs into the target. Several requests are on the way at once, each with
// the runs of many partitions; a partition's requests chain by its expected position, and their
// answers come in order.

#include "mirror/link/link_board.hpp"

#include <deque>

namespace sealane::mirror {

class Appender {
 public:
    Appender(LinkBoard& board, runtime::TaskGroup& tasks) : board_(board), tasks_(tasks) {}

    // Runs until the group stops.
    [[nodiscard]] runtime::Task<void> send_loop();
    [[nodiscard]] runtime::Task<void> answer_loop();
    // After the group has ended: nothing that is on the way will be answered.
    void abandon();

 private:
    using Key = std::pair<std::string, PartitionId>;
    using Reply = client::Reply<kafka::MirrorAppendResponse>;
    struct Sent {
        std::vector<Key> parts;  // in the order of the request
        std::optional<Reply> reply;
        Error failure{ErrorCode::kNone};  // without a reply
    };
    struct Batch {
        kafka::MirrorAppendRequest request;
        std::vector<Key> parts;
        BrokerId leader = kNoBroker;
        std::size_t bytes = 0;
    };
    [[nodiscard]] bool has_work() const;
    [[nodiscard]] Batch collect();
    [[nodiscard]] runtime::Task<void> send(Batch batch);
    void take_answer(const Sent& sent, const Result<kafka::MirrorAppendResponse>& answer);
    void fail_parts(const Sent& sent, const PartitionCopy::Answer& why);

    LinkBoard& board_;
    runtime::TaskGroup& tasks_;
    std::deque<Sent> sent_;
    Key last_;  // the partition served last: the next round begins behind it
};

}  // namespace sealane::mirror
