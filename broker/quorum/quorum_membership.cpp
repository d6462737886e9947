// Voter changes on request: appended by the leader, answered when they are committed.

#include "broker/quorum/quorum_inner.hpp"

namespace sealane::broker::quorum {

using runtime::Task;

namespace {

// How often a new voter is looked at while it catches up.
constexpr Duration kLookAgain = 50ms;

template <class Listeners>
std::vector<VoterEndpoint> endpoints_of(const Listeners& listeners) {
    std::vector<VoterEndpoint> endpoints;
    for (const auto& listener : listeners) {
        endpoints.push_back({listener.name, listener.host, listener.port});
    }
    return endpoints;
}

std::string words_for(ErrorCode error) {
    switch (error) {
        case ErrorCode::kNone:
            return {};
        case ErrorCode::kDuplicateVoter:
            return "the voter is one already";
        case ErrorCode::kVoterNotFound:
            return "no voter has this id and directory";
        case ErrorCode::kRequestTimedOut:
            return "the new voter did not catch up, or an earlier change was not committed in time";
        case ErrorCode::kNotLeaderOrFollower:
            return "this node does not lead the quorum";
        default:
            return std::string(name_of(error));
    }
}

}  // namespace

// Tries until the core takes the change (an earlier one is committed, the new voter has caught up).
Task<Quorum::Inner::Outcome> Quorum::Inner::change_voters(
    std::optional<std::string> cluster_id, Change change, Instant deadline, bool committed
) {
    ErrorCode error = check_ready();
    if (error == ErrorCode::kNone) error = check_cluster(cluster_id);
    if (error != ErrorCode::kNone) co_return Outcome{error, words_for(error)};
    for (;;) {
        const auto decide = [&](Raft& core, Instant now, Effects& fx) {
            error = change(core, now, fx);
        };
        if (const auto done = co_await step(decide); !done) {
            co_return Outcome{check_ready(), done.error().to_string()};
        }
        if (error == ErrorCode::kNone && committed) error = co_await wait_committed(deadline);
        const bool again = error == ErrorCode::kRequestTimedOut && world.now() < deadline;
        if (!again || tasks.stopping()) co_return Outcome{error, words_for(error)};
        (void)co_await news.wait_until(std::min(deadline, world.now() + kLookAgain));
    }
}

// The newest voters. Its own removal ends a leader in the moment of the commit.
Task<ErrorCode> Quorum::Inner::wait_committed(Instant deadline) {
    const LeaderEpoch epoch = raft->epoch();
    const Offset record = raft->voter_history().latest_offset().value_or(kNoOffset);
    while (raft->high_watermark() <= record) {
        if (raft->epoch() != epoch || !raft->is_leader()) co_return ErrorCode::kNotLeaderOrFollower;
        if (tasks.stopping() || figures.failed) co_return check_ready();
        if (world.now() >= deadline) co_return ErrorCode::kRequestTimedOut;
        (void)co_await news.wait_until(deadline);
    }
    co_return ErrorCode::kNone;
}

Task<kafka::AddRaftVoterResponse> Quorum::add_voter(kafka::AddRaftVoterRequest request) {
    const Inner::Use use(*inner_);
    const VoterNode node{
        {request.voter_id, request.voter_directory_id}, endpoints_of(request.listeners)
    };
    kafka::AddRaftVoterResponse response;
    if (request.voter_id.value < 0 || node.endpoints.empty()) {
        response.error_code = ErrorCode::kInvalidRequest;
        response.error_message = "a voter needs an id and a listener";
        co_return response;
    }
    const Instant deadline =
        inner_->world.now() + std::chrono::milliseconds(std::max(request.timeout_ms, 0));
    const auto change = [node](Raft& core, Instant now, Effects& fx) {
        return core.add_voter(now, node, fx);
    };
    const auto outcome = co_await inner_->change_voters(
        request.cluster_id, change, deadline, request.ack_when_committed
    );
    response.error_code = outcome.error;
    response.error_message.reset();
    if (outcome.error != ErrorCode::kNone) response.error_message = outcome.message;
    co_return response;
}

Task<kafka::RemoveRaftVoterResponse> Quorum::remove_voter(kafka::RemoveRaftVoterRequest request) {
    const Inner::Use use(*inner_);
    const ReplicaKey key{request.voter_id, request.voter_directory_id};
    const auto change = [key](Raft& core, Instant now, Effects& fx) {
        return core.remove_voter(now, key, fx);
    };
    const Instant deadline = inner_->world.now() + 2 * inner_->config.request_timeout;
    const auto outcome = co_await inner_->change_voters(request.cluster_id, change, deadline, true);
    kafka::RemoveRaftVoterResponse response;
    response.error_code = outcome.error;
    response.error_message.reset();
    if (outcome.error != ErrorCode::kNone) response.error_message = outcome.message;
    co_return response;
}

Task<kafka::UpdateRaftVoterResponse> Quorum::update_voter(kafka::UpdateRaftVoterRequest request) {
    const Inner::Use use(*inner_);
    const VoterNode node{
        {request.voter_id, request.voter_directory_id}, endpoints_of(request.listeners)
    };
    const LeaderEpoch epoch = request.current_leader_epoch;
    const auto change = [node, epoch](Raft& core, Instant now, Effects& fx) {
        const ErrorCode wrong = core.check_leader(epoch);
        return wrong != ErrorCode::kNone ? wrong : core.update_voter(now, node, fx);
    };
    const Instant deadline = inner_->world.now() + 2 * inner_->config.request_timeout;
    const auto outcome = co_await inner_->change_voters(request.cluster_id, change, deadline, true);
    kafka::UpdateRaftVoterResponse response;
    response.error_code = outcome.error;
    if (!inner_->raft) co_return response;
    const LeaderView view = inner_->raft->view();
    response.current_leader.leader_id = view.leader;
    response.current_leader.leader_epoch = view.epoch;
    const auto at = view.leader == inner_->config.node ? inner_->own_endpoint
                                                       : inner_->peers.endpoint(view.leader);
    if (at) {
        response.current_leader.host = at->host;
        response.current_leader.port = at->port;
    }
    co_return response;
}

}  // namespace sealane::broker::quorum
