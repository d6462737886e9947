#include "broker/log/tail_cache.hpp"

namespace sealane::broker {

namespace {
constexpr std::size_t kCopyBelow = 4096;
}

void LogTail::add(Offset base, Offset next, const BufferSlice& batches) {
    if (batches.size() > cache_->max_bytes_per_log_ || batches.size() > cache_->max_bytes_) {
        clear();  // nothing older may stay: pieces of a log are contiguous
        return;
    }
    auto& pieces = cache_->pieces_;
    pieces.push_back(
        {this,
         base,
         next,
         batches.size() < kCopyBelow ? BufferSlice::copy_of(batches.view()) : batches}
    );
    by_base_.emplace_hint(by_base_.end(), base, std::prev(pieces.end()));
    bytes_ += batches.size();
    cache_->bytes_ += batches.size();
    while (bytes_ > cache_->max_bytes_per_log_) cache_->drop(by_base_.begin()->second);
    while (cache_->bytes_ > cache_->max_bytes_) cache_->drop(pieces.begin());
}

const LogTail::Piece* LogTail::find(Offset offset) const {
    const auto after = by_base_.upper_bound(offset);
    if (after == by_base_.begin()) return nullptr;
    const Piece& piece = *std::prev(after)->second;
    return offset < piece.next ? &piece : nullptr;
}

void LogTail::drop_below(Offset offset) {
    while (!by_base_.empty() && by_base_.begin()->second->next <= offset) {
        cache_->drop(by_base_.begin()->second);
    }
}

void LogTail::clear() {
    while (!by_base_.empty()) cache_->drop(by_base_.begin()->second);
}

void TailCache::drop(std::list<LogTail::Piece>::iterator piece) {
    LogTail& owner = *piece->owner;
    const std::size_t size = piece->batches.size();
    owner.bytes_ -= size;
    bytes_ -= size;
    owner.by_base_.erase(piece->base);
    pieces_.erase(piece);
}

}  // namespace sealane::broker
