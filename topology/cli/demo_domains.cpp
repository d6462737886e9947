#include "topology/cli/demo_domains.hpp"

#include "common/identity/identity_files.hpp"
#include "common/identity/issue.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace sealane::topology {
namespace {

constexpr uid_t kFirstUser = 60'001;
constexpr gid_t kSharedGroup = 60'000;  // for the sockets where two domains' halves meet
constexpr int kValidDays = 30;

Status give_to(const std::string& path, const DomainUser& user) {
    if (user.separate && chown(path.c_str(), user.user, user.group) != 0) {
        return fail(ErrorCode::kPermissionDenied, "chown " + path + ": " + std::strerror(errno));
    }
    return {};
}

Result<identity::Credential> issue(
    const identity::Credential& authority,
    const std::string& role,
    const std::string& domain,
    WallTime now
) {
    const identity::Subject subject{role, domain};
    const auto validity = identity::Validity::days_from(now, kValidDays);
    if (role == "broker") {
        return identity::make_server_certificate(
            authority, subject, {"localhost", "127.0.0.1"}, validity
        );
    }
    return identity::make_client_certificate(authority, subject, validity);
}

}  // namespace

DomainUser demo_domain_user(std::size_t index) {
    if (geteuid() != 0) return {false, geteuid(), getegid()};
    return {true, kFirstUser + static_cast<uid_t>(index), kSharedGroup};
}

Status make_owned_directory(const std::string& path, const DomainUser& user) {
    std::error_code failure;
    std::filesystem::create_directories(path, failure);
    if (failure) return fail(ErrorCode::kIo, "cannot make " + path + ": " + failure.message());
    if (chmod(path.c_str(), 0750) != 0)
        return fail(ErrorCode::kIo, "chmod " + path + ": " + std::strerror(errno));
    return give_to(path, user);
}

Status make_demo_domain(
    const DemoHome& home, const std::string& domain, const DomainUser& user, WallTime now
) {
    const std::string directory = home.domain_directory(domain);
    if (access((directory + "/client.key").c_str(), F_OK) == 0) return {};
    SEALANE_CHECK(make_owned_directory(directory, user));
    SEALANE_TRY(
        const auto authority,
        identity::make_authority(
            {domain + " authority", domain}, identity::Validity::days_from(now, kValidDays)
        )
    );
    SEALANE_CHECK(
        identity::write_credential(authority, directory + "/ca.crt", directory + "/ca.key")
    );
    for (const std::string role : kDemoRoles) {
        SEALANE_TRY(const auto credential, issue(authority, role, domain, now));
        const std::string base = directory + "/" + role;
        SEALANE_CHECK(identity::write_credential(credential, base + ".crt", base + ".key"));
        // The operator's and the clients' keys stay with the person who runs the demo.
        if (role == "broker" || role == "mirror") SEALANE_CHECK(give_to(base + ".key", user));
    }
    return {};
}

}  // namespace sealane::topology
