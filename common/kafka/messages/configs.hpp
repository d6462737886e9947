#pragma once
// DescribeConfigs (KIP-133, KIP-569), AlterConfigs, IncrementalAlterConfigs (KIP-339),
// ListConfigResources (KIP-1142).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct DescribeConfigsResponse;
struct AlterConfigsResponse;
struct IncrementalAlterConfigsResponse;
struct ListConfigResourcesResponse;

struct DescribeConfigsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("DescribeConfigsRequest", ApiKey::kDescribeConfigs);
    using Response = DescribeConfigsResponse;

    struct DescribeConfigsResource {
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::optional<std::vector<std::string>> configuration_keys{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("ResourceType", m.resource_type, Since{0});
            io.field("ResourceName", m.resource_name, Since{0});
            io.field("ConfigurationKeys", m.configuration_keys, Since{0}, NullableSince{0});
        }
        friend bool operator==(const DescribeConfigsResource&, const DescribeConfigsResource&) =
            default;
    };

    std::vector<DescribeConfigsResource> resources;
    bool include_synonyms = false;
    bool include_documentation = false;

    static void fields(auto& io, auto& m) {
        io.field("Resources", m.resources, Since{0});
        io.field("IncludeSynonyms", m.include_synonyms, Since{1});
        io.field("IncludeDocumentation", m.include_documentation, Since{3});
    }
    friend bool operator==(const DescribeConfigsRequest&, const DescribeConfigsRequest&) = default;
};

struct DescribeConfigsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("DescribeConfigsResponse", ApiKey::kDescribeConfigs);

    struct DescribeConfigsSynonym {
        std::string name;
        std::optional<std::string> value{std::in_place};
        std::int8_t source = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{1});
            io.field("Value", m.value, Since{1}, NullableSince{1});
            io.field("Source", m.source, Since{1});
        }
        friend bool operator==(const DescribeConfigsSynonym&, const DescribeConfigsSynonym&) =
            default;
    };

    struct DescribeConfigsResourceResult {
        std::string name;
        std::optional<std::string> value{std::in_place};
        bool read_only = false;
        bool is_default = false;
        std::int8_t config_source = -1;
        bool is_sensitive = false;
        std::vector<DescribeConfigsSynonym> synonyms;
        std::int8_t config_type = 0;
        std::optional<std::string> documentation{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Value", m.value, Since{0}, NullableSince{0});
            io.field("ReadOnly", m.read_only, Since{0});
            io.field("IsDefault", m.is_default, Between{0, 0});
            io.field("ConfigSource", m.config_source, Since{1});
            io.field("IsSensitive", m.is_sensitive, Since{0});
            io.field("Synonyms", m.synonyms, Since{1});
            io.field("ConfigType", m.config_type, Since{3});
            io.field("Documentation", m.documentation, Since{3}, NullableSince{3});
        }
        friend bool
        operator==(const DescribeConfigsResourceResult&, const DescribeConfigsResourceResult&) =
            default;
    };

    struct DescribeConfigsResult {
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::vector<DescribeConfigsResourceResult> configs;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
            io.field("ResourceType", m.resource_type, Since{0});
            io.field("ResourceName", m.resource_name, Since{0});
            io.field("Configs", m.configs, Since{0});
        }
        friend bool operator==(const DescribeConfigsResult&, const DescribeConfigsResult&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<DescribeConfigsResult> results;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("Results", m.results, Since{0});
    }
    friend bool operator==(const DescribeConfigsResponse&, const DescribeConfigsResponse&) =
        default;
};

struct AlterConfigsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("AlterConfigsRequest", ApiKey::kAlterConfigs);
    using Response = AlterConfigsResponse;

    struct AlterableConfig {
        std::string name;
        std::optional<std::string> value{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Value", m.value, Since{0}, NullableSince{0}, kSecret);
        }
        friend bool operator==(const AlterableConfig&, const AlterableConfig&) = default;
    };

    struct AlterConfigsResource {
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::vector<AlterableConfig> configs;

        static void fields(auto& io, auto& m) {
            io.field("ResourceType", m.resource_type, Since{0});
            io.field("ResourceName", m.resource_name, Since{0});
            io.field("Configs", m.configs, Since{0});
        }
        friend bool operator==(const AlterConfigsResource&, const AlterConfigsResource&) = default;
    };

    std::vector<AlterConfigsResource> resources;
    bool validate_only = false;

    static void fields(auto& io, auto& m) {
        io.field("Resources", m.resources, Since{0});
        io.field("ValidateOnly", m.validate_only, Since{0});
    }
    friend bool operator==(const AlterConfigsRequest&, const AlterConfigsRequest&) = default;
};

