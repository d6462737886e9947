#pragma once
// Between brokers and the controller (KIP-631): AlterPartition (KIP-497), BrokerRegistration,
// BrokerHeartbeat, ControllerRegistration, Envelope (KIP-590).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct AlterPartitionResponse;
struct BrokerRegistrationResponse;
struct BrokerHeartbeatResponse;
struct ControllerRegistrationResponse;
struct EnvelopeResponse;
struct AssignReplicasToDirsResponse;

struct AlterPartitionRequest {
    static constexpr MessageSchema kSchema =
        request_schema("AlterPartitionRequest", ApiKey::kAlterPartition);
    using Response = AlterPartitionResponse;

    struct BrokerState {
        BrokerId broker_id{};
        std::int64_t broker_epoch = -1;

        static void fields(auto& io, auto& m) {
            io.field("BrokerId", m.broker_id, Since{3});
            io.field("BrokerEpoch", m.broker_epoch, Since{3});
        }
        friend bool operator==(const BrokerState&, const BrokerState&) = default;
    };

    struct PartitionData {
        PartitionId partition_index{};
        LeaderEpoch leader_epoch{};
        std::vector<BrokerId> new_isr;
        std::vector<BrokerState> new_isr_with_epochs;
        std::int8_t leader_recovery_state = 0;
        std::int32_t partition_epoch = 0;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{0});
            io.field("NewIsr", m.new_isr, Between{0, 2});
            io.field("NewIsrWithEpochs", m.new_isr_with_epochs, Since{3});
            io.field("LeaderRecoveryState", m.leader_recovery_state, Since{1});
            io.field("PartitionEpoch", m.partition_epoch, Since{0});
        }
        friend bool operator==(const PartitionData&, const PartitionData&) = default;
    };

    struct TopicData {
        Uuid topic_id;
        std::vector<PartitionData> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicId", m.topic_id, Since{2});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicData&, const TopicData&) = default;
    };

    BrokerId broker_id{};
    std::int64_t broker_epoch = -1;
    std::vector<TopicData> topics;

    static void fields(auto& io, auto& m) {
        io.field("BrokerId", m.broker_id, Since{0});
        io.field("BrokerEpoch", m.broker_epoch, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const AlterPartitionRequest&, const AlterPartitionRequest&) = default;
};

struct AlterPartitionResponse {
    static constexpr MessageSchema kSchema =
        response_schema("AlterPartitionResponse", ApiKey::kAlterPartition);

    struct PartitionData {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;
        BrokerId leader_id{};
        LeaderEpoch leader_epoch{};
        std::vector<BrokerId> isr;
        std::int8_t leader_recovery_state = 0;
        std::int32_t partition_epoch = 0;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("LeaderId", m.leader_id, Since{0});
            io.field("LeaderEpoch", m.leader_epoch, Since{0});
            io.field("Isr", m.isr, Since{0});
            io.field("LeaderRecoveryState", m.leader_recovery_state, Since{1});
            io.field("PartitionEpoch", m.partition_epoch, Since{0});
        }
        friend bool operator==(const PartitionData&, const PartitionData&) = default;
    };

    struct TopicData {
        Uuid topic_id;
        std::vector<PartitionData> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicId", m.topic_id, Since{2});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicData&, const TopicData&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::vector<TopicData> topics;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const AlterPartitionResponse&, const AlterPartitionResponse&) = default;
};

struct BrokerRegistrationRequest {
    static constexpr MessageSchema kSchema =
        request_schema("BrokerRegistrationRequest", ApiKey::kBrokerRegistration);
    using Response = BrokerRegistrationResponse;

    struct Listener {
        std::string name;
        std::string host;
        std::uint16_t port = 0;
        std::int16_t security_protocol = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Host", m.host, Since{0});
            io.field("Port", m.port, Since{0});
            io.field("SecurityProtocol", m.security_protocol, Since{0});
        }
        friend bool operator==(const Listener&, const Listener&) = default;
    };

    struct Feature {
        std::string name;
        std::int16_t min_supported_version = 0;
        std::int16_t max_supported_version = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("MinSupportedVersion", m.min_supported_version, Since{0});
            io.field("MaxSupportedVersion", m.max_supported_version, Since{0});
        }
        friend bool operator==(const Feature&, const Feature&) = default;
    };

    BrokerId broker_id{};
    std::string cluster_id;
    Uuid incarnation_id;
    std::vector<Listener> listeners;
    std::vector<Feature> features;
    std::optional<std::string> rack{std::in_place};
    bool is_migrating_zk_broker = false;
    std::vector<Uuid> log_dirs;
    std::int64_t previous_broker_epoch = -1;

    static void fields(auto& io, auto& m) {
        io.field("BrokerId", m.broker_id, Since{0});
        io.field("ClusterId", m.cluster_id, Since{0});
        io.field("IncarnationId", m.incarnation_id, Since{0});
        io.field("Listeners", m.listeners, Since{0});
        io.field("Features", m.features, Since{0});
        io.field("Rack", m.rack, Since{0}, NullableSince{0});
        io.field("IsMigratingZkBroker", m.is_migrating_zk_broker, Since{1}, kIgnorable);
        io.field("LogDirs", m.log_dirs, Since{2}, kIgnorable);
        io.field("PreviousBrokerEpoch", m.previous_broker_epoch, Since{3}, kIgnorable);
    }
    friend bool operator==(const BrokerRegistrationRequest&, const BrokerRegistrationRequest&) =
        default;
};

