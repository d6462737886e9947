#include "common/kafka/codec/decoder.hpp"

namespace sealane::kafka {

namespace {

// Reads a length: as unsigned varint of length + 1 in flexible versions (0: null), else as a
// signed number (-1: null). Nothing when it is null or when reading failed.
template <std::signed_integral Legacy>
std::optional<std::size_t> read_length(
    ByteSource& source, const char* name, bool flexible, bool nullable
) {
    std::int64_t length = 0;
    if (flexible) {
        length = std::int64_t{source.uvarint(name)} - 1;
    } else {
        length = source.number<Legacy>(name);
    }
    if (source.failed()) return std::nullopt;
    if (length >= 0) [[likely]]
        return static_cast<std::size_t>(length);
    if (length < -1) {
        source.fail(ErrorCode::kMalformed, name, "length " + std::to_string(length));
    } else if (!nullable) {
        source.fail(ErrorCode::kMalformed, name, "null where a value is required");
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::size_t> Decoder::count(
    const char* name, std::size_t element_bytes, bool nullable
) {
    const auto elements = read_length<std::int32_t>(source_, name, flexible_, nullable);
    if (!elements) return std::nullopt;
    if (*elements > source_.left() / element_bytes) [[unlikely]] {
        source_.fail(
            ErrorCode::kOutOfBounds,
            name,
            std::to_string(*elements) + " elements in " + std::to_string(source_.left()) + " bytes"
        );
        return std::nullopt;
    }
    return elements;
}

bool Decoder::text(const char* name, std::string& out, bool flexible, bool nullable) {
    const auto length = read_length<std::int16_t>(source_, name, flexible, nullable);
    if (!length) return source_.failed();
    if (*length > kMaxStringBytes) {
        source_.fail(
            ErrorCode::kOutOfBounds, name, "string of " + std::to_string(*length) + " bytes"
        );
        return true;
    }
    const std::byte* from = source_.take(name, *length);
    if (from != nullptr) out.assign(as_text({from, *length}));
    return true;
}

bool Decoder::slice(const char* name, BufferSlice& out, bool nullable) {
    const auto length = read_length<std::int32_t>(source_, name, flexible_, nullable);
    if (!length) return source_.failed();
    out = source_.take_slice(name, *length);
    return true;
}

}  // namespace sealane::kafka
