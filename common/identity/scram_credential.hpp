#pragma once
// What a server keeps of a SCRAM password (RFC 5802): enough to check who proves to know it, not
// enough to log in with. Secret all the same: never log it.

#include <cstdint>
#include <string>

namespace sealane::identity {

// Numbers are those of the wire and of the metadata log (KIP-554).
enum class ScramMechanism : std::int8_t { kUnknown = 0, kSha256 = 1, kSha512 = 2 };

inline constexpr std::int32_t kMinScramIterations = 4096;
inline constexpr std::int32_t kMaxScramIterations = 16384;

struct ScramCredential {
    std::string salt;
    std::string stored_key;
    std::string server_key;
    std::int32_t iterations = 0;
    friend bool operator==(const ScramCredential&, const ScramCredential&) = default;
};

}  // namespace sealane::identity
