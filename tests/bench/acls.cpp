// Access control entries for a measurement: what the load may do, and many that are about others.

#include "common/kafka/messages/acls.hpp"

#include "common/identity/acl.hpp"
#include "tests/bench/load.hpp"

namespace sealane::bench {
namespace {

using identity::AclOperation;
using identity::AclPermission;
using identity::PatternType;
using identity::ResourceType;
using runtime::Task;

constexpr std::size_t kAtATime = 1000;

kafka::CreateAclsRequest::AclCreation entry(
    PatternType pattern, std::string name, std::string principal, AclOperation operation
) {
    kafka::CreateAclsRequest::AclCreation made;
    made.resource_type = static_cast<std::int8_t>(ResourceType::kTopic);
    made.resource_name = std::move(name);
    made.resource_pattern_type = static_cast<std::int8_t>(pattern);
    made.principal = std::move(principal);
    made.host = identity::kWildcard;
    made.operation = static_cast<std::int8_t>(operation);
    made.permission_type = static_cast<std::int8_t>(AclPermission::kAllow);
    return made;
}

Task<Status> send(client::ClusterClient& cluster, kafka::CreateAclsRequest request) {
    const Instant deadline = cluster.world().now() + kPatience;
    SEALANE_CO_TRY(const auto answer, co_await cluster.send_any(std::move(request), deadline));
    for (const auto& result : answer.results) {
        if (result.error_code == ErrorCode::kNone) continue;
        co_return fail(result.error_code, result.error_message.value_or("creating entries"));
    }
    co_return Status{};
}

Task<Status> create_all(client::ClusterClient& cluster, const Load& load, std::int32_t others) {
    kafka::CreateAclsRequest request;
    for (const AclOperation operation : {AclOperation::kRead, AclOperation::kWrite}) {
        request.creations.push_back(
            entry(PatternType::kLiteral, load.topic, "User:ANONYMOUS", operation)
        );
    }
    for (std::int32_t i = 0; i < others; ++i) {
        const std::string number = std::to_string(i / 2);
        const std::string user = "User:user-" + std::to_string(i / 2 % 100);
        request.creations.push_back(
            i % 2 == 0 ? entry(PatternType::kLiteral, "topic-" + number, user, AclOperation::kRead)
                       : entry(PatternType::kPrefixed, "team-" + number, user, AclOperation::kWrite)
        );
        if (request.creations.size() < kAtATime) continue;
        SEALANE_CO_CHECK(co_await send(cluster, std::exchange(request, {})));
    }
    if (request.creations.empty()) co_return Status{};
    co_return co_await send(cluster, std::move(request));
}

}  // namespace

Task<Result<Report>> create_acls(
    runtime::World& world, Access access, Load load, std::int32_t others
) {
    client::ClusterClient cluster(world, std::move(access));
    const Instant start = world.now();
    const Status done = co_await create_all(cluster, load, others);
    Report report;
    report.add("seconds", seconds_of(world.now() - start));
    co_await cluster.stop();
    SEALANE_CO_CHECK(done);
    co_return report;
}

}  // namespace sealane::bench
