#pragma once
// DescribeCluster (KIP-700), DescribeLogDirs (KIP-113), UpdateFeatures (KIP-584), UnregisterBroker
// (KIP-631).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct DescribeClusterResponse;
struct DescribeLogDirsResponse;
struct UpdateFeaturesResponse;
struct UnregisterBrokerResponse;

struct DescribeClusterRequest {
    static constexpr MessageSchema kSchema =
        request_schema("DescribeClusterRequest", ApiKey::kDescribeCluster);
    using Response = DescribeClusterResponse;

    bool include_cluster_authorized_operations = false;
    std::int8_t endpoint_type = 1;
    bool include_fenced_brokers = false;

    static void fields(auto& io, auto& m) {
        io.field(
            "IncludeClusterAuthorizedOperations", m.include_cluster_authorized_operations, Since{0}
        );
        io.field("EndpointType", m.endpoint_type, Since{1});
        io.field("IncludeFencedBrokers", m.include_fenced_brokers, Since{2});
    }
    friend bool operator==(const DescribeClusterRequest&, const DescribeClusterRequest&) = default;
};

struct DescribeClusterResponse {
    static constexpr MessageSchema kSchema =
        response_schema("DescribeClusterResponse", ApiKey::kDescribeCluster);

    struct DescribeClusterBroker {
        BrokerId broker_id{};
        std::string host;
        std::int32_t port = 0;
        std::optional<std::string> rack;
        bool is_fenced = false;

        static void fields(auto& io, auto& m) {
            io.field("BrokerId", m.broker_id, Since{0});
            io.field("Host", m.host, Since{0});
            io.field("Port", m.port, Since{0});
            io.field("Rack", m.rack, Since{0}, NullableSince{0});
            io.field("IsFenced", m.is_fenced, Since{2});
        }
        friend bool operator==(const DescribeClusterBroker&, const DescribeClusterBroker&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message;
    std::int8_t endpoint_type = 1;
    std::string cluster_id;
    BrokerId controller_id = kNoBroker;
    std::vector<DescribeClusterBroker> brokers;
    std::int32_t cluster_authorized_operations = INT32_MIN;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        io.field("EndpointType", m.endpoint_type, Since{1});
        io.field("ClusterId", m.cluster_id, Since{0});
        io.field("ControllerId", m.controller_id, Since{0});
        io.field("Brokers", m.brokers, Since{0});
        io.field("ClusterAuthorizedOperations", m.cluster_authorized_operations, Since{0});
    }
    friend bool operator==(const DescribeClusterResponse&, const DescribeClusterResponse&) =
        default;
};

struct DescribeLogDirsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("DescribeLogDirsRequest", ApiKey::kDescribeLogDirs);
    using Response = DescribeLogDirsResponse;

    struct DescribableLogDirTopic {
        std::string topic;
        std::vector<PartitionId> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Topic", m.topic, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const DescribableLogDirTopic&, const DescribableLogDirTopic&) =
            default;
    };

    std::optional<std::vector<DescribableLogDirTopic>> topics{std::in_place};

    static void fields(auto& io, auto& m) {
        io.field("Topics", m.topics, Since{0}, NullableSince{0});
    }
    friend bool operator==(const DescribeLogDirsRequest&, const DescribeLogDirsRequest&) = default;
};

