#pragma once
// Reads the primitive values of the Kafka protocol from a slice. Every read checks what is left
// first. After the first failure nothing is left any more, so all later reads fail at once and
// change nothing: callers need not test after each.

#include "common/base/buffer.hpp"
#include "common/base/endian.hpp"
#include "common/base/varint.hpp"
#include "common/kafka/codec/failure.hpp"

#include <cstdint>
#include <limits>
#include <string_view>

namespace sealane::kafka {

inline constexpr std::size_t kMaxStringBytes = 32'767;

class ByteSource {
 public:
    explicit ByteSource(const BufferSlice& bytes)
        : bytes_(bytes), cursor_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - cursor_); }
    [[nodiscard]] std::size_t consumed() const {
        return static_cast<std::size_t>(cursor_ - bytes_.data());
    }
    [[nodiscard]] bool failed() const { return static_cast<bool>(failure_); }
    [[nodiscard]] Failure& failure() { return failure_; }

    template <std::integral T>
    [[nodiscard]] T number(const char* field) {
        if (left() < sizeof(T)) [[unlikely]] {
            fail_short(field, sizeof(T));
            return T{};
        }
        const T value = load_be<T>(cursor_);
        cursor_ += sizeof(T);
        return value;
    }
    [[nodiscard]] std::uint32_t uvarint(const char* field) {
        if (cursor_ != end_ && *cursor_ < std::byte{0x80}) [[likely]] {
            return std::to_integer<std::uint32_t>(*cursor_++);
        }
        return long_uvarint(field);
    }
    // Moves over `count` bytes and gives their start; nullptr when fewer are left.
    [[nodiscard]] const std::byte* take(const char* field, std::size_t count) {
        if (left() < count) [[unlikely]] {
            fail_short(field, count);
            return nullptr;
        }
        const std::byte* start = cursor_;
        cursor_ += count;
        return start;
    }
    // A part of the input that keeps the input's block alive.
    [[nodiscard]] BufferSlice take_slice(const char* field, std::size_t count) {
        const std::size_t first = consumed();
        return take(field, count) == nullptr ? BufferSlice() : bytes_.slice(first, count);
    }
    // Hides everything behind the next `count` bytes (which are there) and returns the old end.
    [[nodiscard]] const std::byte* narrow(std::size_t count) {
        const std::byte* old_end = end_;
        end_ = cursor_ + count;
        return old_end;
    }
    void widen(const std::byte* old_end) {
        if (!failed()) end_ = old_end;
    }

    void fail(ErrorCode code, const char* field, std::string what);
    void fail_short(const char* field, std::size_t needed);

 private:
    [[nodiscard]] std::uint32_t long_uvarint(const char* field);

    const BufferSlice& bytes_;
    const std::byte* cursor_;
    const std::byte* end_;
    Failure failure_;
};

}  // namespace sealane::kafka
