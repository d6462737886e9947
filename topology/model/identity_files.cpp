#include "topology/model/identity_files.hpp"

namespace sealane::topology {

IdentityFiles role_identity(const Domain& domain, const std::string& role) {
    const std::string& folder = domain.secrets.value;
    return {
        .ca = domain.ca ? domain.ca->value : folder + "/ca.crt",
        .certificate = folder + "/" + role + ".crt",
        .key = folder + "/" + role + ".key",
        .common_name = role,
        .principal = "User:CN=" + role + ",O=" + domain.name.value,
    };
}

IdentityFiles broker_identity(const Domain& domain, const Cluster& cluster, const Broker& broker) {
    return role_identity(domain, "broker-" + cluster.name.value + "-" + std::to_string(broker.id));
}

IdentityFiles mirror_identity(const Domain& domain) {
    return role_identity(domain, "mirror");
}
IdentityFiles admin_identity(const Domain& domain) {
    return role_identity(domain, "admin");
}
IdentityFiles client_identity(const Domain& domain) {
    return role_identity(domain, "client");
}

}  // namespace sealane::topology
