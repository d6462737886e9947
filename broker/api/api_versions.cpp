// ApiVersions (KIP-35, KIP-511): what this broker serves, to whom. A version that is not served is
// answered in version 0 with UNSUPPORTED_VERSION and our own range (the body is not read).

#include "common/kafka/messages/api_versions.hpp"

#include "broker/api/handlers.hpp"
#include "broker/api/services.hpp"
#include "broker/metadata/feature_decisions.hpp"

#include <algorithm>

namespace sealane::broker {

using kafka::ApiVersionsRequest;
using kafka::ApiVersionsResponse;
using runtime::Task;

namespace {

constexpr auto kKey = static_cast<std::int16_t>(kafka::ApiKey::kApiVersions);
const ServedVersions kServed{0, 5};
constexpr std::int16_t kFeaturesSince = 3;
constexpr std::int16_t kZeroLevelsSince = 4;

bool alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// [a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?
bool legal_software(std::string_view text) {
    return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
           std::ranges::all_of(text, [](char c) {
               return alphanumeric(c) || c == '-' || c == '.';
           });
}

ErrorCode check(const ApiVersionsRequest& request, const Services& services, std::int16_t version) {
    if (version >= 3 && !(legal_software(request.client_software_name) &&
                          legal_software(request.client_software_version))) {
        return ErrorCode::kInvalidRequest;
    }
    if (version >= 5) {
        const bool has_node = request.node_id != kNoBroker;
        if (request.cluster_id.has_value() != has_node) return ErrorCode::kInvalidRequest;
        if (has_node && (*request.cluster_id != services.cluster_id ||
                         request.node_id != services.config.node_id)) {
            return ErrorCode::kRebootstrapRequired;
        }
    }
    return ErrorCode::kNone;
}

ApiVersionsResponse::ApiVersion row(
    std::int16_t key, const ServedVersions& versions, bool to_node = false
) {
    ApiVersionsResponse::ApiVersion row;
    row.api_key = key;
    row.min_version = versions.advertised_min;
    row.max_version = to_node ? versions.max : versions.clients_max;
    return row;
}

// What clients look at before they use newer protocols (KIP-584).
void add_features(const Services& services, std::int16_t version, ApiVersionsResponse& response) {
    const auto image = services.metadata.image();
    if (image == nullptr) return;
    // Clients of version 3 do not understand levels that begin at 0 (KAFKA-17011).
    if (version >= kZeroLevelsSince) {
        for (const KnownFeature& feature : kKnownFeatures) {
            auto& supported = response.supported_features.emplace_back();
            supported.name = feature.name;
            supported.min_version = feature.min;
            supported.max_version = feature.max;
        }
    }
    response.finalized_features_epoch = services.metadata.applied().value;
    for (const auto& [name, level] : image->features()) {
        if (level == 0) continue;
        auto& finalized = response.finalized_features.emplace_back();
        finalized.name = name;
        finalized.max_version_level = level;
        finalized.min_version_level = level;
    }
}

BufferChain unsupported_version() {
    ApiVersionsResponse response;
    response.error_code = ErrorCode::kUnsupportedVersion;
    response.api_keys.push_back(row(kKey, kServed));
    auto body = kafka::encode(response, 0);
    SEALANE_ASSERT(body.has_value());
    return BufferChain(*std::move(body));
}

}  // namespace

void add_api_versions(ApiRegistry& registry, Services& services) {
    registry.add<ApiVersionsRequest>(
        kServed,
        [&services](
            RequestContext context, ApiVersionsRequest request
        ) -> Task<Reply<ApiVersionsResponse>> {
            ApiVersionsResponse response;
            response.error_code = check(request, services, context.api_version);
            if (response.error_code == ErrorCode::kNone) {
                for (const auto& [key, api] : services.registry.entries()) {
                    if (!api.allows(context.private_apis, context.cluster_action)) continue;
                    response.api_keys.push_back(row(key, api.versions, context.cluster_action));
                }
                if (context.api_version >= kFeaturesSince)
                    add_features(services, context.api_version, response);
            }
            co_return response;
        }
    );
    registry.answer_unsupported(kKey, unsupported_version);
}

}  // namespace sealane::broker
