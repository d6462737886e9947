#pragma once
// ProducerHalf: the side of a link that writes the target cluster, and drives the link: it connects
// to the consumer half, registers the link at the target, has topics followed, and tells the
// consumer half what to read from where. Everything durable about the link lives at the target.

#include "mirror/ledger/gap_ledger.hpp"
#include "mirror/link/appender.hpp"
#include "mirror/link/group_keeper.hpp"
#include "mirror/link/link_board.hpp"
#include "mirror/link/position_keeper.hpp"
#include "mirror/link/topic_keeper.hpp"

namespace sealane::mirror {

class ProducerHalf {
 public:
    ProducerHalf(HalfContext context, GapLedger& ledger);
    ProducerHalf(const ProducerHalf&) = delete;
    ProducerHalf& operator=(const ProducerHalf&) = delete;

    void start();
    [[nodiscard]] runtime::Task<void> stop();
    [[nodiscard]] LinkStatus status() const;

 private:
    // Connects again and again, each time with a new session.
    [[nodiscard]] runtime::Task<void> run();
    [[nodiscard]] runtime::Task<Status> run_session();
    [[nodiscard]] runtime::Task<Status> greet(FrameStream& stream);
    [[nodiscard]] runtime::Task<Status> register_target();
    [[nodiscard]] runtime::Task<Status> register_link();
    [[nodiscard]] runtime::Task<Status> read_loop(FrameStream& stream);
    [[nodiscard]] Status take(const Frame& frame);
    void take_data(const Data& data);
    [[nodiscard]] runtime::Task<void> control_loop(runtime::TaskGroup& session);
    [[nodiscard]] runtime::Task<void> credit_loop(runtime::TaskGroup& session);
    [[nodiscard]] runtime::Task<void> group_loop(runtime::TaskGroup& session);
    [[nodiscard]] runtime::Task<void> follow_link_state();
    void give_credit();
    [[nodiscard]] Verdict own_verdict(Instant now) const;
    [[nodiscard]] static PartitionStatus partition_status(
        const std::pair<std::string, PartitionId>& key,
        const CarriedPartition& carried,
        Instant now,
        const PartitionCopy::Limits& limits
    );

    GapLedger& ledger_;
    runtime::Log log_;
    runtime::TaskGroup tasks_;
    LinkBoard board_;
    TopicKeeper topics_;
    GroupKeeper groups_;
    std::string trouble_;   // why there is no session, empty when there is one
    bool refused_ = false;  // the target cannot be written by this link at all
    // What a broker says that is behind the others counts when the next answer says it too.
    bool link_was_missing_ = false;
    bool link_was_older_ = false;
    std::optional<Instant> apart_since_;
    std::int64_t stray_bytes_ = 0;  // data of assignments that are over: credit to give back
};

}  // namespace sealane::mirror
