#pragma once
// Certificates and keys on disk, with plain blocking POSIX calls: for command-line programs and
// start-up only, never from a running shard.

#include "common/identity/issue.hpp"

#include <string>

namespace sealane::identity {

// Writes the certificate (mode 0644) and its key (0600, never readable by others in between), each
// by a temporary file and a rename, the key first: a program that reloads sees the old pair, a
// mismatch that it refuses while keeping the old one, or the new pair.
[[nodiscard]] Status write_credential(
    const Credential& credential, const std::string& certificate_path, const std::string& key_path
);
// Writes only the certificate: what is given to those who shall trust it.
[[nodiscard]] Status write_certificate(
    const std::string& certificate_pem, const std::string& certificate_path
);
[[nodiscard]] Result<Credential> read_credential(
    const std::string& certificate_path, const std::string& key_path
);
// A PEM file of at most 1 MiB.
[[nodiscard]] Result<std::string> read_pem_file(const std::string& path);

}  // namespace sealane::identity