struct BrokerRegistrationResponse {
    static constexpr MessageSchema kSchema =
        response_schema("BrokerRegistrationResponse", ApiKey::kBrokerRegistration);

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::int64_t broker_epoch = -1;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("BrokerEpoch", m.broker_epoch, Since{0});
    }
    friend bool operator==(const BrokerRegistrationResponse&, const BrokerRegistrationResponse&) =
        default;
};

struct BrokerHeartbeatRequest {
    static constexpr MessageSchema kSchema =
        request_schema("BrokerHeartbeatRequest", ApiKey::kBrokerHeartbeat);
    using Response = BrokerHeartbeatResponse;

    BrokerId broker_id{};
    std::int64_t broker_epoch = -1;
    Offset current_metadata_offset{};
    bool want_fence = false;
    bool want_shut_down = false;
    std::vector<Uuid> offline_log_dirs;
    std::optional<std::vector<Uuid>> cordoned_log_dirs;

    static void fields(auto& io, auto& m) {
        io.field("BrokerId", m.broker_id, Since{0});
        io.field("BrokerEpoch", m.broker_epoch, Since{0});
        io.field("CurrentMetadataOffset", m.current_metadata_offset, Since{0});
        io.field("WantFence", m.want_fence, Since{0});
        io.field("WantShutDown", m.want_shut_down, Since{0});
        io.field("OfflineLogDirs", m.offline_log_dirs, Since{1}, Tagged{0}, kIgnorable);
        io.field(
            "CordonedLogDirs",
            m.cordoned_log_dirs,
            Since{2},
            NullableSince{2},
            Tagged{1},
            kIgnorable
        );
    }
    friend bool operator==(const BrokerHeartbeatRequest&, const BrokerHeartbeatRequest&) = default;
};

struct BrokerHeartbeatResponse {
    static constexpr MessageSchema kSchema =
        response_schema("BrokerHeartbeatResponse", ApiKey::kBrokerHeartbeat);

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    bool is_caught_up = false;
    bool is_fenced = true;
    bool should_shut_down = false;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("IsCaughtUp", m.is_caught_up, Since{0});
        io.field("IsFenced", m.is_fenced, Since{0});
        io.field("ShouldShutDown", m.should_shut_down, Since{0});
    }
    friend bool operator==(const BrokerHeartbeatResponse&, const BrokerHeartbeatResponse&) =
        default;
};

struct ControllerRegistrationRequest {
    static constexpr MessageSchema kSchema =
        request_schema("ControllerRegistrationRequest", ApiKey::kControllerRegistration);
    using Response = ControllerRegistrationResponse;

    struct Listener {
        std::string name;
        std::string host;
        std::uint16_t port = 0;
        std::int16_t security_protocol = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Host", m.host, Since{0});
            io.field("Port", m.port, Since{0});
            io.field("SecurityProtocol", m.security_protocol, Since{0});
        }
        friend bool operator==(const Listener&, const Listener&) = default;
    };

    struct Feature {
        std::string name;
        std::int16_t min_supported_version = 0;
        std::int16_t max_supported_version = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("MinSupportedVersion", m.min_supported_version, Since{0});
            io.field("MaxSupportedVersion", m.max_supported_version, Since{0});
        }
        friend bool operator==(const Feature&, const Feature&) = default;
    };

    BrokerId controller_id{};
    Uuid incarnation_id;
    bool zk_migration_ready = false;
    std::vector<Listener> listeners;
    std::vector<Feature> features;

    static void fields(auto& io, auto& m) {
        io.field("ControllerId", m.controller_id, Since{0});
        io.field("IncarnationId", m.incarnation_id, Since{0});
        io.field("ZkMigrationReady", m.zk_migration_ready, Since{0});
        io.field("Listeners", m.listeners, Since{0});
        io.field("Features", m.features, Since{0});
    }
    friend bool
    operator==(const ControllerRegistrationRequest&, const ControllerRegistrationRequest&) =
        default;
};

