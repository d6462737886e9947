#pragma once
// Messages to bytes and back. A message is a struct for all versions of one Kafka message with
// `static void fields(auto& io, auto& m)`, which names every field once (field_spec.hpp), and
// `static constexpr MessageSchema kSchema`. The code of its codec is compiled once, in the .cpp
// file of its family (instantiate.hpp), never in the files that use it.
//
// Byte rules: Kafka protocol guide and KIP-482 (flexible versions).

#include "common/base/buffer.hpp"
#include "common/base/result.hpp"
#include "common/kafka/codec/field_spec.hpp"
#include "common/kafka/codec/schema.hpp"

#include <cstdint>
#include <string>

namespace sealane::kafka {

// Whether a printer shows fields marked kSecret. `kShow` is for tests.
enum class Secrets : std::uint8_t { kRedact, kShow };

// The compiled functions of one message; use the free functions below instead.
template <class M>
struct MessageCodec {
    static Result<M> decode_from(BufferSlice& bytes, std::int16_t version);
    static Result<BufferSlice> encode(const M& message, std::int16_t version);
    static Result<BufferChain> encode_chain(const M& message, std::int16_t version);
    static Result<BufferChain> encode_framed(
        ByteView header, const M& message, std::int16_t version
    );
    static std::string to_json(const M& message, std::int16_t version, Secrets secrets);
};

// Decodes all of `bytes`. Slices in the message alias the input. Errors: kUnsupportedVersion;
// kMalformed or kOutOfBounds with field path and byte offset, also for bytes left over.
template <class M>
[[nodiscard]] Result<M> decode(BufferSlice bytes, std::int16_t version) {
    Result<M> message = MessageCodec<M>::decode_from(bytes, version);
    if (message && !bytes.empty()) {
        return fail(
            ErrorCode::kMalformed,
            std::string(M::kSchema.name) + ": " + std::to_string(bytes.size()) + " bytes left over"
        );
    }
    return message;
}

// Decodes a message at the start of `bytes` and moves `bytes` behind it (only on success).
template <class M>
[[nodiscard]] Result<M> decode_prefix(BufferSlice& bytes, std::int16_t version) {
    return MessageCodec<M>::decode_from(bytes, version);
}

// Errors: kUnsupportedVersion; kInvalidRequest when a value has no place in this version (a null
// where none is allowed; in requests also a field that is not there and not kIgnorable) or is
// too long. An ErrorCode that may not appear on the wire is written as UNKNOWN_SERVER_ERROR.
template <class M>
[[nodiscard]] Result<BufferSlice> encode(const M& message, std::int16_t version) {
    return MessageCodec<M>::encode(message, version);
}

// Like encode, but large byte fields (record batches) are referenced instead of copied.
template <class M>
[[nodiscard]] Result<BufferChain> encode_chain(const M& message, std::int16_t version) {
    return MessageCodec<M>::encode_chain(message, version);
}

// Like encode_chain, with the int32 size of what follows and `header` before the message.
// frame_request and frame_response (messages/frame.hpp) write the right header.
template <class M>
[[nodiscard]] Result<BufferChain> encode_framed(
    ByteView header, const M& message, std::int16_t version
) {
    return MessageCodec<M>::encode_framed(header, message, version);
}

// The fields of this version as one line of JSON: 64-bit numbers as strings, bytes and uuids in
// hex (long bytes cut short), tagged fields only where they differ from their default.
template <class M>
[[nodiscard]] std::string to_json(
    const M& message, std::int16_t version, Secrets secrets = Secrets::kRedact
) {
    return MessageCodec<M>::to_json(message, version, secrets);
}

}  // namespace sealane::kafka
