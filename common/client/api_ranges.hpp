#pragma once
// ApiRanges: the versions of each API that one broker said it serves, and the choice among them
// (KIP-35): the highest that both sides know.

#include "common/base/result.hpp"
#include "common/kafka/codec/schema.hpp"
#include "common/kafka/messages/api_versions.hpp"

#include <map>

namespace sealane::client {

class ApiRanges {
 public:
    ApiRanges() = default;
    explicit ApiRanges(const kafka::ApiVersionsResponse& answer);

    // The version for a request whose messages exist in `ours`, not above `cap`. kUnsupported-
    // Version names the API and both ranges.
    [[nodiscard]] Result<std::int16_t> choose(
        const kafka::MessageSchema& request, std::int16_t cap = INT16_MAX
    ) const;
    // The range the broker advertises, nothing when it does not serve the API.
    [[nodiscard]] std::optional<kafka::VersionRange> advertised(kafka::ApiKey key) const;
    [[nodiscard]] const std::map<std::int16_t, kafka::VersionRange>& all() const { return ranges_; }

 private:
    std::map<std::int16_t, kafka::VersionRange> ranges_;
};

}  // namespace sealane::client
