#pragma once
// RecordPieces: cuts a chain into pieces that make full TLS records (16 KiB, RFC 8446, 5.1). A
// record has a fixed price (header, tag, key schedule), so small slices are gathered into one,
// while whole records' worth of a large slice is encrypted from where it lies.

#include "common/base/buffer.hpp"

#include <vector>

namespace sealane::asio_runtime {

inline constexpr std::size_t kTlsRecordSize = 16 << 10;

class RecordPieces {
 public:
    // Both must outlive this; `staging` has kTlsRecordSize bytes.
    RecordPieces(const BufferChain& chain, MutableByteView staging)
        : slices_(chain.slices()), staging_(staging) {
        SEALANE_ASSERT(staging.size() == kTlsRecordSize);
    }
    [[nodiscard]] bool at_end() const { return index_ == slices_.size(); }
    // The next piece, of at most `limit` bytes (a multiple of the record size). Valid until the
    // next call. Not at the end.
    [[nodiscard]] ByteView next(std::size_t limit) {
        const ByteView rest = slices_[index_].view().subspan(offset_);
        const bool is_last = index_ + 1 == slices_.size();
        if (!is_last && rest.size() < kTlsRecordSize) return gather();
        const std::size_t whole =
            is_last ? rest.size() : rest.size() - rest.size() % kTlsRecordSize;
        const ByteView piece = rest.first(std::min(whole, limit));
        skip(piece.size());
        return piece;
    }

 private:
    ByteView gather() {
        std::size_t filled = 0;
        while (filled < staging_.size() && !at_end()) {
            const ByteView rest = slices_[index_].view().subspan(offset_);
            const std::size_t count = std::min(rest.size(), staging_.size() - filled);
            std::memcpy(staging_.data() + filled, rest.data(), count);
            filled += count;
            skip(count);
        }
        return staging_.first(filled);
    }
    void skip(std::size_t count) {
        offset_ += count;
        if (offset_ < slices_[index_].size()) return;
        ++index_;
        offset_ = 0;
    }

    const std::vector<BufferSlice>& slices_;
    MutableByteView staging_;
    std::size_t index_ = 0;
    std::size_t offset_ = 0;
};

}  // namespace sealane::asio_runtime