struct DescribeLogDirsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("DescribeLogDirsResponse", ApiKey::kDescribeLogDirs);

    struct DescribeLogDirsPartition {
        PartitionId partition_index{};
        std::int64_t partition_size = 0;
        std::int64_t offset_lag = 0;
        bool is_future_key = false;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("PartitionSize", m.partition_size, Since{0});
            io.field("OffsetLag", m.offset_lag, Since{0});
            io.field("IsFutureKey", m.is_future_key, Since{0});
        }
        friend bool operator==(const DescribeLogDirsPartition&, const DescribeLogDirsPartition&) =
            default;
    };

    struct DescribeLogDirsTopic {
        std::string name;
        std::vector<DescribeLogDirsPartition> partitions;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const DescribeLogDirsTopic&, const DescribeLogDirsTopic&) = default;
    };

    struct DescribeLogDirsResult {
        ErrorCode error_code = ErrorCode::kNone;
        std::string log_dir;
        std::vector<DescribeLogDirsTopic> topics;
        std::int64_t total_bytes = -1;
        std::int64_t usable_bytes = -1;
        bool is_cordoned = false;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("LogDir", m.log_dir, Since{0});
            io.field("Topics", m.topics, Since{0});
            io.field("TotalBytes", m.total_bytes, Since{4});
            io.field("UsableBytes", m.usable_bytes, Since{4});
            io.field("IsCordoned", m.is_cordoned, Since{5});
        }
        friend bool operator==(const DescribeLogDirsResult&, const DescribeLogDirsResult&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::vector<DescribeLogDirsResult> results;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{3});
        io.field("Results", m.results, Since{0});
    }
    friend bool operator==(const DescribeLogDirsResponse&, const DescribeLogDirsResponse&) =
        default;
};

struct UpdateFeaturesRequest {
    static constexpr MessageSchema kSchema =
        request_schema("UpdateFeaturesRequest", ApiKey::kUpdateFeatures);
    using Response = UpdateFeaturesResponse;

    struct FeatureUpdateKey {
        std::string feature;
        std::int16_t max_version_level = 0;
        bool allow_downgrade = false;
        std::int8_t upgrade_type = 1;

        static void fields(auto& io, auto& m) {
            io.field("Feature", m.feature, Since{0});
            io.field("MaxVersionLevel", m.max_version_level, Since{0});
            io.field("AllowDowngrade", m.allow_downgrade, Between{0, 0});
            io.field("UpgradeType", m.upgrade_type, Since{1});
        }
        friend bool operator==(const FeatureUpdateKey&, const FeatureUpdateKey&) = default;
    };

    std::int32_t timeout_ms = 60000;
    std::vector<FeatureUpdateKey> feature_updates;
    bool validate_only = false;

    static void fields(auto& io, auto& m) {
        io.field("timeoutMs", m.timeout_ms, Since{0});
        io.field("FeatureUpdates", m.feature_updates, Since{0});
        io.field("ValidateOnly", m.validate_only, Since{1});
    }
    friend bool operator==(const UpdateFeaturesRequest&, const UpdateFeaturesRequest&) = default;
};

struct UpdateFeaturesResponse {
    static constexpr MessageSchema kSchema =
        response_schema("UpdateFeaturesResponse", ApiKey::kUpdateFeatures);

    struct UpdatableFeatureResult {
        std::string feature;
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("Feature", m.feature, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        }
        friend bool operator==(const UpdatableFeatureResult&, const UpdatableFeatureResult&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message{std::in_place};
    std::vector<UpdatableFeatureResult> results;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        io.field("Results", m.results, Between{0, 1});
    }
    friend bool operator==(const UpdateFeaturesResponse&, const UpdateFeaturesResponse&) = default;
};

struct UnregisterBrokerRequest {
    static constexpr MessageSchema kSchema =
        request_schema("UnregisterBrokerRequest", ApiKey::kUnregisterBroker);
    using Response = UnregisterBrokerResponse;

    BrokerId broker_id{};

    static void fields(auto& io, auto& m) { io.field("BrokerId", m.broker_id, Since{0}); }
    friend bool operator==(const UnregisterBrokerRequest&, const UnregisterBrokerRequest&) =
        default;
};

struct UnregisterBrokerResponse {
    static constexpr MessageSchema kSchema =
        response_schema("UnregisterBrokerResponse", ApiKey::kUnregisterBroker);

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message{std::in_place};

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
    }
    friend bool operator==(const UnregisterBrokerResponse&, const UnregisterBrokerResponse&) =
        default;
};

}  // namespace sealane::kafka
