#include "broker/api/security/fake_salt.hpp"

#include <algorithm>

namespace sealane::broker {

using identity::ScramCredential;
using identity::ScramMechanism;

namespace {

constexpr std::string_view kFamily = "sasl";
constexpr std::string_view kName = "fake-salt-key";
constexpr std::string_view kAlphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kSaltBytes = 25;  // as Kafka's tools make them

bool is_text(std::string_view salt) {
    return std::ranges::all_of(salt, [](char c) { return kAlphabet.find(c) != kAlphabet.npos; });
}

std::string bytes_for(std::string_view key, const std::string& user, std::size_t size) {
    std::string bytes;
    for (char round = '0'; bytes.size() < size; ++round) {
        bytes += identity::scram_hmac(ScramMechanism::kSha512, key, round + user);
    }
    bytes.resize(size);
    return bytes;
}

// The first real credential of the mechanism: a model for the others.
const ScramCredential* model(const SecurityState& state, ScramMechanism mechanism) {
    for (const auto& [key, credential] : state.scram) {
        if (key.second == mechanism) return &credential;
    }
    return nullptr;
}

}  // namespace

void add_fake_salt_key(const Image& image, const Uuid& one, const Uuid& other, Records& records) {
    if (image.extensions(kFamily).contains(kName)) return;
    MutableBuffer key(one.bytes.size() + other.bytes.size());
    std::memcpy(key.data(), one.bytes.data(), one.bytes.size());
    std::memcpy(key.data() + one.bytes.size(), other.bytes.data(), other.bytes.size());
    records.emplace_back(
        ExtensionRecord{std::string(kFamily), std::string(kName), std::move(key).freeze()}
    );
}

identity::ScramServer::Found find_scram_user(
    const Image& image,
    const std::string& user,
    ScramMechanism mechanism,
    std::string_view spare_key
) {
    const SecurityState& state = image.security();
    if (const auto* credential = state.credential(user, mechanism)) return {*credential, true};
    const auto& extensions = image.extensions(kFamily);
    const auto stored = extensions.find(kName);
    const std::string_view key = stored == extensions.end() ? spare_key : stored->second.text();
    const ScramCredential* like = model(state, mechanism);
    const std::size_t size = like != nullptr ? like->salt.size() : kSaltBytes;
    identity::ScramServer::Found found;
    found.credential.salt = bytes_for(key, "salt" + user, size);
    if (like == nullptr || is_text(like->salt)) {
        for (char& c : found.credential.salt) {
            c = kAlphabet[static_cast<unsigned char>(c) % kAlphabet.size()];
        }
    }
    found.credential.iterations =
        like != nullptr ? like->iterations : identity::kMinScramIterations;
    const std::size_t digest = mechanism == ScramMechanism::kSha256 ? 32 : 64;
    found.credential.stored_key = bytes_for(key, "stored" + user, digest);
    found.credential.server_key = bytes_for(key, "server" + user, digest);
    return found;
}

}  // namespace sealane::broker
