#include "topology/cli/demo_domains.hpp"

#include "common/identity/identity_files.hpp"
#include "common/identity/issue.hpp"
#include "topology/model/identity_files.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
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

Status issue_server(
    const identity::Credential& authority,
    const IdentityFiles& files,
    const std::string& domain,
    WallTime now
) {
    SEALANE_TRY(
        const auto credential,
        identity::make_server_certificate(
            authority,
            {files.common_name, domain},
            {"localhost", "127.0.0.1"},
            identity::Validity::days_from(now, kValidDays)
        )
    );
    return identity::write_credential(credential, files.certificate, files.key);
}

Status issue_client(
    const identity::Credential& authority,
    const IdentityFiles& files,
    const std::string& domain,
    WallTime now
) {
    SEALANE_TRY(
        const auto credential,
        identity::make_client_certificate(
            authority, {files.common_name, domain}, identity::Validity::days_from(now, kValidDays)
        )
    );
    return identity::write_credential(credential, files.certificate, files.key);
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
    const Topology& topology, const Domain& domain, const DomainUser& user, WallTime now
) {
    const std::string& name = domain.name.value;
    const IdentityFiles last = client_identity(domain);
    if (access(last.key.c_str(), F_OK) == 0) return {};
    SEALANE_CHECK(make_owned_directory(domain.secrets.value, user));
    SEALANE_TRY(
        const auto authority,
        identity::make_authority(
            {name + " authority", name}, identity::Validity::days_from(now, kValidDays)
        )
    );
    const std::string authority_key = domain.secrets.value + "/ca.key";
    SEALANE_CHECK(identity::write_credential(authority, last.ca, authority_key));
    std::set<std::string> issued;
    for (const Cluster& cluster : topology.clusters) {
        if (cluster.domain.value != name) continue;
        for (const Broker& broker : cluster.brokers) {
            const IdentityFiles files = broker_identity(domain, broker);
            // Brokers of one identity share its certificate.
            if (!issued.insert(files.common_name).second) continue;
            SEALANE_CHECK(issue_server(authority, files, name, now));
            SEALANE_CHECK(give_to(files.key, user));
        }
    }
    const IdentityFiles mirror = mirror_identity(domain);
    SEALANE_CHECK(issue_client(authority, mirror, name, now));
    SEALANE_CHECK(give_to(mirror.key, user));
    // The operator's and the clients' keys stay with the person who runs the demo.
    SEALANE_CHECK(issue_client(authority, operator_identity(domain), name, now));
    return issue_client(authority, last, name, now);
}

}  // namespace sealane::topology
