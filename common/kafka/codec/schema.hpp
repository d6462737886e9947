#pragma once
// What a message says about itself: name, kind, number, versions. Every top-level message has a
// member `static constexpr MessageSchema kSchema`, every request also a type `Response`.

#include "common/kafka/codec/api_key.hpp"
#include "common/kafka/codec/field_spec.hpp"

#include <cstdint>
#include <string_view>

namespace sealane::kafka {

enum class MessageKind : std::uint8_t {
    kHeader,
    kRequest,
    kResponse,
    kData,              // contents of records and files: consumer protocol, control records
    kMetadata,          // records of the metadata log
    kCoordinatorKey,    // keys and values of records of internal topics; the int16 that stands
    kCoordinatorValue,  // before them (record type, value version) is not part of the message
};

inline constexpr std::int16_t kNoFlexibleVersion = kLastVersion;

struct MessageSchema {
    std::string_view name;
    MessageKind kind = MessageKind::kData;
    std::int16_t number = -1;  // API key of requests and responses, type of records, or -1
    VersionRange versions;     // what decode and encode accept
    std::int16_t flexible_since = kNoFlexibleVersion;

    [[nodiscard]] constexpr bool flexible(std::int16_t version) const {
        return version >= flexible_since;
    }
};

// The schema of a request or response: versions and flexibility come from the table of APIs.
[[nodiscard]] constexpr MessageSchema request_schema(std::string_view name, ApiKey key) {
    const ApiInfo info = *find_api(static_cast<std::int16_t>(key));
    const VersionRange versions{info.first_version, info.last_version};
    return {
        name, MessageKind::kRequest, static_cast<std::int16_t>(key), versions, info.flexible_since
    };
}
[[nodiscard]] constexpr MessageSchema response_schema(std::string_view name, ApiKey key) {
    MessageSchema schema = request_schema(name, key);
    schema.kind = MessageKind::kResponse;
    return schema;
}

// The facts of one API by its request type.
template <class Request>
struct ApiTraits {
    using Response = typename Request::Response;
    static_assert(Request::kSchema.number == Response::kSchema.number);
    static_assert(Request::kSchema.versions == Response::kSchema.versions);
    static constexpr ApiKey kKey{Request::kSchema.number};
    static constexpr std::int16_t kMinVersion = Request::kSchema.versions.first;
    static constexpr std::int16_t kMaxVersion = Request::kSchema.versions.last;
    static constexpr std::int16_t kFlexibleSince = Request::kSchema.flexible_since;
};

}  // namespace sealane::kafka
