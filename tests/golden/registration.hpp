#pragma once
// Makes registry entries from the families' lists; included by the registry's parts only.

#include "common/kafka/codec/generator.hpp"
#include "tests/golden/message_families.hpp"
#include "tests/golden/messages_under_test.hpp"

namespace sealane::kafka::testing {

template <class M>
Result<BufferSlice> reencode(const BufferSlice& bytes, std::int16_t version) {
    SEALANE_TRY(const M message, decode<M>(bytes, version));
    return encode(message, version);
}

template <class M>
Result<BufferSlice> round_trip(Rng& rng, std::int16_t version) {
    const M message = generate<M>(rng, version);
    SEALANE_TRY(BufferSlice bytes, encode(message, version));
    SEALANE_TRY(const M again, decode<M>(bytes, version));
    if (again == message) return bytes;
    return fail(
        ErrorCode::kCorrupt,
        to_json(message, version, Secrets::kShow) + " became " +
            to_json(again, version, Secrets::kShow)
    );
}

template <class M>
MessageUnderTest message_under_test() {
    return {
        .schema = M::kSchema,
        .decodes = [](const BufferSlice& bytes, std::int16_t version) -> Status {
            SEALANE_CHECK(decode<M>(bytes, version));
            return {};
        },
        .reencode = reencode<M>,
        .show = [](const BufferSlice& bytes, std::int16_t version) -> Result<std::string> {
            SEALANE_TRY(const M message, decode<M>(bytes, version));
            return to_json(message, version, Secrets::kShow);
        },
        .round_trip = round_trip<M>,
        .rows = schema_of<M>,
    };
}

template <class... M>
void add(std::vector<MessageUnderTest>& to, MessageList<M...>) {
    (to.push_back(message_under_test<M>()), ...);
}

}  // namespace sealane::kafka::testing
