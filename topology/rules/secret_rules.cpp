// Trust roots, keys and identities: what domains and roles must not share.

#include "topology/model/identity_files.hpp"
#include "topology/rules/file_paths.hpp"
#include "topology/rules/rule_functions.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace sealane::topology {

void judge_shared_authorities(Judgement& judgement) {
    std::map<std::string, const Domain*> owners;
    for (const Domain& domain : judgement.topology().domains) {
        const std::string ca = normal_path(operator_identity(domain).ca);
        const auto [first, added] = owners.emplace(ca, &domain);
        if (added || first->second->name.value == domain.name.value) continue;
        judgement.find(
            domain.ca ? domain.ca->mark : domain.secrets.mark,
            "domain " + domain.name.value,
            "trusts " + ca + ", as domain " + first->second->name.value + " does",
            "give each domain a certificate authority of its own"
        );
    }
}

void judge_shared_keys(Judgement& judgement) {
    const std::vector<Domain>& domains = judgement.topology().domains;
    for (std::size_t later = 0; later < domains.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            const std::string here = normal_path(domains[later].secrets.value);
            const std::string there = normal_path(domains[earlier].secrets.value);
            if (domains[later].name.value == domains[earlier].name.value) continue;
            if (!lies_within(here, there) && !lies_within(there, here)) continue;
            judgement.find(
                domains[later].secrets.mark,
                "domain " + domains[later].name.value,
                "its secrets in " + here + " and those of domain " + domains[earlier].name.value +
                    " in " + there + " are not apart",
                "give each domain a folder of its own"
            );
        }
    }
}

void judge_reused_roles(Judgement& judgement) {
    constexpr std::array<std::string_view, 4> kRoles{"mirror", "operator", "client", "ca"};
    for (const Cluster& cluster : judgement.topology().clusters) {
        for (const Broker& broker : cluster.brokers) {
            if (std::ranges::find(kRoles, broker.identity) == kRoles.end()) continue;
            judgement.find(
                broker.mark,
                "broker " + cluster.name.value + "-" + std::to_string(broker.id),
                "shows the certificate of the role '" + broker.identity + "'",
                "use broker or a name of its own"
            );
        }
    }
}

}  // namespace sealane::topology
