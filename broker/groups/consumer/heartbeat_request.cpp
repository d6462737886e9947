#include "broker/groups/consumer/heartbeat_request.hpp"

#include "broker/coordinator/name_pattern.hpp"

namespace sealane::broker::groups {
namespace {

std::unexpected<Error> invalid(std::string text) {
    return fail(ErrorCode::kInvalidRequest, std::move(text));
}

bool is_blank(const std::optional<std::string>& text) {
    return text && text->empty();
}

Status check_join(const ConsumerHeartbeatRequest& request) {
    if (request.rebalance_timeout_ms < 0)
        return invalid("RebalanceTimeoutMs must be provided in first request.");
    if (!request.owned || !request.owned->empty())
        return invalid("TopicPartitions must be empty when (re-)joining.");
    if (!request.topics && !request.pattern)
        return invalid(
            "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when "
            "(re-)joining."
        );
    return {};
}

Status check_assignor(const ConsumerGroupConfig& config, const std::string& name) {
    std::string supported;
    for (const Assignor each : config.assignors) {
        if (name_of(each) == name) return {};
        if (!supported.empty()) supported += ", ";
        supported += name_of(each);
    }
    return fail(
        ErrorCode::kUnsupportedAssignor,
        "ServerAssignor " + name + " is not supported. Supported assignors: " + supported + "."
    );
}

}  // namespace

Status check_heartbeat(const ConsumerGroupConfig& config, const ConsumerHeartbeatRequest& request) {
    const bool joining = request.member_epoch == kJoiningEpoch;
    if (request.group_id.empty()) return invalid("GroupId can't be empty.");
    if (request.member_id.empty() && (request.makes_own_member_id || !joining))
        return invalid("MemberId can't be empty.");
    if (is_blank(request.instance_id)) return invalid("InstanceId can't be empty.");
    if (is_blank(request.rack_id)) return invalid("RackId can't be empty.");
    if (request.member_epoch < kStaticLeavingEpoch) return invalid("MemberEpoch is invalid.");
    if (request.member_epoch == kStaticLeavingEpoch && !request.instance_id)
        return invalid("InstanceId can't be null.");
    if (joining) SEALANE_CHECK(check_join(request));
    if (request.assignor) SEALANE_CHECK(check_assignor(config, *request.assignor));
    if (request.pattern && !request.pattern->empty()) {
        const auto pattern = NamePattern::parse("SubscribedTopicRegex", *request.pattern);
        if (!pattern) return fail(pattern.error());
    }
    return {};
}

bool says_everything(const ConsumerHeartbeatRequest& request) {
    return request.rebalance_timeout_ms >= 0 && (request.topics || request.pattern) &&
           request.owned;
}

}  // namespace sealane::broker::groups
