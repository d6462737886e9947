#pragma once
// A broker with an authorizer, and clients that are User:ANONYMOUS with the rights a test gives.

#include "broker/metadata/security_decisions.hpp"
#include "common/identity/acl.hpp"
#include "tests/unit/broker/app/broker_fixture.hpp"

namespace sealane::broker {

class AccessTest : public BrokerTest {
 protected:
    using Op = identity::AclOperation;
    using Type = identity::ResourceType;

    AccessTest() {
        config_.authorizer.enabled = true;
        config_.offsets_topic_partitions = 1;
        config_.group_initial_rebalance_delay_ms = 0;
    }

    // What a super user would do with kafka-acls.
    static Task<void> permit(
        Broker& broker,
        Type type,
        std::string name,
        Op operation,
        identity::PatternType pattern = identity::PatternType::kLiteral,
        identity::AclPermission permission = identity::AclPermission::kAllow
    ) {
        kafka::CreateAclsRequest request;
        auto& one = request.creations.emplace_back();
        one.resource_type = static_cast<std::int8_t>(type);
        one.resource_name = std::move(name);
        one.resource_pattern_type = static_cast<std::int8_t>(pattern);
        one.principal = "User:ANONYMOUS";
        one.host = "*";
        one.operation = static_cast<std::int8_t>(operation);
        one.permission_type = static_cast<std::int8_t>(permission);
        Services& services = broker.services();
        const Status done = co_await services.metadata.change([&](const Image& image) {
            auto decision =
                create_acls(image, request, [&] { return services.world.random_uuid(); });
            EXPECT_EQ(decision.response.results.at(0).error_code, ErrorCode::kNone);
            return Result<Records>(std::move(decision.records));
        });
        EXPECT_TRUE(done.has_value());
    }
    static Task<void> permit_cluster(Broker& broker, Op operation) {
        co_await permit(broker, Type::kCluster, std::string(identity::kClusterName), operation);
    }
    static Task<void> revoke_everything(Broker& broker) {
        kafka::DeleteAclsRequest request;
        auto& filter = request.filters.emplace_back();
        filter.resource_type_filter = filter.operation = filter.permission_type = 1;
        filter.pattern_type_filter = 1;
        filter.resource_name_filter.reset();
        filter.principal_filter.reset();
        filter.host_filter.reset();
        const Status done = co_await broker.services().metadata.change([&](const Image& image) {
            return Result<Records>(delete_acls(image, request).records);
        });
        EXPECT_TRUE(done.has_value());
    }
    // A topic that nobody has rights on yet.
    static Task<void> topic_of_somebody(Broker& broker, RawClient& raw, std::string name) {
        co_await permit_cluster(broker, Op::kCreate);
        co_await make_topic(raw, std::move(name));
        co_await revoke_everything(broker);
    }
    // Topics a and b, a group g: it may be read, and a, but not b.
    static Task<void> group_that_reads_one_of_two(Broker& broker, RawClient& raw) {
        co_await topic_of_somebody(broker, raw, "a");
        co_await topic_of_somebody(broker, raw, "b");
        co_await permit(broker, Type::kGroup, "g", Op::kRead);
        co_await permit(broker, Type::kTopic, "a", Op::kRead);
    }
};

}  // namespace sealane::broker
