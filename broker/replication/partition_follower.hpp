#pragma once
// PartitionFollower: what a replica does with its leader's answers (KIP-101, KIP-279, KIP-320,
// KIP-595; formats 15). A core: where to fetch from, when to cut the log and where, when to begin
// anew. Logs are compared by the epoch of the last record, never by the high watermark.
//
// A  Every truncation makes the log shorter, so comparing ends.
// B  Only the leader's own bounds, asked for in the same leadership, make a follower begin anew; an
//    out-of-range answer alone changes nothing (KAFKA-2143, KAFKA-2477).
// C  A divergence is worked on before anything else of the same answer is believed (KAFKA-14704).

#include "broker/log/epoch_cache.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"

#include <cstdint>

namespace sealane::broker {

// The follower's own log.
struct FollowerLog {
    Offset start;
    Offset end;
    const EpochCache* epochs = nullptr;
};

struct FetchPosition {
    Offset offset;
    LeaderEpoch last_epoch = kNoLeaderEpoch;  // of the record before; -1: there is none
    friend bool operator==(const FetchPosition&, const FetchPosition&) = default;
};

// One partition of a fetch answer.
struct LeaderAnswer {
    ErrorCode error = ErrorCode::kNone;
    EpochEnd diverging;  // epoch -1: none
    Offset high_watermark;
    Offset log_start;
    Offset first_base = kNoOffset;  // of the records; -1: there are none
};

// The leader's log, by ListOffsets.
struct LeaderBounds {
    Offset start;
    Offset end;
};

struct FollowerStep {
    enum class Kind : std::uint8_t {
        kAppend,           // the records, if any, then the high watermark and the log start
        kTruncate,         // to `to`, then fetch again
        kRestart,          // empty, at `to`, then fetch again
        kBegin,            // empty, at `to`, then the records: they begin below the log start
        kAskBounds,        // ListOffsets -1 and -2, then on_bounds()
        kWaitForMetadata,  // this leadership has ended
        kTryAgain,         // later: the leader is not there yet, or this was a passing trouble
    };
    Kind kind = Kind::kTryAgain;
    Offset to;
    friend bool operator==(const FollowerStep&, const FollowerStep&) = default;
};

[[nodiscard]] FetchPosition next_fetch(const FollowerLog& log);
[[nodiscard]] FollowerStep on_answer(const FollowerLog& log, const LeaderAnswer& answer);
[[nodiscard]] FollowerStep on_bounds(const FollowerLog& log, const LeaderBounds& leader);
// After the records of an answer are in the log; never goes back.
[[nodiscard]] Offset follower_high_watermark(Offset own, Offset leaders, Offset log_end);

// Where the records before a diverging answer agree: at most the smaller end of the largest epoch
// that both know.
[[nodiscard]] Offset common_end(const FollowerLog& log, const EpochEnd& leader);

}  // namespace sealane::broker
