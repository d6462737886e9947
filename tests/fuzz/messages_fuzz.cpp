// Goal: no bytes from the network harm a decoder, and what decodes can be encoded and read again.
// Method: the first two bytes choose message and version, the rest is decoded; if that succeeds,
// the encoding of the result must decode to the same encoding.

#include "tests/golden/messages_under_test.hpp"

#include <cstdint>

namespace {

using namespace sealane;
using namespace sealane::kafka::testing;

void check(const MessageUnderTest& message, std::int16_t version, const BufferSlice& bytes) {
    const Result<BufferSlice> once = message.reencode(bytes, version);
    if (!once) return;
    const Result<BufferSlice> twice = message.reencode(*once, version);
    SEALANE_ASSERT(twice.has_value());
    SEALANE_ASSERT(*once == *twice);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto& messages = messages_under_test();
    const MessageUnderTest& message = messages[data[0] % messages.size()];
    const kafka::VersionRange versions = message.schema.versions;
    const int count = versions.last - versions.first + 1;
    const auto version = static_cast<std::int16_t>(versions.first + data[1] % count);
    const std::span rest(data + 2, size - 2);
    // A block of its own, so that the address sanitizer sees a read beyond the end.
    MutableBuffer block(rest.size());
    std::ranges::copy(std::as_bytes(rest), block.view().begin());
    check(message, version, std::move(block).freeze());
    return 0;
}
