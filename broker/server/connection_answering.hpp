#pragma once
// Inner header of Connection: which reply an answer belongs to.

#include "broker/server/connection.hpp"

namespace sealane::broker {

struct Connection::Answering {
    ReplyQueue::Place place = 0;
    std::int16_t key = 0;
    std::int16_t version = 0;
    std::int32_t correlation = 0;

    [[nodiscard]] BufferChain framed(const BufferChain& body) const;
};

// SaslHandshake and SaslAuthenticate: on listeners with SASL the connection answers them itself.
[[nodiscard]] constexpr bool is_sasl(std::int16_t key) {
    return kafka::ApiKey{key} == kafka::ApiKey::kSaslHandshake ||
           kafka::ApiKey{key} == kafka::ApiKey::kSaslAuthenticate;
}

}  // namespace sealane::broker
