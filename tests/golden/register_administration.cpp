#include "tests/golden/registration.hpp"

namespace sealane::kafka::testing {

void add_administration(std::vector<MessageUnderTest>& to) {
    add(to, Configs());
    add(to, Cluster());
    add(to, Acls());
    add(to, Sasl());
    add(to, Quotas());
    add(to, Reassignments());
}

}  // namespace sealane::kafka::testing
