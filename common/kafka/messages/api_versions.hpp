#pragma once
// ApiVersions (KIP-35, KIP-511): which APIs a broker serves. The response to a version that the
// broker does not know is written in version 0; its response header is always version 0.

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct ApiVersionsResponse;

struct ApiVersionsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("ApiVersionsRequest", ApiKey::kApiVersions);
    using Response = ApiVersionsResponse;

    std::string client_software_name;
    std::string client_software_version;
    std::optional<std::string> cluster_id;
    BrokerId node_id = kNoBroker;

    static void fields(auto& io, auto& m) {
        io.field("ClientSoftwareName", m.client_software_name, Since{3}, kIgnorable);
        io.field("ClientSoftwareVersion", m.client_software_version, Since{3}, kIgnorable);
        io.field("ClusterId", m.cluster_id, Since{5}, NullableSince{5}, kIgnorable);
        io.field("NodeId", m.node_id, Since{5}, kIgnorable);
    }
    friend bool operator==(const ApiVersionsRequest&, const ApiVersionsRequest&) = default;
};

struct ApiVersionsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("ApiVersionsResponse", ApiKey::kApiVersions);

    struct ApiVersion {
        std::int16_t api_key = 0;
        std::int16_t min_version = 0;
        std::int16_t max_version = 0;

        static void fields(auto& io, auto& m) {
            io.field("ApiKey", m.api_key, Since{0});
            io.field("MinVersion", m.min_version, Since{0});
            io.field("MaxVersion", m.max_version, Since{0});
        }
        friend bool operator==(const ApiVersion&, const ApiVersion&) = default;
    };

    struct SupportedFeatureKey {
        std::string name;
        std::int16_t min_version = 0;
        std::int16_t max_version = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{3});
            io.field("MinVersion", m.min_version, Since{3});
            io.field("MaxVersion", m.max_version, Since{3});
        }
        friend bool operator==(const SupportedFeatureKey&, const SupportedFeatureKey&) = default;
    };

    struct FinalizedFeatureKey {
        std::string name;
        std::int16_t max_version_level = 0;
        std::int16_t min_version_level = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{3});
            io.field("MaxVersionLevel", m.max_version_level, Since{3});
            io.field("MinVersionLevel", m.min_version_level, Since{3});
        }
        friend bool operator==(const FinalizedFeatureKey&, const FinalizedFeatureKey&) = default;
    };

    ErrorCode error_code = ErrorCode::kNone;
    std::vector<ApiVersion> api_keys;
    std::int32_t throttle_time_ms = 0;
    std::vector<SupportedFeatureKey> supported_features;
    std::int64_t finalized_features_epoch = -1;
    std::vector<FinalizedFeatureKey> finalized_features;
    bool zk_migration_ready = false;

    static void fields(auto& io, auto& m) {
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ApiKeys", m.api_keys, Since{0});
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{1});
        io.field("SupportedFeatures", m.supported_features, Since{3}, Tagged{0});
        io.field("FinalizedFeaturesEpoch", m.finalized_features_epoch, Since{3}, Tagged{1});
        io.field("FinalizedFeatures", m.finalized_features, Since{3}, Tagged{2});
        io.field("ZkMigrationReady", m.zk_migration_ready, Since{3}, Tagged{3});
    }
    friend bool operator==(const ApiVersionsResponse&, const ApiVersionsResponse&) = default;
};

}  // namespace sealane::kafka
