#pragma once
// SASL mechanisms by their registered names, for both sides of a connection and for settings.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sealane::identity {

enum class SaslMechanism : std::uint8_t { kPlain, kScramSha256, kScramSha512, kOauthBearer };

struct SaslMechanismName {
    SaslMechanism value;
    std::string_view name;
};
// Found by configurations (common/config/codec.hpp).
[[nodiscard]] constexpr auto config_names(SaslMechanism) {
    return std::array{
        SaslMechanismName{SaslMechanism::kPlain, "PLAIN"},
        SaslMechanismName{SaslMechanism::kScramSha256, "SCRAM-SHA-256"},
        SaslMechanismName{SaslMechanism::kScramSha512, "SCRAM-SHA-512"},
        SaslMechanismName{SaslMechanism::kOauthBearer, "OAUTHBEARER"},
    };
}

// "PLAIN", "SCRAM-SHA-256", ...
[[nodiscard]] constexpr std::string_view name_of(SaslMechanism mechanism) {
    for (const SaslMechanismName& one : config_names(mechanism)) {
        if (one.value == mechanism) return one.name;
    }
    return "";
}
[[nodiscard]] constexpr std::optional<SaslMechanism> sasl_mechanism(std::string_view name) {
    for (const SaslMechanismName& one : config_names(SaslMechanism{})) {
        if (one.name == name) return one.value;
    }
    return std::nullopt;
}

}  // namespace sealane::identity
