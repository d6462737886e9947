#include "common/client/api_ranges.hpp"

#include "common/base/text.hpp"

#include <algorithm>

namespace sealane::client {
namespace {

std::string text(kafka::VersionRange range) {
    return concat(range.first, "-", range.last);
}

}  // namespace

ApiRanges::ApiRanges(const kafka::ApiVersionsResponse& answer) {
    for (const auto& api : answer.api_keys)
        ranges_[api.api_key] = {api.min_version, api.max_version};
}

Result<std::int16_t> ApiRanges::choose(const kafka::MessageSchema& request, std::int16_t cap)
    const {
    const kafka::ApiKey key{request.number};
    const auto theirs = advertised(key);
    if (!theirs)
        return fail(
            ErrorCode::kUnsupportedVersion, concat("the broker does not serve ", name_of(key))
        );
    const std::int16_t version = std::min({request.versions.last, theirs->last, cap});
    if (version >= request.versions.first && version >= theirs->first) return version;
    return fail(
        ErrorCode::kUnsupportedVersion,
        concat(
            "the broker serves ",
            name_of(key),
            " versions ",
            text(*theirs),
            ", we know ",
            text(request.versions),
            " and may use up to ",
            cap
        )
    );
}

std::optional<kafka::VersionRange> ApiRanges::advertised(kafka::ApiKey key) const {
    const auto found = ranges_.find(static_cast<std::int16_t>(key));
    if (found == ranges_.end()) return std::nullopt;
    return found->second;
}

}  // namespace sealane::client
