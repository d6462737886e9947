#pragma once
// Salts for users who do not exist: always the same for a name, on every broker, and such as real
// ones are, so that nobody learns from SCRAM which users there are. Their key is in the metadata
// (family "sasl" of ExtensionRecords), made together with the first credential.

#include "broker/metadata/image.hpp"
#include "common/identity/scram.hpp"

namespace sealane::broker {

// Adds the key to `records` when the image has none. Two random ids are the key.
void add_fake_salt_key(const Image& image, const Uuid& one, const Uuid& other, Records& records);

// What a server knows of a user: the real credential, or one that never fits. `spare_key` stands in
// while the metadata has no key.
[[nodiscard]] identity::ScramServer::Found find_scram_user(
    const Image& image,
    const std::string& user,
    identity::ScramMechanism mechanism,
    std::string_view spare_key
);

}  // namespace sealane::broker
