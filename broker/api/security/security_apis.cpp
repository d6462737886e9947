// Access control, credentials, quotas over the wire. Decisions are in broker/metadata
// (security_decisions.hpp); changes run on the active controller, one decision each.

#include "broker/api/error_map.hpp"
#include "broker/api/registry.hpp"
#include "broker/api/security/access.hpp"
#include "broker/api/security/fake_salt.hpp"
#include "broker/api/services.hpp"
#include "broker/metadata/security_decisions.hpp"
#include "common/identity/scram.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {

constexpr const char* kNoAuthorizer = "No Authorizer is configured: set authorizer.class.name.";

ScramKeys derive(identity::ScramMechanism mechanism, std::string_view salted) {
    identity::ScramCredential made = identity::scram_credential(mechanism, salted, "", 0);
    return {std::move(made.stored_key), std::move(made.server_key)};
}

// Fills every error of the answer's parts.
template <class Parts>
void refuse_all(Parts& parts, const Error& error) {
    for (auto& part : parts) {
        part.error_code = wire_code(error);
        part.error_message = wire_message(error);
    }
}

// Asks `decide(image)` for a decision and commits its records.
template <class Response, class Decide>
Task<Result<Response>> committed(Services& services, Decide decide, Response* response) {
    SEALANE_CO_CHECK(co_await services.metadata.change([&decide, response](const Image& image) {
        auto decision = decide(image);
        *response = std::move(decision.response);
        return Result<Records>(std::move(decision.records));
    }));
    co_return std::move(*response);
}

Task<Reply<kafka::CreateAclsResponse>> create(
    Services& services, kafka::CreateAclsRequest request
) {
    kafka::CreateAclsResponse response;
    response.results.resize(request.creations.size());
    Status done = fail(ErrorCode::kSecurityDisabled, kNoAuthorizer);
    if (services.access.enabled()) {
        const auto decide = [&services, &request](const Image& image) {
            return create_acls(image, request, [&services] {
                return services.world.random_uuid();
            });
        };
        const auto made = co_await committed(services, decide, &response);
        if (made) co_return *made;
        done = fail(made.error());
    }
    response.results.resize(request.creations.size());
    refuse_all(response.results, done.error());
    co_return response;
}

Task<Reply<kafka::DeleteAclsResponse>> remove(
    Services& services, kafka::DeleteAclsRequest request
) {
    kafka::DeleteAclsResponse response;
    Status done = fail(ErrorCode::kSecurityDisabled, kNoAuthorizer);
    if (services.access.enabled()) {
        const auto decide = [&request](const Image& image) { return delete_acls(image, request); };
        const auto made = co_await committed(services, decide, &response);
        if (made) co_return *made;
        done = fail(made.error());
        response = {};
    }
    response.filter_results.resize(request.filters.size());
    refuse_all(response.filter_results, done.error());
    co_return response;
}

Task<Reply<kafka::DescribeAclsResponse>> describe(
    Services& services, kafka::DescribeAclsRequest request
) {
    if (services.access.enabled()) co_return describe_acls(*services.metadata.image(), request);
    kafka::DescribeAclsResponse response;
    response.error_code = ErrorCode::kSecurityDisabled;
    response.error_message = kNoAuthorizer;
    co_return response;
}

Task<Reply<kafka::AlterUserScramCredentialsResponse>> alter(
    Services& services, kafka::AlterUserScramCredentialsRequest request
) {
    kafka::AlterUserScramCredentialsResponse response;
    const Uuid one = services.world.random_uuid();
    const Uuid other = services.world.random_uuid();
    const auto decide = [&](const Image& image) {
        auto decision = alter_scram(image, request, derive);
        if (!decision.records.empty()) add_fake_salt_key(image, one, other, decision.records);
        return decision;
    };
    const auto made = co_await committed(services, decide, &response);
    if (made) co_return *made;
    refuse_all(response.results, made.error());
    co_return response;
}

Task<Reply<kafka::AlterClientQuotasResponse>> alter(
    Services& services, kafka::AlterClientQuotasRequest request
) {
    kafka::AlterClientQuotasResponse response;
    if (request.validate_only) {
        co_return alter_quotas(*services.metadata.newest(), request).response;
    }
    const auto decide = [&request](const Image& image) { return alter_quotas(image, request); };
    const auto made = co_await committed(services, decide, &response);
    if (made) co_return *made;
    response = alter_quotas(*services.metadata.newest(), request).response;
    refuse_all(response.entries, made.error());
    co_return response;
}

// On listeners without SASL, and after authentication where it cannot be repeated.
template <class Request>
auto illegal_state() {
    return [](RequestContext, Request) -> Task<Reply<typename Request::Response>> {
        typename Request::Response response;
        response.error_code = ErrorCode::kIllegalSaslState;
        if constexpr (requires { response.error_message; }) {
            response.error_message = "This listener has no SASL.";
        }
        co_return response;
    };
}

template <class Request>
auto with(
    Services& services, Task<Reply<typename Request::Response>> (*serve)(Services&, Request)
) {
    return [&services, serve](RequestContext, Request request) {
        return serve(services, std::move(request));
    };
}

}  // namespace

void register_security_apis(ApiRegistry& registry, Services& services) {
    using kafka::DescribeClientQuotasRequest;
    using kafka::DescribeUserScramCredentialsRequest;
    registry.add<kafka::SaslHandshakeRequest>({0, 1}, illegal_state<kafka::SaslHandshakeRequest>());
    registry.add<kafka::SaslAuthenticateRequest>(
        {0, 2}, illegal_state<kafka::SaslAuthenticateRequest>()
    );
    registry.add<kafka::DescribeAclsRequest>({0, 3}, with(services, &describe));
    registry.add_controller<kafka::CreateAclsRequest>({0, 3}, with(services, &create));
    registry.add_controller<kafka::DeleteAclsRequest>({0, 3}, with(services, &remove));
    registry.add_controller<kafka::AlterUserScramCredentialsRequest>(
        {0, 0}, with<kafka::AlterUserScramCredentialsRequest>(services, &alter)
    );
    registry.add_controller<kafka::AlterClientQuotasRequest>(
        {0, 1}, with<kafka::AlterClientQuotasRequest>(services, &alter)
    );
    registry.add<DescribeUserScramCredentialsRequest>(
        {0, 0},
        [&services](
            RequestContext, DescribeUserScramCredentialsRequest request
        ) -> Task<Reply<kafka::DescribeUserScramCredentialsResponse>> {
            co_return describe_scram(*services.metadata.image(), request);
        }
    );
    registry.add<DescribeClientQuotasRequest>(
        {0, 1},
        [&services](
            RequestContext, DescribeClientQuotasRequest request
        ) -> Task<Reply<kafka::DescribeClientQuotasResponse>> {
            co_return describe_quotas(*services.metadata.image(), request);
        }
    );
}

}  // namespace sealane::broker
