// ListGroups, with filters by state (KIP-518) and type (KIP-848).

#include "broker/api/groups/group_handlers.hpp"
#include "common/kafka/messages/group_admin.hpp"

#include <algorithm>

namespace sealane::broker {
namespace {

using kafka::ListGroupsRequest;
using kafka::ListGroupsResponse;
using runtime::Task;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

// No filter lets everything pass.
bool passes(const std::vector<std::string>& filter, std::string_view value) {
    return filter.empty() ||
           std::ranges::any_of(filter, [&](const std::string& one) { return same(one, value); });
}

Task<Reply<ListGroupsResponse>> list_groups(GroupServicesPtr services, ListGroupsRequest wire) {
    ListGroupsResponse response;
    auto groups = co_await services->coordinator.list();
    if (!groups) {
        response.error_code = wire_code(groups.error());
        co_return response;
    }
    for (groups::ListedGroup& group : *groups) {
        if (!passes(wire.states_filter, group.state) || !passes(wire.types_filter, group.type))
            continue;
        auto& listed = response.groups.emplace_back();
        listed.group_id = std::move(group.group_id);
        listed.protocol_type = std::move(group.protocol_type);
        listed.group_state = group.state;
        listed.group_type = group.type;
    }
    co_return response;
}

}  // namespace

void add_list_groups(ApiRegistry& registry, GroupServicesPtr services) {
    registry.add<ListGroupsRequest>(
        {0, 5},
        [services](RequestContext, ListGroupsRequest wire) -> Task<Reply<ListGroupsResponse>> {
            return list_groups(services, std::move(wire));
        }
    );
}

}  // namespace sealane::broker
