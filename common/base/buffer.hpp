#pragma once
// Bytes with owners. A MutableBuffer is one exclusively owned block; freezing it gives a
// BufferSlice: an immutable view that keeps its block alive and is cheap to copy and cut.
// Views (ByteView) own nothing and are never stored nor kept over an await.

#include "common/base/assert.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sealane {

using ByteView = std::span<const std::byte>;
using MutableByteView = std::span<std::byte>;

[[nodiscard]] inline ByteView as_bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}
[[nodiscard]] inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class BufferSlice {
 public:
    BufferSlice() = default;
    BufferSlice(std::shared_ptr<const std::byte[]> owner, ByteView view)
        : owner_(std::move(owner)), view_(view) {}

    [[nodiscard]] static BufferSlice copy_of(ByteView bytes);
    [[nodiscard]] static BufferSlice copy_of(std::string_view text) {
        return copy_of(as_bytes(text));
    }

    [[nodiscard]] ByteView view() const { return view_; }
    [[nodiscard]] std::string_view text() const { return as_text(view_); }
    [[nodiscard]] const std::byte* data() const { return view_.data(); }
    [[nodiscard]] std::size_t size() const { return view_.size(); }
    [[nodiscard]] bool empty() const { return view_.empty(); }
    // The part [first, first + count); both must lie inside.
    [[nodiscard]] BufferSlice slice(std::size_t first, std::size_t count) const {
        SEALANE_ASSERT(first <= size() && count <= size() - first);
        return {owner_, view_.subspan(first, count)};
    }
    [[nodiscard]] BufferSlice from(std::size_t first) const { return slice(first, size() - first); }
    friend bool operator==(const BufferSlice& a, const BufferSlice& b) {
        return std::ranges::equal(a.view_, b.view_);
    }

 private:
    std::shared_ptr<const std::byte[]> owner_;
    ByteView view_;
};

// One exclusively owned, uninitialised block of fixed size.
class MutableBuffer {
 public:
    MutableBuffer() = default;
    explicit MutableBuffer(std::size_t size)
        : block_(std::make_shared_for_overwrite<std::byte[]>(size)), size_(size) {}
    [[nodiscard]] MutableByteView view() { return {block_.get(), size_}; }
    [[nodiscard]] ByteView view() const { return {block_.get(), size_}; }
    [[nodiscard]] std::byte* data() { return block_.get(); }
    [[nodiscard]] std::size_t size() const { return size_; }
    // Gives the block away as immutable; this becomes empty. `count`: how much of it is used.
    [[nodiscard]] BufferSlice freeze(std::size_t count) && {
        SEALANE_ASSERT(count <= size_);
        std::shared_ptr<const std::byte[]> owner = std::move(block_);
        const ByteView used(owner.get(), count);
        size_ = 0;
        return {std::move(owner), used};
    }
    [[nodiscard]] BufferSlice freeze() && { return std::move(*this).freeze(size_); }

 private:
    std::shared_ptr<std::byte[]> block_;
    std::size_t size_ = 0;
};

// Several slices sent or stored as one run of bytes, without joining them.
class BufferChain {
 public:
    BufferChain() = default;
    BufferChain(BufferSlice slice) { append(std::move(slice)); }
    void append(BufferSlice slice) {
        if (slice.empty()) return;
        size_ += slice.size();
        slices_.push_back(std::move(slice));
    }
    void append(const BufferChain& other) {
        for (const BufferSlice& slice : other.slices_) append(slice);
    }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] const std::vector<BufferSlice>& slices() const { return slices_; }
    // All bytes in one slice; free when there is only one.
    [[nodiscard]] BufferSlice joined() const;

 private:
    std::vector<BufferSlice> slices_;
    std::size_t size_ = 0;
};

// Grows while bytes are appended; then frozen. For encoders.
class ByteWriter {
 public:
    explicit ByteWriter(std::size_t expected_size = 256) { bytes_.reserve(expected_size); }
    void append(ByteView bytes) { bytes_.append(as_text(bytes)); }
    void append_zeros(std::size_t count) { bytes_.append(count, '\0'); }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    [[nodiscard]] MutableByteView view() {
        return std::as_writable_bytes(std::span(bytes_.data(), bytes_.size()));
    }
    [[nodiscard]] BufferSlice freeze() &&;

 private:
    std::string bytes_;
};

}  // namespace sealane
