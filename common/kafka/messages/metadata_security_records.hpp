#pragma once
// Records of the metadata log about SCRAM credentials (KIP-900), access control (KIP-801) and
// quotas.

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct UserScramCredentialRecord {
    static constexpr MessageSchema kSchema{
        "UserScramCredentialRecord", MessageKind::kMetadata, 11, {0, 0}, 0
    };

    std::string name;
    std::int8_t mechanism = 0;
    BufferSlice salt;
    BufferSlice stored_key;
    BufferSlice server_key;
    std::int32_t iterations = 0;

    static void fields(auto& io, auto& m) {
        io.field("Name", m.name, Since{0});
        io.field("Mechanism", m.mechanism, Since{0});
        io.field("Salt", m.salt, Since{0}, kSecret);
        io.field("StoredKey", m.stored_key, Since{0}, kSecret);
        io.field("ServerKey", m.server_key, Since{0}, kSecret);
        io.field("Iterations", m.iterations, Since{0});
    }
    friend bool operator==(const UserScramCredentialRecord&, const UserScramCredentialRecord&) =
        default;
};

struct RemoveUserScramCredentialRecord {
    static constexpr MessageSchema kSchema{
        "RemoveUserScramCredentialRecord", MessageKind::kMetadata, 22, {0, 0}, 0
    };

    std::string name;
    std::int8_t mechanism = 0;

    static void fields(auto& io, auto& m) {
        io.field("Name", m.name, Since{0});
        io.field("Mechanism", m.mechanism, Since{0});
    }
    friend bool
    operator==(const RemoveUserScramCredentialRecord&, const RemoveUserScramCredentialRecord&) =
        default;
};

struct AccessControlEntryRecord {
    static constexpr MessageSchema kSchema{
        "AccessControlEntryRecord", MessageKind::kMetadata, 18, {0, 0}, 0
    };

    Uuid id;
    std::int8_t resource_type = 0;
    std::string resource_name;
    std::int8_t pattern_type = 0;
    std::string principal;
    std::string host;
    std::int8_t operation = 0;
    std::int8_t permission_type = 0;

    static void fields(auto& io, auto& m) {
        io.field("Id", m.id, Since{0});
        io.field("ResourceType", m.resource_type, Since{0});
        io.field("ResourceName", m.resource_name, Since{0});
        io.field("PatternType", m.pattern_type, Since{0});
        io.field("Principal", m.principal, Since{0});
        io.field("Host", m.host, Since{0});
        io.field("Operation", m.operation, Since{0});
        io.field("PermissionType", m.permission_type, Since{0});
    }
    friend bool operator==(const AccessControlEntryRecord&, const AccessControlEntryRecord&) =
        default;
};

struct RemoveAccessControlEntryRecord {
    static constexpr MessageSchema kSchema{
        "RemoveAccessControlEntryRecord", MessageKind::kMetadata, 19, {0, 0}, 0
    };

    Uuid id;

    static void fields(auto& io, auto& m) { io.field("Id", m.id, Since{0}); }
    friend bool
    operator==(const RemoveAccessControlEntryRecord&, const RemoveAccessControlEntryRecord&) =
        default;
};

struct ClientQuotaRecord {
    static constexpr MessageSchema kSchema{
        "ClientQuotaRecord", MessageKind::kMetadata, 14, {0, 0}, 0
    };

    struct EntityData {
        std::string entity_type;
        std::optional<std::string> entity_name{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("EntityType", m.entity_type, Since{0});
            io.field("EntityName", m.entity_name, Since{0}, NullableSince{0});
        }
        friend bool operator==(const EntityData&, const EntityData&) = default;
    };

    std::vector<EntityData> entity;
    std::string key;
    double value = 0;
    bool remove = false;

    static void fields(auto& io, auto& m) {
        io.field("Entity", m.entity, Since{0});
        io.field("Key", m.key, Since{0});
        io.field("Value", m.value, Since{0});
        io.field("Remove", m.remove, Since{0});
    }
    friend bool operator==(const ClientQuotaRecord&, const ClientQuotaRecord&) = default;
};

}  // namespace sealane::kafka
