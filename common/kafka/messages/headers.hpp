#pragma once
// What stands before every request and response, and the principal that an Envelope carries. Use
// frame.hpp to read and write headers in their right versions.

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct RequestHeader {
    static constexpr MessageSchema kSchema{"RequestHeader", MessageKind::kHeader, -1, {0, 2}, 2};

    std::int16_t request_api_key = 0;
    std::int16_t request_api_version = 0;
    std::int32_t correlation_id = 0;
    std::optional<std::string> client_id{std::in_place};

    static void fields(auto& io, auto& m) {
        io.field("RequestApiKey", m.request_api_key, Since{0});
        io.field("RequestApiVersion", m.request_api_version, Since{0});
        io.field("CorrelationId", m.correlation_id, Since{0});
        io.field("ClientId", m.client_id, Since{1}, NullableSince{1}, kNeverFlexible);
    }
    friend bool operator==(const RequestHeader&, const RequestHeader&) = default;
};

struct ResponseHeader {
    static constexpr MessageSchema kSchema{"ResponseHeader", MessageKind::kHeader, -1, {0, 1}, 1};

    std::int32_t correlation_id = 0;

    static void fields(auto& io, auto& m) { io.field("CorrelationId", m.correlation_id, Since{0}); }
    friend bool operator==(const ResponseHeader&, const ResponseHeader&) = default;
};

struct DefaultPrincipalData {
    static constexpr MessageSchema kSchema{
        "DefaultPrincipalData", MessageKind::kData, -1, {0, 0}, 0
    };

    std::string type;
    std::string name;
    bool token_authenticated = false;

    static void fields(auto& io, auto& m) {
        io.field("Type", m.type, Since{0});
        io.field("Name", m.name, Since{0});
        io.field("TokenAuthenticated", m.token_authenticated, Since{0});
    }
    friend bool operator==(const DefaultPrincipalData&, const DefaultPrincipalData&) = default;
};

}  // namespace sealane::kafka
