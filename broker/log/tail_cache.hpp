#pragma once
// TailCache: the most recently appended bytes of all logs, so that readers at the tail are served
// from the blocks that producers sent. Bounded for one log and for all; the oldest bytes go first.
// Memory only: losing an entry costs a file read.

#include "common/base/buffer.hpp"
#include "common/base/ids.hpp"

#include <list>
#include <map>

namespace sealane::broker {

class TailCache;

// One log's part of the cache.
class LogTail {
 public:
    explicit LogTail(TailCache& cache) : cache_(&cache) {}
    ~LogTail() { clear(); }
    LogTail(const LogTail&) = delete;
    LogTail& operator=(const LogTail&) = delete;

    struct Piece {
        LogTail* owner = nullptr;
        Offset base;
        Offset next;
        BufferSlice batches;
    };
    // Batches [base, next) were appended. Small ones are copied, so that they do not keep the large
    // block of a whole request alive.
    void add(Offset base, Offset next, const BufferSlice& batches);
    // The piece that holds `offset`; null when it is not here.
    [[nodiscard]] const Piece* find(Offset offset) const;
    // Forgets pieces that end at or below it.
    void drop_below(Offset offset);
    void clear();
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
    friend class TailCache;
    TailCache* cache_;
    std::map<Offset, std::list<Piece>::iterator> by_base_;
    std::size_t bytes_ = 0;
};

class TailCache {
 public:
    TailCache(std::size_t max_bytes, std::size_t max_bytes_per_log)
        : max_bytes_(max_bytes), max_bytes_per_log_(max_bytes_per_log) {}
    TailCache(const TailCache&) = delete;
    TailCache& operator=(const TailCache&) = delete;
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
    friend class LogTail;
    void drop(std::list<LogTail::Piece>::iterator piece);
    std::size_t max_bytes_;
    std::size_t max_bytes_per_log_;
    std::size_t bytes_ = 0;
    std::list<LogTail::Piece> pieces_;  // oldest first
};

}  // namespace sealane::broker
