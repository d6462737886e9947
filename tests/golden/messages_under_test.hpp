#pragma once
// All messages behind one set of functions, for tests that treat every message alike: golden
// bytes, round trips, truncation, fuzzing.

#include "common/base/buffer.hpp"
#include "common/base/result.hpp"
#include "common/base/rng.hpp"
#include "common/kafka/codec/schema.hpp"
#include "common/kafka/codec/schema_dump.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sealane::kafka::testing {

struct MessageUnderTest {
    MessageSchema schema;
    // Decodes; nothing else.
    Status (*decodes)(const BufferSlice& bytes, std::int16_t version);
    // Decodes and encodes again.
    Result<BufferSlice> (*reencode)(const BufferSlice& bytes, std::int16_t version);
    // Decodes and prints, secrets shown.
    Result<std::string> (*show)(const BufferSlice& bytes, std::int16_t version);
    // A random message as bytes, after checking that it decodes to an equal message.
    Result<BufferSlice> (*round_trip)(Rng& rng, std::int16_t version);
    std::vector<FieldRow> (*rows)();
};

// In the order of message_families.hpp.
[[nodiscard]] const std::vector<MessageUnderTest>& messages_under_test();
// nullptr when there is no such message.
[[nodiscard]] const MessageUnderTest* find_message(std::string_view name);

void add_data_path(std::vector<MessageUnderTest>& to);
void add_groups(std::vector<MessageUnderTest>& to);
void add_administration(std::vector<MessageUnderTest>& to);
void add_transactions(std::vector<MessageUnderTest>& to);
void add_quorum(std::vector<MessageUnderTest>& to);

}  // namespace sealane::kafka::testing
