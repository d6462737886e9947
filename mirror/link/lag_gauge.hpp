#pragma once
// LagGauge: how far a copy is behind its source, in records, bytes and seconds. Seconds are the
// time for which the oldest record that is not yet at the target has been known to exist, so they
// are right while nothing flows too.

#include "common/base/ids.hpp"
#include "common/base/time.hpp"

#include <cstdint>
#include <deque>

namespace sealane::mirror {

class LagGauge {
 public:
    // The source's high watermark is `offset` now.
    void on_source(Instant now, Offset offset);
    // Everything below `offset` is durable at the target; `bytes` came with this step.
    void on_copied(Offset offset, std::int64_t bytes);
    // The copy starts anew at `position`.
    void restart(Offset position);

    [[nodiscard]] Offset source_end() const { return source_end_; }
    [[nodiscard]] Offset position() const { return position_; }
    // Offsets, which is records unless the source is compacted or transactional.
    [[nodiscard]] std::int64_t records() const;
    // From the mean size of what was copied; 0 while nothing was.
    [[nodiscard]] std::int64_t bytes() const;
    [[nodiscard]] Duration age(Instant now) const;
    [[nodiscard]] std::int64_t copied_records() const { return copied_records_; }
    [[nodiscard]] std::int64_t copied_bytes() const { return copied_bytes_; }

 private:
    static constexpr std::size_t kMaxMarks = 128;
    // At `at` the source ended at `end`.
    struct Mark {
        Instant at;
        Offset end;
    };
    Offset source_end_{0};
    Offset position_{0};
    std::int64_t copied_records_ = 0;
    std::int64_t copied_bytes_ = 0;
    std::deque<Mark> marks_;  // ascending in both, ends above position_
};

}  // namespace sealane::mirror
