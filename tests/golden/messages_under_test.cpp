#include "tests/golden/messages_under_test.hpp"

namespace sealane::kafka::testing {

const std::vector<MessageUnderTest>& messages_under_test() {
    static const std::vector<MessageUnderTest> all = [] {
        std::vector<MessageUnderTest> messages;
        add_data_path(messages);
        add_groups(messages);
        add_administration(messages);
        add_transactions(messages);
        add_quorum(messages);
        return messages;
    }();
    return all;
}

const MessageUnderTest* find_message(std::string_view name) {
    for (const MessageUnderTest& message : messages_under_test()) {
        if (message.schema.name == name) return &message;
    }
    return nullptr;
}

}  // namespace sealane::kafka::testing
