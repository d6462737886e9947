#include "tests/golden/registration.hpp"

namespace sealane::kafka::testing {

void add_transactions(std::vector<MessageUnderTest>& to) {
    add(to, Producers());
    add(to, Transactions());
    add(to, TransactionAdmin());
    add(to, LogRecords());
}

}  // namespace sealane::kafka::testing
