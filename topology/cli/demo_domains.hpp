#pragma once
// The security domains of a demo: a certificate authority each, and the identities below it. When
// root starts the demo, each domain's processes run under a user id of their own and only that
// user can read the domain's keys; otherwise file modes and separate processes keep them apart.

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "topology/cli/demo_home.hpp"
#include "topology/model/topology.hpp"

#include <string>
#include <sys/types.h>
#include <vector>

namespace sealane::topology {

struct DomainUser {
    bool separate = false;  // false: the user who runs the demo
    uid_t user = 0;
    gid_t group = 0;
};

// The user of the n-th domain (60001 + n, group 60000, none of which needs an account).
[[nodiscard]] DomainUser demo_domain_user(std::size_t index);

// Makes the domain's authority and identities (layout: topology/model/identity_files.hpp) in its
// secrets folder: one for every broker of the domain, one each for mirror, operator and client. An
// existing domain is left as it is. `now`: start of validity.
[[nodiscard]] Status make_demo_domain(
    const Topology& topology, const Domain& domain, const DomainUser& user, WallTime now
);
// A directory owned by the domain's user, mode 0750, made if missing.
[[nodiscard]] Status make_owned_directory(const std::string& path, const DomainUser& user);

}  // namespace sealane::topology
