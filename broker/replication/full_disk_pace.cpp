#include "broker/replication/full_disk_pace.hpp"

#include <algorithm>

namespace sealane::broker {

void FullDiskPace::on_full(Instant now) {
    if (try_at_ != Instant::never()) return;
    const bool again = tried_ && now - had_room_ < kCalm;
    pause_ = again ? std::min(pause_ * 2, kLongestPause) : kFirstPause;
    try_at_ = now + pause_;
}

void FullDiskPace::on_tried(Instant now, Found found) {
    if (found == Found::kNone) {
        try_at_ = now + pause_;
        return;
    }
    tried_ = true;
    had_room_ = now;
    try_at_ = Instant::never();
}

}  // namespace sealane::broker
