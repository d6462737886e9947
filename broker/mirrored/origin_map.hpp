#pragma once
// OriginMap: which records of one target partition came from where, exactly, and where each origin
// continues. A run is a stretch of consecutive source offsets that lies at consecutive target
// offsets, so that both ways of translation are one subtraction.
//
// Invariants: (A) runs of all origins are disjoint and ordered at the target; (B) runs of one
// origin are disjoint and ordered at the source, in the same order as at the target; (C) an
// origin's next offset is never below the end of its last run, and survives the run's trimming.

#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/kafka/messages/mirror.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace sealane::broker {

struct OriginRun {
    Offset source_base;
    Offset target_base;
    std::int64_t count = 0;        // offsets on both sides
    Offset hole_base = kNoOffset;  // source offset where the hole before this run begins
    std::int8_t hole_reason = kafka::kNoHole;
    [[nodiscard]] Offset source_end() const { return source_base + count; }
    [[nodiscard]] Offset target_end() const { return target_base + count; }
    friend bool operator==(const OriginRun&, const OriginRun&) = default;
};

struct OriginPosition {
    Offset next;                              // source offset to continue from
    LeaderEpoch last_epoch = kNoLeaderEpoch;  // of the source, in the newest run
    Offset target_end = kNoOffset;            // one past the newest record at the target
    friend bool operator==(const OriginPosition&, const OriginPosition&) = default;
};

class OriginMap {
 public:
    // Begins a run that is empty (run.count is ignored) until extend() fills it; one that stays
    // empty leaves no trace. Its target base must not be below the end of any run.
    void begin_run(const kafka::MirrorOrigin& origin, OriginRun run, LeaderEpoch source_epoch);
    // `count` > 0 more offsets belong to the run begun last. Some run must have been begun.
    void extend(std::int64_t count);
    // Forgets runs that end at or below `start`; positions stay.
    void trim_to(Offset start);
    void clear();

    [[nodiscard]] std::optional<OriginPosition> position(const kafka::MirrorOrigin& origin) const;
    [[nodiscard]] std::vector<std::pair<kafka::MirrorOrigin, OriginPosition>> positions() const;
    // Where a reader that has read everything of the origin below `source` goes on at the target:
    // the first record at or after it, or one past the newest. Nothing: not arrived yet, or the
    // origin is unknown.
    [[nodiscard]] std::optional<Offset> to_target(const kafka::MirrorOrigin& origin, Offset source)
        const;
    struct Source {
        kafka::MirrorOrigin origin;
        Offset offset;
    };
    // Nothing: not a mirrored record.
    [[nodiscard]] std::optional<Source> to_source(Offset target) const;
    // Runs that hold anything at or after `from` (a source offset with an origin, else a target
    // offset), at most `limit`, in order.
    struct FoundRun {
        kafka::MirrorOrigin origin;
        OriginRun run;
    };
    [[nodiscard]] std::vector<FoundRun> runs_from(
        const kafka::MirrorOrigin* origin, Offset from, std::size_t limit
    ) const;
    [[nodiscard]] std::size_t run_count() const { return by_target_.size(); }

    // The same map through bytes (layout: origin_map_bytes.cpp). restore: kMalformed.
    [[nodiscard]] BufferSlice save() const;
    [[nodiscard]] static Result<OriginMap> restore(const BufferSlice& bytes);
    friend bool operator==(const OriginMap&, const OriginMap&) = default;

 private:
    struct PerOrigin {
        kafka::MirrorOrigin origin;
        OriginPosition position;
        std::deque<OriginRun> runs;
        friend bool operator==(const PerOrigin&, const PerOrigin&) = default;
    };
    struct RunStart {
        Offset target_base;
        std::size_t origin = 0;
        friend bool operator==(const RunStart&, const RunStart&) = default;
    };
    // The run that extend() fills; stored once it is not empty.
    struct OpenRun {
        std::size_t origin = 0;
        OriginRun run;
        LeaderEpoch epoch;
        friend bool operator==(const OpenRun&, const OpenRun&) = default;
    };
    [[nodiscard]] const PerOrigin* find(const kafka::MirrorOrigin& origin) const;
    [[nodiscard]] std::size_t index_of(const kafka::MirrorOrigin& origin);
    [[nodiscard]] static const OriginRun* run_holding(const PerOrigin& of, Offset target);

    std::vector<PerOrigin> origins_;  // few; in order of first arrival
    std::deque<RunStart> by_target_;  // of every run, ascending
    std::optional<OpenRun> open_;
};

}  // namespace sealane::broker
