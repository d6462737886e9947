#pragma once
// Records of the metadata log (KIP-631) about brokers and controllers.

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct RegisterBrokerRecord {
    static constexpr MessageSchema kSchema{
        "RegisterBrokerRecord", MessageKind::kMetadata, 0, {0, 4}, 0
    };

    struct BrokerEndpoint {
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
        friend bool operator==(const BrokerEndpoint&, const BrokerEndpoint&) = default;
    };

    struct BrokerFeature {
        std::string name;
        std::int16_t min_supported_version = 0;
        std::int16_t max_supported_version = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("MinSupportedVersion", m.min_supported_version, Since{0});
            io.field("MaxSupportedVersion", m.max_supported_version, Since{0});
        }
        friend bool operator==(const BrokerFeature&, const BrokerFeature&) = default;
    };

    BrokerId broker_id{};
    bool is_migrating_zk_broker = false;
    Uuid incarnation_id;
    std::int64_t broker_epoch = 0;
    std::vector<BrokerEndpoint> end_points;
    std::vector<BrokerFeature> features;
    std::optional<std::string> rack{std::in_place};
    bool fenced = true;
    bool in_controlled_shutdown = false;
    std::vector<Uuid> log_dirs;
    std::optional<std::vector<Uuid>> cordoned_log_dirs;

    static void fields(auto& io, auto& m) {
        io.field("BrokerId", m.broker_id, Since{0});
        io.field("IsMigratingZkBroker", m.is_migrating_zk_broker, Since{2});
        io.field("IncarnationId", m.incarnation_id, Since{0});
        io.field("BrokerEpoch", m.broker_epoch, Since{0});
        io.field("EndPoints", m.end_points, Since{0});
        io.field("Features", m.features, Since{0});
        io.field("Rack", m.rack, Since{0}, NullableSince{0});
        io.field("Fenced", m.fenced, Since{0});
        io.field("InControlledShutdown", m.in_controlled_shutdown, Since{1});
        io.field("LogDirs", m.log_dirs, Since{3}, Tagged{0});
        io.field("CordonedLogDirs", m.cordoned_log_dirs, Since{4}, NullableSince{4}, Tagged{1});
    }
    friend bool operator==(const RegisterBrokerRecord&, const RegisterBrokerRecord&) = default;
};

struct UnregisterBrokerRecord {
    static constexpr MessageSchema kSchema{
        "UnregisterBrokerRecord", MessageKind::kMetadata, 1, {0, 0}, 0
    };

    BrokerId broker_id{};
    std::int64_t broker_epoch = 0;

    static void fields(auto& io, auto& m) {
        io.field("BrokerId", m.broker_id, Since{0});
        io.field("BrokerEpoch", m.broker_epoch, Since{0});
    }
    friend bool operator==(const UnregisterBrokerRecord&, const UnregisterBrokerRecord&) = default;
};

struct FenceBrokerRecord {
    static constexpr MessageSchema kSchema{
        "FenceBrokerRecord", MessageKind::kMetadata, 7, {0, 0}, 0
    };

    std::int32_t id = 0;
    std::int64_t epoch = 0;

    static void fields(auto& io, auto& m) {
        io.field("Id", m.id, Since{0});
        io.field("Epoch", m.epoch, Since{0});
    }
    friend bool operator==(const FenceBrokerRecord&, const FenceBrokerRecord&) = default;
};

struct UnfenceBrokerRecord {
    static constexpr MessageSchema kSchema{
        "UnfenceBrokerRecord", MessageKind::kMetadata, 8, {0, 0}, 0
    };

    std::int32_t id = 0;
    std::int64_t epoch = 0;

    static void fields(auto& io, auto& m) {
        io.field("Id", m.id, Since{0});
        io.field("Epoch", m.epoch, Since{0});
    }
    friend bool operator==(const UnfenceBrokerRecord&, const UnfenceBrokerRecord&) = default;
};

struct BrokerRegistrationChangeRecord {
    static constexpr MessageSchema kSchema{
        "BrokerRegistrationChangeRecord", MessageKind::kMetadata, 17, {0, 3}, 0
    };

    BrokerId broker_id{};
    std::int64_t broker_epoch = 0;
    std::int8_t fenced = 0;
    std::int8_t in_controlled_shutdown = 0;
    std::vector<Uuid> log_dirs;
    std::optional<std::vector<Uuid>> cordoned_log_dirs;

    static void fields(auto& io, auto& m) {
        io.field("BrokerId", m.broker_id, Since{0});
        io.field("BrokerEpoch", m.broker_epoch, Since{0});
        io.field("Fenced", m.fenced, Since{0}, Tagged{0});
        io.field("InControlledShutdown", m.in_controlled_shutdown, Since{1}, Tagged{1});
        io.field("LogDirs", m.log_dirs, Since{2}, Tagged{2});
        io.field("CordonedLogDirs", m.cordoned_log_dirs, Since{3}, NullableSince{3}, Tagged{3});
    }
    friend bool
    operator==(const BrokerRegistrationChangeRecord&, const BrokerRegistrationChangeRecord&) =
        default;
};

struct RegisterControllerRecord {
    static constexpr MessageSchema kSchema{
        "RegisterControllerRecord", MessageKind::kMetadata, 27, {0, 0}, 0
    };

    struct ControllerEndpoint {
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
        friend bool operator==(const ControllerEndpoint&, const ControllerEndpoint&) = default;
    };

    struct ControllerFeature {
        std::string name;
        std::int16_t min_supported_version = 0;
        std::int16_t max_supported_version = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("MinSupportedVersion", m.min_supported_version, Since{0});
            io.field("MaxSupportedVersion", m.max_supported_version, Since{0});
        }
        friend bool operator==(const ControllerFeature&, const ControllerFeature&) = default;
    };

    BrokerId controller_id{};
    Uuid incarnation_id;
    bool zk_migration_ready = false;
    std::vector<ControllerEndpoint> end_points;
    std::vector<ControllerFeature> features;

    static void fields(auto& io, auto& m) {
        io.field("ControllerId", m.controller_id, Since{0});
        io.field("IncarnationId", m.incarnation_id, Since{0});
        io.field("ZkMigrationReady", m.zk_migration_ready, Since{0});
        io.field("EndPoints", m.end_points, Since{0});
        io.field("Features", m.features, Since{0});
    }
    friend bool operator==(const RegisterControllerRecord&, const RegisterControllerRecord&) =
        default;
};

struct UnregisterControllerRecord {
    static constexpr MessageSchema kSchema{
        "UnregisterControllerRecord", MessageKind::kMetadata, 29, {0, 0}, 0
    };

    BrokerId controller_id{};

    static void fields(auto& io, auto& m) { io.field("ControllerId", m.controller_id, Since{0}); }
    friend bool operator==(const UnregisterControllerRecord&, const UnregisterControllerRecord&) =
        default;
};

}  // namespace sealane::kafka
