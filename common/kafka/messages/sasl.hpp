#pragma once
// SaslHandshake (KIP-43), SaslAuthenticate (KIP-152, KIP-368) and SCRAM credentials (KIP-554).

#include "common/base/buffer.hpp"
#include "common/base/error_code.hpp"
#include "common/base/ids.hpp"
#include "common/kafka/codec/codec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sealane::kafka {

struct SaslHandshakeResponse;
struct SaslAuthenticateResponse;
struct DescribeUserScramCredentialsResponse;
struct AlterUserScramCredentialsResponse;

struct SaslHandshakeRequest {
    static constexpr MessageSchema kSchema =
        request_schema("SaslHandshakeRequest", ApiKey::kSaslHandshake);
    using Response = SaslHandshakeResponse;

    std::string mechanism;

    static void fields(auto& io, auto& m) { io.field("Mechanism", m.mechanism, Since{0}); }
    friend bool operator==(const SaslHandshakeRequest&, const SaslHandshakeRequest&) = default;
};

struct SaslHandshakeResponse {
    static constexpr MessageSchema kSchema =
        response_schema("SaslHandshakeResponse", ApiKey::kSaslHandshake);

    ErrorCode error_code = ErrorCode::kNone;
    std::vector<std::string> mechanisms;

    static void fields(auto& io, auto& m) {
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("Mechanisms", m.mechanisms, Since{0});
    }
    friend bool operator==(const SaslHandshakeResponse&, const SaslHandshakeResponse&) = default;
};

struct SaslAuthenticateRequest {
    static constexpr MessageSchema kSchema =
        request_schema("SaslAuthenticateRequest", ApiKey::kSaslAuthenticate);
    using Response = SaslAuthenticateResponse;

    BufferSlice auth_bytes;

    static void fields(auto& io, auto& m) {
        io.field("AuthBytes", m.auth_bytes, Since{0}, kSecret);
    }
    friend bool operator==(const SaslAuthenticateRequest&, const SaslAuthenticateRequest&) =
        default;
};

struct SaslAuthenticateResponse {
    static constexpr MessageSchema kSchema =
        response_schema("SaslAuthenticateResponse", ApiKey::kSaslAuthenticate);

    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message{std::in_place};
    BufferSlice auth_bytes;
    std::int64_t session_lifetime_ms = 0;

    static void fields(auto& io, auto& m) {
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        io.field("AuthBytes", m.auth_bytes, Since{0}, kSecret);
        io.field("SessionLifetimeMs", m.session_lifetime_ms, Since{1});
    }
    friend bool operator==(const SaslAuthenticateResponse&, const SaslAuthenticateResponse&) =
        default;
};

struct DescribeUserScramCredentialsRequest {
    static constexpr MessageSchema kSchema = request_schema(
        "DescribeUserScramCredentialsRequest", ApiKey::kDescribeUserScramCredentials
    );
    using Response = DescribeUserScramCredentialsResponse;

    struct UserName {
        std::string name;

        static void fields(auto& io, auto& m) { io.field("Name", m.name, Since{0}); }
        friend bool operator==(const UserName&, const UserName&) = default;
    };

    std::optional<std::vector<UserName>> users{std::in_place};

    static void fields(auto& io, auto& m) {
        io.field("Users", m.users, Since{0}, NullableSince{0});
    }
    friend bool
    operator==(const DescribeUserScramCredentialsRequest&, const DescribeUserScramCredentialsRequest&) =
        default;
};

struct DescribeUserScramCredentialsResponse {
    static constexpr MessageSchema kSchema = response_schema(
        "DescribeUserScramCredentialsResponse", ApiKey::kDescribeUserScramCredentials
    );

    struct CredentialInfo {
        std::int8_t mechanism = 0;
        std::int32_t iterations = 0;

        static void fields(auto& io, auto& m) {
            io.field("Mechanism", m.mechanism, Since{0});
            io.field("Iterations", m.iterations, Since{0});
        }
        friend bool operator==(const CredentialInfo&, const CredentialInfo&) = default;
    };

    struct DescribeUserScramCredentialsResult {
        std::string user;
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};
        std::vector<CredentialInfo> credential_infos;

        static void fields(auto& io, auto& m) {
            io.field("User", m.user, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
            io.field("CredentialInfos", m.credential_infos, Since{0});
        }
        friend bool
        operator==(const DescribeUserScramCredentialsResult&, const DescribeUserScramCredentialsResult&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::kNone;
    std::optional<std::string> error_message{std::in_place};
    std::vector<DescribeUserScramCredentialsResult> results;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("ErrorCode", m.error_code, Since{0});
        io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        io.field("Results", m.results, Since{0});
    }
    friend bool
    operator==(const DescribeUserScramCredentialsResponse&, const DescribeUserScramCredentialsResponse&) =
        default;
};

struct AlterUserScramCredentialsRequest {
    static constexpr MessageSchema kSchema =
        request_schema("AlterUserScramCredentialsRequest", ApiKey::kAlterUserScramCredentials);
    using Response = AlterUserScramCredentialsResponse;

    struct ScramCredentialDeletion {
        std::string name;
        std::int8_t mechanism = 0;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Mechanism", m.mechanism, Since{0});
        }
        friend bool operator==(const ScramCredentialDeletion&, const ScramCredentialDeletion&) =
            default;
    };

    struct ScramCredentialUpsertion {
        std::string name;
        std::int8_t mechanism = 0;
        std::int32_t iterations = 0;
        BufferSlice salt;
        BufferSlice salted_password;

        static void fields(auto& io, auto& m) {
            io.field("Name", m.name, Since{0});
            io.field("Mechanism", m.mechanism, Since{0});
            io.field("Iterations", m.iterations, Since{0});
            io.field("Salt", m.salt, Since{0}, kSecret);
            io.field("SaltedPassword", m.salted_password, Since{0}, kSecret);
        }
        friend bool operator==(const ScramCredentialUpsertion&, const ScramCredentialUpsertion&) =
            default;
    };

    std::vector<ScramCredentialDeletion> deletions;
    std::vector<ScramCredentialUpsertion> upsertions;

    static void fields(auto& io, auto& m) {
        io.field("Deletions", m.deletions, Since{0});
        io.field("Upsertions", m.upsertions, Since{0});
    }
    friend bool
    operator==(const AlterUserScramCredentialsRequest&, const AlterUserScramCredentialsRequest&) =
        default;
};

struct AlterUserScramCredentialsResponse {
    static constexpr MessageSchema kSchema =
        response_schema("AlterUserScramCredentialsResponse", ApiKey::kAlterUserScramCredentials);

    struct AlterUserScramCredentialsResult {
        std::string user;
        ErrorCode error_code = ErrorCode::kNone;
        std::optional<std::string> error_message{std::in_place};

        static void fields(auto& io, auto& m) {
            io.field("User", m.user, Since{0});
            io.field("ErrorCode", m.error_code, Since{0});
            io.field("ErrorMessage", m.error_message, Since{0}, NullableSince{0});
        }
        friend bool
        operator==(const AlterUserScramCredentialsResult&, const AlterUserScramCredentialsResult&) =
            default;
    };

    std::int32_t throttle_time_ms = 0;
    std::vector<AlterUserScramCredentialsResult> results;

    static void fields(auto& io, auto& m) {
        io.field("ThrottleTimeMs", m.throttle_time_ms, Since{0});
        io.field("Results", m.results, Since{0});
    }
    friend bool
    operator==(const AlterUserScramCredentialsResponse&, const AlterUserScramCredentialsResponse&) =
        default;
};

}  // namespace sealane::kafka