struct ControllerRegistrationResponse {
    static constexpr MessageSchema kSchema =
        response_schema("ControllerRegistrationResponse", ApiKey::kControllerRegistration);

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message{std::in_place};

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
    }
    friend bool
    operator==(const ControllerRegistrationResponse&, const ControllerRegistrationResponse&) =
        default;
};

struct EnvelopeRequest {
    static constexpr MessageSchema kSchema = request_schema("EnvelopeRequest", ApiKey::kEnvelope);
    using Response = EnvelopeResponse;

    BufferSlice request_data;
    std::optional<BufferSlice> request_principal{std::in_place};
    BufferSlice client_host_address;

    static void fields(auto& io, auto& m) {
        io.field("RequestData", m.request_data, Since{0}, kSecret);
        io.field("RequestPrincipal", m.request_principal, Since{0}, NullableSince{0}, kSecret);
        io.field("ClientHostAddress", m.client_host_address, Since{0});
    }
    friend bool operator==(const EnvelopeRequest&, const EnvelopeRequest&) = default;
};

struct EnvelopeResponse {
    static constexpr MessageSchema kSchema = response_schema("EnvelopeResponse", ApiKey::kEnvelope);

    std::optional<BufferSlice> response_data;
    ErrorCode error_code = ErrorCode::kNone;

    static void fields(auto& io, auto& m) {
        io.field("ResponseData", m.response_data, Since{0}, NullableSince{0}, kSecret);
        io.field("ErrorCode", m.error_code, Since{0});
    }
    friend bool operator==(const EnvelopeResponse&, const EnvelopeResponse&) = default;
};

// Where the replicas of a broker lie (KIP-858); the directory id LOST takes one out of service.
struct AssignReplicasToDirsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("AssignReplicasToDirsRequest", ApiKey::kAssignReplicasToDirs);
    using Response = AssignReplicasToDirsResponse;

    struct PartitionData {
        PartitionId partition_index{};

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
        }
        friend bool operator==(const PartitionData&, const PartitionData&) = default;
    };

    struct TopicData {
        Uuid topic_id;
        std::vector<PartitionData> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicId", m.topic_id, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicData&, const TopicData&) = default;
    };

    struct DirectoryData {
        Uuid id;
        std::vector<TopicData> topics;

        static void fields(auto& io, auto& m) {
            io.field("Id", m.id, Since{0});
            io.field("Topics", m.topics, Since{0});
        }
        friend bool operator==(const DirectoryData&, const DirectoryData&) = default;
    };

    BrokerId broker_id{};
    std::int64_t broker_epoch = -1;
    std::vector<DirectoryData> directories;

    static void fields(auto& io, auto& m) {
        io.field("BrokerId", m.broker_id, Since{0});
        io.field("BrokerEpoch", m.broker_epoch, Since{0});
        io.field("Directories", m.directories, Since{0});
    }
    friend bool operator==(const AssignReplicasToDirsRequest&, const AssignReplicasToDirsRequest&) =
        default;
};

struct AssignReplicasToDirsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("AssignReplicasToDirsResponse", ApiKey::kAssignReplicasToDirs);

    struct PartitionData {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::kNone;

        static void fields(auto& io, auto& m) {
            io.field("PartitionIndex", m.partition_index, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
        }
        friend bool operator==(const PartitionData&, const PartitionData&) = default;
    };

    struct TopicData {
        Uuid topic_id;
        std::vector<PartitionData> partitions;

        static void fields(auto& io, auto& m) {
            io.field("TopicId", m.topic_id, Since{0});
            io.field("Partitions", m.partitions, Since{0});
        }
        friend bool operator==(const TopicData&, const TopicData&) = default;
    };

    struct DirectoryData {
        Uuid id;
        std::vector<TopicData> topics;

        static void fields(auto& io, auto& m) {
            io.field("Id", m.id, Since{0});
            io.field("Topics", m.topics, Since{0});
        }
        friend bool operator==(const DirectoryData&, const DirectoryData&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::vector<DirectoryData> directories;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("Directories", m.directories, Since{0});
    }
    friend bool
    operator==(const AssignReplicasToDirsResponse&, const AssignReplicasToDirsResponse&) = default;
};

}  // namespace sealane::kafka
