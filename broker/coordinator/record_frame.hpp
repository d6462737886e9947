#pragma once
// Keys and values of coordinators' topics: an int16 (the record's type in a key, the version in a
// value) before a message of the protocol.

#include "common/base/buffer.hpp"
#include "common/base/endian.hpp"
#include "common/base/result.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstring>

namespace sealane::broker {

template <class M>
[[nodiscard]] Result<BufferSlice> framed(std::int16_t number, const M& body, std::int16_t version) {
    SEALANE_TRY(const BufferSlice encoded, kafka::encode(body, version));
    MutableBuffer bytes(sizeof number + encoded.size());
    store_be(bytes.data(), number);
    if (!encoded.empty()) std::memcpy(bytes.data() + sizeof number, encoded.data(), encoded.size());
    return std::move(bytes).freeze();
}

struct Framed {
    std::int16_t number = 0;
    BufferSlice body;
};
// kMalformed: shorter than its number.
[[nodiscard]] inline Result<Framed> unframed(const BufferSlice& bytes) {
    if (bytes.size() < sizeof(std::int16_t))
        return fail(ErrorCode::kMalformed, "coordinator record shorter than its version");
    return Framed{load_be<std::int16_t>(bytes.data()), bytes.from(sizeof(std::int16_t))};
}

}  // namespace sealane::broker
