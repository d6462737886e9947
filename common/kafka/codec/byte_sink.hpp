#pragma once
// Collects the bytes of an encoder in one growing block, and refers to large slices (record
// batches) instead of copying them if its user allows that.

#include "common/base/buffer.hpp"
#include "common/base/endian.hpp"
#include "common/base/varint.hpp"

#include <cstdint>
#include <vector>

namespace sealane::kafka {

class ByteSink {
 public:
    // Slices of at least this size are worth a part of their own in a gather write.
    static constexpr std::size_t kReferenceBytes = 1'024;

    explicit ByteSink(std::size_t expected_size) : block_(expected_size) {
        cursor_ = block_.data();
        end_ = cursor_ + block_.size();
    }

    template <std::integral T>
    void number(T value) {
        reserve(sizeof(T));
        store_be(cursor_, value);
        cursor_ += sizeof(T);
    }
    void uvarint(std::uint32_t value) {
        reserve(kMaxVarintBytes);
        if (value < 0x80U) [[likely]] {
            *cursor_++ = static_cast<std::byte>(value);
        } else {
            cursor_ += write_uvarint(cursor_, value);
        }
    }
    void bytes(ByteView from) {
        if (from.empty()) return;
        reserve(from.size());
        std::memcpy(cursor_, from.data(), from.size());
        cursor_ += from.size();
    }
    // Refers to the slice at this place; it is not copied.
    void refer(BufferSlice slice) { references_.push_back({size(), std::move(slice)}); }

    // Bytes written so far, without references.
    [[nodiscard]] std::size_t size() const {
        return static_cast<std::size_t>(cursor_ - block_.view().data());
    }
    // Puts the unsigned varint of what was written since `start` before it.
    void insert_size(std::size_t start);

    // Ends the sink. `joined`: one slice; only without references.
    [[nodiscard]] BufferSlice joined() &&;
    [[nodiscard]] BufferChain chain() &&;
    // The first four bytes, which must be there, become the size of all that follows them.
    [[nodiscard]] BufferChain framed_chain() &&;

 private:
    void reserve(std::size_t count) {
        if (static_cast<std::size_t>(end_ - cursor_) < count) [[unlikely]]
            grow(count);
    }
    void grow(std::size_t count);

    struct Reference {
        std::size_t at;
        BufferSlice slice;
    };
    MutableBuffer block_;
    std::byte* cursor_ = nullptr;
    std::byte* end_ = nullptr;
    std::vector<Reference> references_;
};

}  // namespace sealane::kafka
