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

IdentityFiles broker_identity(const Domain& domain, const Broker& broker) {
    return role_identity(domain, broker.identity);
}

IdentityFiles mirror_identity(const Domain& domain) {
    return role_identity(domain, "mirror");
}
IdentityFiles operator_identity(const Domain& domain) {
    return role_identity(domain, "operator");
}
IdentityFiles client_identity(const Domain& domain) {
    return role_identity(domain, "client");
}

}  // namespace sealane::topology
