#include "mirror/link/lag_gauge.hpp"

#include <algorithm>

namespace sealane::mirror {

void LagGauge::on_source(Instant now, Offset offset) {
    const bool grew = offset > source_end_;
    source_end_ = offset;
    while (!marks_.empty() && marks_.back().end > offset) marks_.pop_back();  // truncated
    if (!grew || offset <= position_) return;
    marks_.push_back({now, offset});
    if (marks_.size() <= kMaxMarks) return;
    // Halve: neighbours become one with the older time, so that age is never understated.
    std::deque<Mark> kept;
    for (std::size_t i = 0; i < marks_.size(); i += 2)
        kept.push_back({marks_[i].at, marks_[std::min(i + 1, marks_.size() - 1)].end});
    marks_ = std::move(kept);
}

void LagGauge::on_copied(Offset offset, std::int64_t bytes) {
    copied_bytes_ += bytes;
    if (offset <= position_) return;
    copied_records_ += offset - position_;
    position_ = offset;
    while (!marks_.empty() && marks_.front().end <= position_) marks_.pop_front();
}

void LagGauge::restart(Offset position) {
    position_ = position;
    while (!marks_.empty() && marks_.front().end <= position_) marks_.pop_front();
}

std::int64_t LagGauge::records() const {
    return std::max<std::int64_t>(0, source_end_ - position_);
}

std::int64_t LagGauge::bytes() const {
    if (copied_records_ == 0) return 0;
    const auto wide = static_cast<__int128>(copied_bytes_) * records();
    return static_cast<std::int64_t>(wide / copied_records_);
}

Duration LagGauge::age(Instant now) const {
    return marks_.empty() ? Duration(0) : std::max(Duration(0), now - marks_.front().at);
}

}  // namespace sealane::mirror
