#include "common/kafka/codec/encoder.hpp"

#include "common/kafka/codec/byte_source.hpp"

namespace sealane::kafka {

// Writes the count of an array or of bytes; false when it is too large.
bool Encoder::length(const char* name, std::size_t count) {
    if (count >= static_cast<std::size_t>(INT32_MAX)) {
        fail(name, "is too long");
        return false;
    }
    if (options_.flexible) {
        sink_.uvarint(static_cast<std::uint32_t>(count + 1));
    } else {
        sink_.number(static_cast<std::int32_t>(count));
    }
    return true;
}

void Encoder::text(const char* name, std::string_view value, bool flexible) {
    if (value.size() > kMaxStringBytes) return fail(name, "is longer than 32767 bytes");
    if (flexible) {
        sink_.uvarint(static_cast<std::uint32_t>(value.size() + 1));
    } else {
        sink_.number(static_cast<std::int16_t>(value.size()));
    }
    sink_.bytes(as_bytes(value));
}

void Encoder::slice(const char* name, const BufferSlice& value) {
    if (!length(name, value.size())) return;
    if (options_.slices == Slices::kRefer && value.size() >= ByteSink::kReferenceBytes) {
        sink_.refer(value);
    } else {
        sink_.bytes(value.view());
    }
}

void Encoder::fail(const char* name, const char* what) {
    failure_.set(ErrorCode::kInvalidRequest, name, sink_.size(), what);
}

}  // namespace sealane::kafka
