#pragma once
// The definitions behind codec.hpp. Included only by the .cpp file of a message family, which then
// says `template struct MessageCodec<X>;` for each of its messages.

#include "common/kafka/codec/codec.hpp"
#include "common/kafka/codec/decoder.hpp"
#include "common/kafka/codec/encoder.hpp"
#include "common/kafka/codec/printer.hpp"

namespace sealane::kafka {

// "X has no version 7".
[[nodiscard]] Error no_such_version(const MessageSchema& schema, std::int16_t version);
// A guess of the encoded size of an ordinary message; the sink grows if it is too small.
inline constexpr std::size_t kExpectedMessageBytes = 512;

template <class M>
Result<M> MessageCodec<M>::decode_from(BufferSlice& bytes, std::int16_t version) {
    constexpr const MessageSchema& kSchema = M::kSchema;
    if (!kSchema.versions.has(version)) return fail(no_such_version(kSchema, version));
    Result<M> message(std::in_place);
    Decoder decoder(bytes, version, kSchema.flexible(version));
    decoder.body(*message);
    ByteSource& source = decoder.source();
    if (source.failed()) return fail(source.failure().error(kSchema, version));
    bytes = bytes.from(source.consumed());
    return message;
}

template <class M>
Status encode_into(ByteSink& sink, const M& message, std::int16_t version, Encoder::Slices slices) {
    constexpr const MessageSchema& kSchema = M::kSchema;
    if (!kSchema.versions.has(version)) return fail(no_such_version(kSchema, version));
    const bool strict = kSchema.kind == MessageKind::kRequest;
    Encoder encoder({version, kSchema.flexible(version), strict, slices}, sink);
    encoder.body(message);
    if (encoder.failure()) return fail(encoder.failure().error(kSchema, version));
    return {};
}

template <class M>
Result<BufferSlice> MessageCodec<M>::encode(const M& message, std::int16_t version) {
    ByteSink sink(kExpectedMessageBytes);
    SEALANE_CHECK(encode_into(sink, message, version, Encoder::Slices::kCopy));
    return std::move(sink).joined();
}

template <class M>
Result<BufferChain> MessageCodec<M>::encode_chain(const M& message, std::int16_t version) {
    ByteSink sink(kExpectedMessageBytes);
    SEALANE_CHECK(encode_into(sink, message, version, Encoder::Slices::kRefer));
    return std::move(sink).chain();
}

template <class M>
Result<BufferChain> MessageCodec<M>::encode_framed(
    ByteView header, const M& message, std::int16_t version
) {
    ByteSink sink(kExpectedMessageBytes);
    sink.number(std::int32_t{0});
    sink.bytes(header);
    SEALANE_CHECK(encode_into(sink, message, version, Encoder::Slices::kRefer));
    return std::move(sink).framed_chain();
}

template <class M>
std::string MessageCodec<M>::to_json(const M& message, std::int16_t version, Secrets secrets) {
    Printer printer(version, secrets);
    printer.body(message);
    return std::move(printer).take();
}

}  // namespace sealane::kafka
