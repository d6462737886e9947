#include "tests/golden/registration.hpp"

namespace sealane::kafka::testing {

void add_quorum(std::vector<MessageUnderTest>& to) {
    add(to, Brokers());
    add(to, Quorum());
    add(to, QuorumAdmin());
    add(to, Voters());
    add(to, QuorumRecords());
    add(to, MetadataRecords());
    add(to, MetadataClusterRecords());
    add(to, MetadataSecurityRecords());
}

}  // namespace sealane::kafka::testing
