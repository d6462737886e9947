#pragma once
// The one place where errors become Kafka's wire codes: ours to Kafka's, and codes that an old
// version of an API does not know to one that it does (client quirks, error downgrades).

#include "common/base/result.hpp"
#include "common/kafka/codec/api_key.hpp"

#include <optional>
#include <string>

namespace sealane::broker {

// A code that may stand in a response; kUnknownServerError for what has no better one.
[[nodiscard]] ErrorCode wire_code(ErrorCode code);
[[nodiscard]] inline ErrorCode wire_code(const Error& error) {
    return wire_code(error.code());
}

// The same, in a version of an API.
[[nodiscard]] ErrorCode wire_code(ErrorCode code, kafka::ApiKey api, std::int16_t version);

// The words for an error_message field; none when there are none.
[[nodiscard]] std::optional<std::string> wire_message(const Error& error);

}  // namespace sealane::broker
