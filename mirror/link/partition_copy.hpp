#pragma once
// PartitionCopy: one source partition on its way into one target partition, seen from the producer
// half. Decides what to ask, what to append next and what an answer means; does nothing itself.
//
//            +--------- trouble that passes (position refused, connection lost) ---------+
//            v                                                                           |
//   kAsking (wants the position) --on_position--> kReading --on_data--> runs queued --> appended
//                                                    |
//                                                    +--on_stopped, split, refused--> kStopped
//   kStopped leaves only by resume_after_gap() (the gap is in the ledger) or forgive().
//
// Invariants: (A) runs are taken in source order and each expects the end of the one before;
// (B) after any trouble nothing more is taken until the position was asked again and nothing is
// in flight; (C) bytes accepted = bytes released + bytes queued + bytes in flight.

#include "mirror/link/lag_gauge.hpp"
#include "mirror/link/run_splitter.hpp"

#include <deque>
#include <optional>

namespace sealane::mirror {

class PartitionCopy {
 public:
    PartitionCopy(RunSplitter::Rules rules, OnGap on_gap);

    enum class State { kAsking, kReading, kStopped };
    [[nodiscard]] State state() const { return state_; }
    // kAsking, not asked yet, nothing in flight, and any pause after trouble is over.
    [[nodiscard]] bool wants_position(Instant now) const;
    [[nodiscard]] Instant wake_at() const { return not_before_; }

    // The question is on its way; on_position or on_trouble answers it.
    void position_asked() { asked_ = true; }
    // `next`: the source offset to continue from, nothing when the target has none of this
    // partition. Begins assignment `assignment`: tell the consumer half read_from().
    struct TargetPosition {
        std::optional<Offset> next;
        LeaderEpoch last_epoch = kNoLeaderEpoch;
    };
    void on_position(std::int64_t assignment, TargetPosition position);
    [[nodiscard]] std::int64_t assignment() const { return assignment_; }  // 0: none
    [[nodiscard]] Offset read_from() const { return read_from_; }          // -1: the log start
    [[nodiscard]] LeaderEpoch last_epoch() const { return position_.last_epoch; }
    [[nodiscard]] const TargetPosition& target_position() const { return position_; }

    // Frames of the current assignment; the caller drops those of others.
    void on_started(Instant now, const Started& started);
    void on_ends(Instant now, Offset high_watermark) { lag_.on_source(now, high_watermark); }
    void on_data(Instant now, const Data& data);
    void on_stopped(const Stopped& stopped);

    // The next runs to append, at least one when there is any, else up to `max_bytes`; they count
    // as one part in flight. Answers come in the order in which parts were taken.
    [[nodiscard]] std::size_t queued_bytes() const { return queued_bytes_; }
    [[nodiscard]] std::size_t parts_in_flight() const { return in_flight_.size(); }
    [[nodiscard]] std::vector<SourceRun> take(std::size_t max_bytes);
    struct Answer {
        ErrorCode error = ErrorCode::kNone;
        std::string detail;
        Offset next = kNoOffset;  // where the target continues, -1: not said
    };
    void on_answer(Instant now, const Answer& answer);

    // A connection or the link's state changed: ask again when everything in flight is answered.
    void restart();
    // The parts in flight will never be answered (their connection is gone).
    void abandon_in_flight();
    // The topic or the whole source is in trouble.
    void stop(StopCause cause);
    // An operator or the ledger policy lets it go on; does nothing unless stopped.
    void forgive();

    // With OnGap::kLedger, a stop that has a resume offset is to be written into the ledger; once
    // it is durable, resume_after_gap() goes on behind it.
    [[nodiscard]] bool gap_to_ledger() const;
    void resume_after_gap();
    [[nodiscard]] const std::optional<StopCause>& cause() const { return cause_; }
    // Trouble that passes by itself, newest; for status pages.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

    // Record bytes of Data frames that need no room any more, since the last call: new credit.
    [[nodiscard]] std::int64_t release();
    [[nodiscard]] const LagGauge& lag() const { return lag_; }
    struct Limits {
        std::int64_t lagging_records = 10'000;
        Duration lagging_age = std::chrono::seconds(10);
        Duration stalled_after = std::chrono::seconds(30);
    };
    [[nodiscard]] Verdict verdict(Instant now, const Limits& limits) const;

 private:
    struct InFlight {
        Offset end;
        std::int64_t bytes = 0;
    };
    void drop_queue();
    void trouble(Instant now, std::string words);

    RunSplitter::Rules rules_;
    OnGap on_gap_;
    State state_ = State::kAsking;
    bool asked_ = false;
    Instant not_before_;
    Duration pause_{0};
    std::int64_t assignment_ = 0;
    TargetPosition position_;
    Offset read_from_ = kNoOffset;
    std::optional<Offset> gap_end_;  // ledgered: read from here although the position is before
    std::optional<RunSplitter> splitter_;
    std::deque<SourceRun> queue_;
    std::size_t queued_bytes_ = 0;
    std::deque<InFlight> in_flight_;
    std::int64_t released_ = 0;
    std::optional<StopCause> cause_;
    std::string trouble_;
    LagGauge lag_;
    Instant moved_;  // when the position last moved, or there was nothing to do
};

}  // namespace sealane::mirror
