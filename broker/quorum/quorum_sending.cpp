// Sending: votes and announcements, one request at a time to each node.

#include "broker/quorum/quorum_inner.hpp"

namespace sealane::broker::quorum {

using runtime::Task;

namespace {

const PartitionId kPartition{0};

// The first partition of the first topic; nothing when there is none.
template <class Response>
const typename Response::PartitionData* only_partition(const Response& response) {
    if (response.topics.empty() || response.topics[0].partitions.empty()) return nullptr;
    return &response.topics[0].partitions[0];
}

template <class Response>
ErrorCode error_of(const Response& response) {
    if (response.error_code != ErrorCode::kNone) return response.error_code;
    const auto* partition = only_partition(response);
    return partition == nullptr ? ErrorCode::kInvalidRequest : partition->error_code;
}

template <class Response>
LeaderView view_of(const Response& response) {
    const auto* partition = only_partition(response);
    if (partition == nullptr) return {};
    return {partition->leader_epoch, partition->leader_id};
}

template <class Request>
typename Request::PartitionData& only_partition_of(Request& request) {
    auto& topic = request.topics.emplace_back();
    topic.topic_name = kMetadataLogTopic;
    return topic.partitions.emplace_back();
}

std::optional<std::string> optional_text(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

void Quorum::Inner::enqueue(const Outgoing& out) {
    Outbox& box = outboxes[out.to];
    box.waiting.at(out.message.index()) = out;
    if (std::exchange(box.sending, true)) return;
    tasks.spawn([this, to = out.to] { return send_loop(to); });
}

Task<void> Quorum::Inner::send_loop(BrokerId to) {
    for (;;) {
        std::optional<Outgoing> next;
        for (auto& waiting : outboxes.at(to).waiting) {
            if (!waiting) continue;
            next = std::exchange(waiting, std::nullopt);
            break;
        }
        if (!next || tasks.stopping() || figures.failed) break;
        co_await send_one(to, *std::move(next));
    }
    outboxes.at(to).sending = false;
    work.notify_all();
}

Task<void> Quorum::Inner::send_one(BrokerId to, Outgoing out) {
    if (const auto* vote = std::get_if<VoteAsk>(&out.message)) return send_vote(to, *vote);
    if (const auto* begin = std::get_if<BeginAsk>(&out.message)) return send_begin(to, *begin);
    return send_end(to, std::get<EndAsk>(out.message));
}

Task<void> Quorum::Inner::send_vote(BrokerId to, VoteAsk wanted) {
    kafka::VoteRequest request;
    request.cluster_id = optional_text(config.cluster_id);
    request.voter_id = wanted.voter.id;
    auto& partition = only_partition_of(request);
    partition.partition_index = kPartition;
    partition.replica_epoch = wanted.epoch.value;
    partition.replica_id = wanted.candidate.id;
    partition.replica_directory_id = wanted.candidate.directory;
    partition.voter_directory_id = wanted.voter.directory;
    partition.last_offset_epoch = wanted.last.epoch;
    partition.last_offset = wanted.last.offset;
    partition.pre_vote = wanted.pre_vote;
    const auto reply = co_await ask(
        to, PeerLane::kQuorum, std::move(request), world.now() + config.request_timeout
    );
    if (!reply) co_return;
    note_reached(to);
    VoteAnswer answer;
    answer.error = error_of(*reply);
    note_refusal(to, answer.error);
    answer.view = view_of(*reply);
    note_view(answer.view);
    const auto* given = only_partition(*reply);
    answer.granted = given != nullptr && given->vote_granted;
    (void)co_await step([to, wanted, answer](Raft& core, Instant now, Effects& fx) {
        core.on_vote_answer(now, to, wanted, answer, fx);
    });
}

Task<void> Quorum::Inner::send_begin(BrokerId to, BeginAsk wanted) {
    kafka::BeginQuorumEpochRequest request;
    request.cluster_id = optional_text(config.cluster_id);
    request.voter_id = wanted.voter.id;
    auto& partition = only_partition_of(request);
    partition.partition_index = kPartition;
    partition.voter_directory_id = wanted.voter.directory;
    partition.leader_id = wanted.leader;
    partition.leader_epoch = wanted.epoch;
    if (own_endpoint) {
        request.leader_endpoints.push_back({config.listener, own_endpoint->host, own_endpoint->port}
        );
    }
    const auto reply = co_await ask(
        to, PeerLane::kQuorum, std::move(request), world.now() + config.request_timeout
    );
    if (!reply) co_return;
    const EpochAnswer answer{error_of(*reply), view_of(*reply)};
    (void)co_await step([answer](Raft& core, Instant now, Effects& fx) {
        core.on_epoch_answer(now, answer, fx);
    });
}

Task<void> Quorum::Inner::send_end(BrokerId to, EndAsk wanted) {
    kafka::EndQuorumEpochRequest request;
    request.cluster_id = optional_text(config.cluster_id);
    auto& partition = only_partition_of(request);
    partition.partition_index = kPartition;
    partition.leader_id = wanted.leader;
    partition.leader_epoch = wanted.epoch;
    for (const ReplicaKey& key : wanted.preferred) {
        partition.preferred_candidates.push_back({key.id, key.directory});
        partition.preferred_successors.push_back(key.id);
    }
    if (own_endpoint) {
        request.leader_endpoints.push_back({config.listener, own_endpoint->host, own_endpoint->port}
        );
    }
    const auto reply = co_await ask(
        to, PeerLane::kQuorum, std::move(request), world.now() + config.request_timeout
    );
    if (!reply) co_return;
    const EpochAnswer answer{error_of(*reply), view_of(*reply)};
    (void)co_await step([answer](Raft& core, Instant now, Effects& fx) {
        core.on_epoch_answer(now, answer, fx);
    });
}

// Where the voters are, as their set says: the endpoint of our listener's name, else the first.
void Quorum::Inner::learn_endpoints() {
    for (const auto& [id, node] : raft->voters().nodes()) {
        if (id == config.node || node.endpoints.empty()) continue;
        const VoterEndpoint* best = &node.endpoints.front();
        for (const VoterEndpoint& endpoint : node.endpoints) {
            if (endpoint.listener == config.listener) best = &endpoint;
        }
        // Only news: what a leader said about itself since is newer than an old record.
        const bool known = learnt.contains(id) && learnt.at(id) == *best;
        if (known) continue;
        learnt.insert_or_assign(id, *best);
        peers.set_endpoint(id, {.host = best->host, .port = best->port, .unix_path = {}});
    }
}

}  // namespace sealane::broker::quorum
