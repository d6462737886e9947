#include "common/kafka/codec/byte_source.hpp"

namespace sealane::kafka {

std::uint32_t ByteSource::long_uvarint(const char* field) {
    const auto read = read_uvarint(ByteView(cursor_, end_), kMaxVarintBytes);
    if (!read) {
        fail(ErrorCode::kMalformed, field, "no unsigned varint of at most 5 bytes");
        return 0;
    }
    cursor_ += read->length;
    return static_cast<std::uint32_t>(read->value);
}

void ByteSource::fail(ErrorCode code, const char* field, std::string what) {
    failure_.set(code, field, consumed(), std::move(what));
    end_ = cursor_;
}

void ByteSource::fail_short(const char* field, std::size_t needed) {
    if (failed()) return;
    fail(
        ErrorCode::kMalformed,
        field,
        "need " + std::to_string(needed) + " bytes, " + std::to_string(left()) + " left"
    );
}

}  // namespace sealane::kafka
