#pragma once
// SourceSession: one producer half's connection to a consumer half. Reads what it is assigned and
// sends it as far as credit goes; tells which topics, ends and group offsets there are.

#include "common/client/consumer.hpp"
#include "mirror/link/consumer_half.hpp"
#include "mirror/link/frame_stream.hpp"

#include <map>

namespace sealane::mirror {

class SourceSession {
 public:
    SourceSession(HalfContext& context, std::unique_ptr<runtime::Stream> stream);
    SourceSession(const SourceSession&) = delete;
    SourceSession& operator=(const SourceSession&) = delete;

    // Serves until the connection or stop() ends it; the error says why.
    [[nodiscard]] runtime::Task<Status> run();
    void stop() { tasks_.stop(); }

    [[nodiscard]] bool greeted() const { return greeted_; }
    [[nodiscard]] std::size_t assignments() const { return assigned_.size(); }
    [[nodiscard]] std::int64_t credit() const { return credit_; }
    [[nodiscard]] std::int64_t sent_bytes() const { return sent_bytes_; }

 private:
    struct Assigned {
        Assign what;
        bool started = false;
    };
    [[nodiscard]] runtime::Task<Status> greet();
    [[nodiscard]] runtime::Task<Status> read_loop();
    [[nodiscard]] Status take(const Frame& frame);
    [[nodiscard]] runtime::Task<void> begin(Assign what);
    // Starts reading when log start, end and topic id are known and right.
    [[nodiscard]] runtime::Task<Status> try_begin(Assign what);
    [[nodiscard]] runtime::Task<Result<bool>> history_holds(Assign what, Offset log_end);
    [[nodiscard]] runtime::Task<void> poll_loop();
    [[nodiscard]] runtime::Task<void> forward(client::FetchedPartition fetched);
    [[nodiscard]] runtime::Task<bool> wait_for_credit(std::int64_t assignment, std::int64_t bytes);
    [[nodiscard]] runtime::Task<void> topic_loop();
    [[nodiscard]] runtime::Task<Status> tell_topics(bool with_configs);
    [[nodiscard]] runtime::Task<void> tell_ends();
    [[nodiscard]] runtime::Task<void> group_loop();
    [[nodiscard]] runtime::Task<Status> tell_groups();
    void stop_assignment(std::int64_t assignment, Stopped why);
    void drop(const TopicPartition& partition);
    [[nodiscard]] Assigned* current(const TopicPartition& partition, std::int64_t assignment);

    HalfContext& context_;
    runtime::Log log_;
    runtime::TaskGroup tasks_;
    FrameStream stream_;
    client::Consumer consumer_;
    client::Admin admin_;
    NameFilter topics_;
    NameFilter groups_;
    NameFilter asked_topics_{{}, {}};
    NameFilter asked_groups_{{}, {}};
    bool greeted_ = false;
    std::map<TopicPartition, Assigned> assigned_;
    std::int64_t credit_ = 0;
    std::int64_t first_credit_ = 0;  // the size of the peer's queue
    std::int64_t sent_bytes_ = 0;
    std::map<std::string, std::vector<Topics::Config>> configs_;  // as last described
    std::map<std::string, Groups::Group> told_groups_;
    runtime::Event changed_;
};

}  // namespace sealane::mirror
