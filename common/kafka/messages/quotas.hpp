#pragma once
// DescribeClientQuotas and AlterClientQuotas (KIP-546).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct DescribeClientQuotasResponse;
struct AlterClientQuotasResponse;

struct DescribeClientQuotasRequest {
    static constexpr MessageSchema kSchema =
        request_schema("DescribeClientQuotasRequest", ApiKey::kDescribeClientQuotas);
    using Response = DescribeClientQuotasResponse;

    struct ComponentData {
        std::string entity_type;
        std::int8_t match_type = 0;
        std::optional<std::string> match{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("EntityType", m.entity_type, Since{0});
            io.field("MatchType", m.match_type, Since{0});
            io.field("Match", m.match, Since{0}, NullableSince{0});
        }
        friend bool operator==(const ComponentData&, const ComponentData&) = default;
    };

    std::vector<ComponentData> components;
    bool strict = false;

    static void fields(auto& io, auto& m) {
        io.field("Components", m.components, Since{0});
        io.field("Strict", m.strict, Since{0});
    }
    friend bool operator==(const DescribeClientQuotasRequest&, const DescribeClientQuotasRequest&) =
        default;
};

struct DescribeClientQuotasResponse {
    static constexpr MessageSchema kSchema =
        response_schema("DescribeClientQuotasResponse", ApiKey::kDescribeClientQuotas);

    struct EntityData {
        std::string entity_type;
        std::optional<std::string> entity_name{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("EntityType", m.entity_type, Since{0});
            io.field("EntityName", m.entity_name, Since{0}, NullableSince{0});
        }
        friend bool operator==(const EntityData&, const EntityData&) = default;
    };

    struct ValueData {
        std::string key;
        double value = 0;

        static void fields(auto& io, auto& m) {
            io.field("Key", m.key, Since{0});
            io.field("Value", m.value, Since{0});
        }
        friend bool operator==(const ValueData&, const ValueData&) = default;
    };

    struct EntryData {
        std::vector<EntityData> entity;
        std::vector<ValueData> values;

        static void fields(auto& io, auto& m) {
            io.field("Entity", m.entity, Since{0});
            io.field("Values", m.values, Since{0});
        }
        friend bool operator==(const EntryData&, const EntryData&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message{std::in_place};
    std::optional<std::vector<EntryData>> entries{std::in_place};

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        io.field("Entries", m.entries, Since{0}, NullableSince{0});
    }
    friend bool
    operator==(const DescribeClientQuotasResponse&, const DescribeClientQuotasResponse&) = default;
};

struct AlterClientQuotasRequest {
    static constexpr MessageSchema kSchema =
        request_schema("AlterClientQuotasRequest", ApiKey::kAlterClientQuotas);
    using Response = AlterClientQuotasResponse;

    struct EntityData {
        std::string entity_type;
        std::optional<std::string> entity_name{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("EntityType", m.entity_type, Since{0});
            io.field("EntityName", m.entity_name, Since{0}, NullableSince{0});
        }
        friend bool operator==(const EntityData&, const EntityData&) = default;
    };

    struct OpData {
        std::string key;
        double value = 0;
        bool remove = false;

        static void fields(auto& io, auto& m) {
            io.field("Key", m.key, Since{0});
            io.field("Value", m.value, Since{0});
            io.field("Remove", m.remove, Since{0});
        }
        friend bool operator==(const OpData&, const OpData&) = default;
    };

    struct EntryData {
        std::vector<EntityData> entity;
        std::vector<OpData> ops;

        static void fields(auto& io, auto& m) {
            io.field("Entity", m.entity, Since{0});
            io.field("Ops", m.ops, Since{0});
        }
        friend bool operator==(const EntryData&, const EntryData&) = default;
    };

    std::vector<EntryData> entries;
    bool validate_only = false;

    static void fields(auto& io, auto& m) {
        io.field("Entries", m.entries, Since{0});
        io.field("ValidateOnly", m.validate_only, Since{0});
    }
    friend bool operator==(const AlterClientQuotasRequest&, const AlterClientQuotasRequest&) =
        default;
};

struct AlterClientQuotasResponse {
    static constexpr MessageSchema kSchema =
        response_schema("AlterClientQuotasResponse", ApiKey::kAlterClientQuotas);

    struct EntityData {
        std::string entity_type;
        std::optional<std::string> entity_name{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("EntityType", m.entity_type, Since{0});
            io.field("EntityName", m.entity_name, Since{0}, NullableSince{0});
        }
        friend bool operator==(const EntityData&, const EntityData&) = default;
    };

    struct EntryData {
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};
        std::vector<EntityData> entity;

        static void fields(auto& io, auto& m) {
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
            io.field("Entity", m.entity, Since{0});
        }
        friend bool operator==(const EntryData&, const EntryData&) = default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<EntryData> entries;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("Entries", m.entries, Since{0});
    }
    friend bool operator==(const AlterClientQuotasResponse&, const AlterClientQuotasResponse&) =
        default;
};

}  // namespace sealane::kafka
