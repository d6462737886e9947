// Requests of other nodes: checked, decided, answered when their effects are done.

#include "broker/quorum/quorum_inner.hpp"
#include "common/kafka/records/batch_cursor.hpp"

#include <algorithm>

namespace sealane::broker::quorum {

using runtime::Task;

namespace {

constexpr Duration kLongestWait = 30s;

// The one partition of the one topic that a quorum's request may name; null otherwise.
template <class Request>
const typename Request::PartitionData* only_partition(const Request& request) {
    if (request.topics.size() != 1 || request.topics[0].partitions.size() != 1) return nullptr;
    if (request.topics[0].topic_name != kMetadataLogTopic) return nullptr;
    const auto& partition = request.topics[0].partitions[0];
    return partition.partition_index == PartitionId(0) ? &partition : nullptr;
}

template <class Response>
typename Response::PartitionData& answer_partition(Response& response, const LeaderView& view) {
    auto& topic = response.topics.emplace_back();
    topic.topic_name = kMetadataLogTopic;
    auto& partition = topic.partitions.emplace_back();
    partition.leader_id = view.leader;
    partition.leader_epoch = view.epoch;
    return partition;
}

bool names_metadata(const kafka::FetchRequest& request) {
    if (request.topics.size() != 1 || request.topics[0].partitions.size() != 1) return false;
    const auto& topic = request.topics[0];
    return (topic.topic == kMetadataLogTopic || topic.topic_id == kMetadataTopicId) &&
           topic.partitions[0].partition == PartitionId(0);
}

}  // namespace

ErrorCode Quorum::Inner::check_ready() const {
    if (!raft || tasks.stopping()) return ErrorCode::kBrokerNotAvailable;
    return figures.failed ? ErrorCode::kKafkaStorageError : ErrorCode::kNone;
}

ErrorCode Quorum::Inner::check_cluster(const std::optional<std::string>& cluster_id) const {
    const bool other = cluster_id && !config.cluster_id.empty() && *cluster_id != config.cluster_id;
    return other ? ErrorCode::kInconsistentClusterId : ErrorCode::kNone;
}

Task<kafka::VoteResponse> Quorum::Inner::vote(kafka::VoteRequest request) {
    kafka::VoteResponse response;
    response.error_code = check_ready();
    if (response.error_code == ErrorCode::kNone) {
        response.error_code = check_cluster(request.cluster_id);
    }
    const auto* asked = only_partition(request);
    if (response.error_code == ErrorCode::kNone && asked == nullptr) {
        response.error_code = ErrorCode::kInvalidRequest;
    }
    if (response.error_code != ErrorCode::kNone) co_return response;
    VoteAsk wanted;
    wanted.candidate = {asked->replica_id, asked->replica_directory_id};
    wanted.voter = {request.voter_id, asked->voter_directory_id};
    wanted.epoch = LeaderEpoch(asked->replica_epoch);
    wanted.last = {asked->last_offset_epoch, asked->last_offset};
    wanted.pre_vote = asked->pre_vote;
    note_reached(wanted.candidate.id);
    VoteAnswer answer;
    const auto done = co_await step([wanted, &answer](Raft& core, Instant now, Effects& fx) {
        answer = core.on_vote(now, wanted, fx);
    });
    // A vote that is not durable was not given.
    if (!done || figures.failed) {
        response.error_code = ErrorCode::kKafkaStorageError;
        co_return response;
    }
    auto& partition = answer_partition(response, answer.view);
    partition.error_code = answer.error;
    partition.vote_granted = answer.granted;
    name_leader(response, answer.view.leader);
    co_return response;
}

Task<kafka::BeginQuorumEpochResponse> Quorum::Inner::begin(kafka::BeginQuorumEpochRequest request) {
    kafka::BeginQuorumEpochResponse response;
    response.error_code = check_ready();
    if (response.error_code == ErrorCode::kNone) {
        response.error_code = check_cluster(request.cluster_id);
    }
    const auto* asked = only_partition(request);
    if (response.error_code == ErrorCode::kNone && asked == nullptr) {
        response.error_code = ErrorCode::kInvalidRequest;
    }
    if (response.error_code != ErrorCode::kNone) co_return response;
    const BeginAsk wanted{
        asked->leader_id, asked->leader_epoch, {request.voter_id, asked->voter_directory_id}
    };
    EpochAnswer answer;
    const auto done = co_await step([wanted, &answer](Raft& core, Instant now, Effects& fx) {
        answer = core.on_begin_epoch(now, wanted, fx);
    });
    if (!done || figures.failed) {
        response.error_code = ErrorCode::kKafkaStorageError;
        co_return response;
    }
    // A leader that has moved says where it is now.
    const auto& ends = request.leader_endpoints;
    const auto at = std::ranges::find(
        ends, config.listener, &kafka::BeginQuorumEpochRequest::LeaderEndpoint::name
    );
    if (answer.error == ErrorCode::kNone && at != ends.end() && !at->host.empty()) {
        peers.set_endpoint(wanted.leader, {.host = at->host, .port = at->port, .unix_path = {}});
    }
    answer_partition(response, answer.view).error_code = answer.error;
    name_leader(response, answer.view.leader);
    co_return response;
}

Task<kafka::EndQuorumEpochResponse> Quorum::Inner::end(kafka::EndQuorumEpochRequest request) {
    kafka::EndQuorumEpochResponse response;
    response.error_code = check_ready();
    if (response.error_code == ErrorCode::kNone) {
        response.error_code = check_cluster(request.cluster_id);
    }
    const auto* asked = only_partition(request);
    if (response.error_code == ErrorCode::kNone && asked == nullptr) {
        response.error_code = ErrorCode::kInvalidRequest;
    }
    if (response.error_code != ErrorCode::kNone) co_return response;
    EndAsk wanted;
    wanted.leader = asked->leader_id;
    wanted.epoch = asked->leader_epoch;
    for (const auto& candidate : asked->preferred_candidates) {
        wanted.preferred.push_back({candidate.candidate_id, candidate.candidate_directory_id});
    }
    if (wanted.preferred.empty()) {
        for (const BrokerId id : asked->preferred_successors) wanted.preferred.push_back({id, {}});
    }
    EpochAnswer answer;
    const auto done = co_await step([wanted, &answer](Raft& core, Instant now, Effects& fx) {
        answer = core.on_end_epoch(now, wanted, fx);
    });
    if (!done || figures.failed) {
        response.error_code = ErrorCode::kKafkaStorageError;
        co_return response;
    }
    answer_partition(response, answer.view).error_code = answer.error;
    name_leader(response, answer.view.leader);
    co_return response;
}

// Decides, and decides again whenever something happens, until there is news for the asker or its
// time is over. `told`: the high watermark that the asker knows.
Task<Result<FetchVerdict>> Quorum::Inner::decide_fetch(
    FetchAsk ask_of, std::optional<Offset> told, Instant until
) {
    for (;;) {
        FetchVerdict verdict;
        const auto decide = [ask_of, &verdict](Raft& core, Instant now, Effects& fx) {
            verdict = core.on_fetch(now, ask_of, fx);
        };
        SEALANE_CO_CHECK(co_await step(decide));
        const bool plain =
            verdict.error == ErrorCode::kNone && !verdict.diverging && !verdict.snapshot;
        if (!plain || ask_of.position.offset < verdict.log_end) co_return verdict;
        if (!told) told = verdict.high_watermark;
        // One that a new leader has not learnt again yet is no news.
        if (verdict.high_watermark > *told || world.now() >= until) co_return verdict;
        const auto nothing_new = [&] {
            return raft->is_leader() && raft->epoch() == ask_of.epoch &&
                   raft->log_end() == verdict.log_end && raft->high_watermark() <= *told &&
                   raft->log_start() == verdict.log_start;
        };
        while (nothing_new() && !tasks.stopping() && !figures.failed && world.now() < until) {
            (void)co_await news.wait_until(until);
        }
        if (tasks.stopping()) co_return fail(Error::stopped());
        // Time is over and nothing came: what is known is still so, and asking again would count as
        // a sign of life of somebody who may be gone.
        if (nothing_new()) co_return verdict;
    }
}

Task<Result<BufferSlice>> Quorum::Inner::read_log(Offset from, Offset to, std::size_t most) {
    LogRead request;
    request.from = from;
    request.max_bytes = most;
    request.up_to = to;
    SEALANE_CO_TRY(const LogReadOutcome read, co_await log->read(request));
    co_return read.records.joined();
}

Task<kafka::FetchResponse> Quorum::Inner::fetch(kafka::FetchRequest request) {
    kafka::FetchResponse refused;
    refused.error_code = check_ready();
    if (refused.error_code == ErrorCode::kNone) {
        refused.error_code = check_cluster(request.cluster_id);
    }
    if (refused.error_code == ErrorCode::kNone && !names_metadata(request)) {
        refused.error_code = ErrorCode::kInvalidRequest;
    }
    if (refused.error_code != ErrorCode::kNone) co_return refused;
    const auto& asked = request.topics[0].partitions[0];
    const BrokerId replica = request.replica_state.replica_id != kNoBroker
                                 ? request.replica_state.replica_id
                                 : request.replica_id;
    note_reached(replica);
    FetchAsk wanted{{replica, asked.replica_directory_id}, asked.current_leader_epoch, {}};
    wanted.position = {std::max(asked.last_fetched_epoch, LeaderEpoch(0)), asked.fetch_offset};
    std::optional<Offset> told;
    if (asked.high_watermark.value != INT64_MAX) told = asked.high_watermark;
    const Duration wait =
        std::clamp<Duration>(std::chrono::milliseconds(request.max_wait_ms), 0ms, kLongestWait);
    const auto most = static_cast<std::size_t>(std::max(
        std::int32_t{1},
        std::min({request.max_bytes, asked.partition_max_bytes, config.fetch_bytes})
    ));
    auto verdict = co_await decide_fetch(wanted, told, world.now() + wait);
    BufferSlice records;
    if (verdict && verdict->error == ErrorCode::kNone && !verdict->diverging &&
        !verdict->snapshot && wanted.position.offset < verdict->log_end) {
        auto read = co_await read_log(wanted.position.offset, verdict->log_end, most);
        if (read) records = *std::move(read);
        // While we read another leader may have come and changed what was there.
        const bool still = raft->is_leader() && raft->epoch() == wanted.epoch;
        if (!read || !still) {
            *verdict = {};
            verdict->view = raft->view();
            verdict->error =
                still ? ErrorCode::kKafkaStorageError : ErrorCode::kNotLeaderOrFollower;
            records = {};
        }
    }
    if (!verdict) {
        refused.error_code = check_ready();
        co_return refused;
    }
    co_return fetch_response(*verdict, std::move(records));
}

kafka::FetchResponse Quorum::Inner::fetch_response(const FetchVerdict& verdict, BufferSlice records)
    const {
    kafka::FetchResponse response;
    auto& topic = response.responses.emplace_back();
    topic.topic = kMetadataLogTopic;
    topic.topic_id = kMetadataTopicId;
    auto& partition = topic.partitions.emplace_back();
    partition.error_code = verdict.error;
    partition.high_watermark = verdict.high_watermark;
    partition.last_stable_offset = verdict.high_watermark;
    partition.log_start_offset = verdict.log_start;
    partition.current_leader = {verdict.view.leader, verdict.view.epoch};
    if (verdict.diverging) {
        partition.diverging_epoch = {verdict.diverging->epoch, verdict.diverging->offset};
    }
    if (verdict.snapshot) partition.snapshot_id = {verdict.snapshot->end, verdict.snapshot->epoch};
    partition.records = std::move(records);
    const auto at =
        verdict.view.leader == config.node ? own_endpoint : peers.endpoint(verdict.view.leader);
    if (at && verdict.view.leader != kNoBroker) {
        response.node_endpoints.push_back({verdict.view.leader, at->host, at->port, std::nullopt});
    }
    return response;
}

kafka::DescribeQuorumResponse Quorum::Inner::describe(const kafka::DescribeQuorumRequest& request
) const {
    kafka::DescribeQuorumResponse response;
    response.error_code = check_ready();
    response.error_message.reset();
    const auto* asked = only_partition(request);
    if (response.error_code == ErrorCode::kNone && asked == nullptr) {
        response.error_code = ErrorCode::kInvalidRequest;
    }
    if (response.error_code != ErrorCode::kNone) return response;
    auto& partition = answer_partition(response, raft->view());
    partition.error_message.reset();
    if (!raft->is_leader()) {
        partition.error_code = ErrorCode::kNotLeaderOrFollower;
        partition.high_watermark = kNoOffset;
        return response;
    }
    partition.high_watermark = raft->high_watermark();
    describe_replicas(response);
    return response;
}

// Kafka's admin client takes no other listener names.
static std::string upper_case(std::string name) {
    for (char& c : name) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return name;
}

void Quorum::Inner::describe_replicas(kafka::DescribeQuorumResponse& response) const {
    auto& partition = response.topics[0].partitions[0];
    const auto wall_of = [this](Instant at) {
        if (at.ns == INT64_MIN) return std::int64_t{-1};
        return world.wall().ms - to_ms(world.now() - at);
    };
    const auto replica = [&](const ReplicaProgress& progress) {
        kafka::DescribeQuorumResponse::ReplicaState state;
        state.replica_id = progress.key.id;
        state.replica_directory_id = progress.key.directory;
        state.log_end_offset = progress.end;
        if (progress.end != kNoOffset) state.last_fetch_timestamp = wall_of(progress.last_fetch);
        state.last_caught_up_timestamp = wall_of(progress.last_caught_up);
        return state;
    };
    for (const auto& [id, node] : raft->voters().nodes()) {
        ReplicaProgress progress;
        progress.key = node.key;
        const auto known = raft->replicas().find(id);
        if (known != raft->replicas().end()) progress = known->second;
        if (id == config.node) {
            progress.key = {config.node, config.directory_id};
            progress.end = raft->log_end();
            progress.last_fetch = progress.last_caught_up = world.now();
        }
        partition.current_voters.push_back(replica(progress));
        auto& listed = response.nodes.emplace_back();
        listed.node_id = id;
        for (const VoterEndpoint& end : node.endpoints) {
            listed.listeners.push_back({upper_case(end.listener), end.host, end.port});
        }
    }
    for (const auto& [id, progress] : raft->replicas()) {
        if (raft->voters().contains(progress.key)) continue;
        partition.observers.push_back(replica(progress));
    }
}

}  // namespace sealane::broker::quorum