struct AlterConfigsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("AlterConfigsResponse", ApiKey::kAlterConfigs);

    struct AlterConfigsResourceResponse {
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};
        std::int8_t resource_type = 0;
        std::string resource_name;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
            io.field("ResourceType", m.resource_type, Since{0});
            io.field("ResourceName", m.resource_name, Since{0});
        }
        friend bool
        operator==(const AlterConfigsResourceResponse&, const AlterConfigsResourceResponse&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<AlterConfigsResourceResponse> responses;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("Responses", m.responses, Since{0});
    }
    friend bool operator==(const AlterConfigsResponse&, const AlterConfigsResponse&) = default;
};

struct IncrementalAlterConfigsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("IncrementalAlterConfigsRequest", ApiKey::kIncrementalAlterConfigs);
    using Response = IncrementalAlterConfigsResponse;

    struct AlterableConfig {
        std::string name;
        std::int8_t config_operation = 0;
        std::optional<std::string> value{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("ConfigOperation", m.config_operation, Since{0});
            io.field("Value", m.value, Since{0}, NullableSince{0}, kSecret);
        }
        friend bool operator==(const AlterableConfig&, const AlterableConfig&) = default;
    };

    struct AlterConfigsResource {
        std::int8_t resource_type = 0;
        std::string resource_name;
        std::vector<AlterableConfig> configs;

        static void fields(auto& io, auto& m) {
            io.field("ResourceType", m.resource_type, Since{0});
            io.field("ResourceName", m.resource_name, Since{0});
            io.field("Configs", m.configs, Since{0});
        }
        friend bool operator==(const AlterConfigsResource&, const AlterConfigsResource&) = default;
    };

    std::vector<AlterConfigsResource> resources;
    bool validate_only = false;

    static void fields(auto& io, auto& m) {
        io.field("Resources", m.resources, Since{0});
        io.field("ValidateOnly", m.validate_only, Since{0});
    }
    friend bool
    operator==(const IncrementalAlterConfigsRequest&, const IncrementalAlterConfigsRequest&) =
        default;
};

struct IncrementalAlterConfigsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("IncrementalAlterConfigsResponse", ApiKey::kIncrementalAlterConfigs);

    struct AlterConfigsResourceResponse {
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};
        std::int8_t resource_type = 0;
        std::string resource_name;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
            io.field("ResourceType", m.resource_type, Since{0});
            io.field("ResourceName", m.resource_name, Since{0});
        }
        friend bool
        operator==(const AlterConfigsResourceResponse&, const AlterConfigsResourceResponse&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<AlterConfigsResourceResponse> responses;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("Responses", m.responses, Since{0});
    }
    friend bool
    operator==(const IncrementalAlterConfigsResponse&, const IncrementalAlterConfigsResponse&) =
        default;
};

struct ListConfigResourcesRequest {
    static constexpr MessageSchema kSchema =
        request_schema("ListConfigResourcesRequest", ApiKey::kListConfigResources);
    using Response = ListConfigResourcesResponse;

    std::vector<std::int8_t> resource_types;

    static void fields(auto& io, auto& m) { io.field("ResourceTypes", m.resource_types, Since{1}); }
    friend bool operator==(const ListConfigResourcesRequest&, const ListConfigResourcesRequest&) =
        default;
};

struct ListConfigResourcesResponse {
    static constexpr MessageSchema kSchema =
        response_schema("ListConfigResourcesResponse", ApiKey::kListConfigResources);

    struct ConfigResource {
        std::string resource_name;
        std::int8_t resource_type = 16;

        static void fields(auto& io, auto& m) {
            io.field("ResourceName", m.resource_name, Since{0});
            io.field("ResourceType", m.resource_type, Since{1});
        }
        friend bool operator==(const ConfigResource&, const ConfigResource&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::vector<ConfigResource> config_resources;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ConfigResources", m.config_resources, Since{0});
    }
    friend bool operator==(const ListConfigResourcesResponse&, const ListConfigResourcesResponse&) =
        default;
};

}  // namespace sealane::kafka
