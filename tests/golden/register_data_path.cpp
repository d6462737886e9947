#include "tests/golden/registration.hpp"

namespace sealane::kafka::testing {

void add_data_path(std::vector<MessageUnderTest>& to) {
    add(to, Headers());
    add(to, ApiVersions());
    add(to, Produce());
    add(to, Fetch());
    add(to, ListOffsets());
    add(to, Metadata());
    add(to, Topics());
    add(to, Mirror());
}

}  // namespace sealane::kafka::testing
