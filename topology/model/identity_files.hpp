#pragma once
// Where the certificates and keys of a domain lie, and which principal each stands for. One layout
// for everybody: whoever makes certificates (the demo, an operator's tool) follows it, and the
// rendered configurations name these files.
//   <secrets>/ca.crt              the trust root; ca.key only where certificates are made
//   <secrets>/broker.crt, .key    the domain's brokers; a broker with `identity: x` has x.crt,
//   x.key <secrets>/mirror.crt, .key    the domain's mirror process <secrets>/operator.crt, .key
//   the operator's command line <secrets>/client.crt, .key    ordinary clients
// Subjects are O=<domain>, CN=<role>; the principal is "User:CN=<role>,O=<domain>" (RFC 2253).

#include "topology/model/topology.hpp"

namespace sealane::topology {

struct IdentityFiles {
    std::string ca;
    std::string certificate;
    std::string key;
    std::string common_name;
    std::string principal;
};

// Paths as the file has them: relative ones are relative to the topology file.
[[nodiscard]] IdentityFiles broker_identity(const Domain& domain, const Broker& broker);
[[nodiscard]] IdentityFiles mirror_identity(const Domain& domain);
[[nodiscard]] IdentityFiles operator_identity(const Domain& domain);
[[nodiscard]] IdentityFiles client_identity(const Domain& domain);
// Any other role, "producer-1" say.
[[nodiscard]] IdentityFiles role_identity(const Domain& domain, const std::string& role);

}  // namespace sealane::topology
