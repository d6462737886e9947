#include "tests/golden/registration.hpp"

namespace sealane::kafka::testing {

void add_groups(std::vector<MessageUnderTest>& to) {
    add(to, Groups());
    add(to, GroupAdmin());
    add(to, ConsumerGroups());
    add(to, Offsets());
    add(to, ConsumerProtocol());
    add(to, GroupRecords());
    add(to, ConsumerGroupRecords());
}

}  // namespace sealane::kafka::testing
