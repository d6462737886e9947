#include "common/client/cluster_client.hpp"

#include "common/base/text.hpp"
#include "common/kafka/messages/groups.hpp"

#include <algorithm>

namespace sealane::client {
namespace {

using runtime::Task;

// Auto-creation can be refused only from this version on; the first with topic ids in answers
// is 10.
constexpr std::int16_t kCoordinatorByKey = 3;

Error no_leader(const TopicPartition& partition, ErrorCode code) {
    return Error(code, concat(partition.to_string(), " has no known leader"));
}

}  // namespace

ClusterClient::ClusterClient(runtime::World& world, ClientOptions options)
    : world_(world),
      options_(std::move(options)),
      log_(world.log("client")),
      tasks_(world),
      refreshed_(world.waits()) {}

Task<void> ClusterClient::stop() {
    tasks_.stop();
    for (const auto& [key, entry] : links_) {
        if (entry->connection) entry->connection->close();
        entry->changed.notify_all();
    }
    refreshed_.notify_all();
    co_await tasks_.join();
}

Task<Result<std::shared_ptr<Connection>>> ClusterClient::connection(
    BrokerId broker, Lane lane, Instant deadline
) {
    const BrokerInfo* info = metadata_.broker(broker);
    if (info == nullptr) {
        SEALANE_CO_CHECK(co_await refresh({}, deadline));
        info = metadata_.broker(broker);
    }
    if (info == nullptr)
        co_return fail(
            ErrorCode::kNotFound, concat("broker ", broker.value, " is not in the metadata")
        );
    co_return co_await connect(info->endpoint, lane, deadline);
}

Task<Result<std::shared_ptr<Connection>>> ClusterClient::any_connection(Instant deadline) {
    Error last(ErrorCode::kBadConfig, "no bootstrap address");
    for (const runtime::Endpoint& to : candidates()) {
        auto open = co_await connect(to, Lane::kControl, deadline);
        if (open) co_return open;
        last = std::move(open).error();
        if (last.is_stopped() || world_.now() >= deadline) break;
    }
    co_return fail(std::move(last));
}

// Open connections first, then known brokers, then the bootstrap list from its next entry on.
std::vector<runtime::Endpoint> ClusterClient::candidates() {
    std::vector<runtime::Endpoint> all;
    const auto add = [&all](const runtime::Endpoint& to) {
        if (std::ranges::find(all, to) == all.end()) all.push_back(to);
    };
    for (const auto& [key, entry] : links_) {
        const bool open = entry->connection && entry->connection->is_open();
        if (key.second == Lane(Lane::kControl) && open) add(key.first);
    }
    for (const BrokerId id : metadata_.broker_ids()) {
        const auto found = links_.find({metadata_.broker(id)->endpoint, Lane::kControl});
        const bool doubtful = found != links_.end() && found->second->last_error;
        if (!doubtful) add(metadata_.broker(id)->endpoint);
    }
    for (std::size_t i = 0; i < options_.bootstrap.size(); ++i)
        add(options_.bootstrap[(next_bootstrap_ + i) % options_.bootstrap.size()]);
    for (const BrokerId id : metadata_.broker_ids()) add(metadata_.broker(id)->endpoint);
    ++next_bootstrap_;
    return all;
}

ClusterClient::Link& ClusterClient::link(const runtime::Endpoint& to, Lane lane) {
    auto& entry = links_[{to, lane}];
    if (!entry) entry = std::make_unique<Link>(options_, world_.waits());
    return *entry;
}

Task<Result<std::shared_ptr<Connection>>> ClusterClient::connect(
    runtime::Endpoint to, Lane lane, Instant deadline
) {
    // Links are never removed, so the reference holds over the waits.
    Link& entry = link(to, lane);
    const std::uint64_t before = entry.failures;
    while (!tasks_.stopping()) {
        if (entry.closed) break;
        if (entry.connection && entry.connection->is_open()) co_return entry.connection;
        if (entry.failures != before) co_return fail(*entry.last_error);
        if (!entry.connecting) {
            entry.connecting = true;
            tasks_.spawn([this, to, lane] { return attempt(to, lane); });
        }
        if (co_await entry.changed.wait_until(deadline)) continue;
        co_return fail(
            ErrorCode::kDeadlineExceeded,
            concat(
                "connecting to ",
                to.to_string(),
                entry.last_error ? concat(" (last: ", entry.last_error->to_string(), ")") : ""
            )
        );
    }
    co_return fail(Error::stopped());
}

void ClusterClient::close_lane(Lane lane) {
    for (const auto& [key, entry] : links_) {
        if (key.second != lane) continue;
        entry->closed = true;
        if (entry->connection) entry->connection->close();
        entry->changed.notify_all();
    }
}

Task<void> ClusterClient::attempt(runtime::Endpoint to, Lane lane) {
    Link& entry = link(to, lane);
    const bool wait = entry.not_before > world_.now();
    if (wait && !co_await tasks_.sleep(entry.not_before - world_.now())) co_return;
    ConnectionOptions options;
    options.client_id = options_.client_id;
    options.in_flight_bytes = options_.in_flight_bytes;
    options.sasl = options_.sasl;
    auto opened = co_await Connection::open(
        ConnectionSetup{world_, tasks_, to, options_.tls, std::move(options)},
        world_.now() + options_.connect_timeout
    );
    entry.connecting = false;
    if (opened) {
        entry.connection = *std::move(opened);
        entry.last_error.reset();
        entry.not_before = world_.now() + options_.reconnect_backoff_first;
        entry.backoff.reset();
        if (tasks_.stopping() || entry.closed) entry.connection->close();
    } else {
        entry.last_error = std::move(opened).error();
        entry.not_before = world_.now() + entry.backoff.next(world_.rng());
        ++entry.failures;
        if (!entry.last_error->is_stopped())
            log_.info("cannot connect", {{"broker", to.to_string()}, {"error", *entry.last_error}});
    }
    entry.changed.notify_all();
}

Task<Status> ClusterClient::refresh(std::set<std::string> topics, Instant deadline) {
    const std::uint64_t before = refresh_count_;
    while (refreshing_ && !tasks_.stopping()) {
        if (!co_await refreshed_.wait_until(deadline))
            co_return fail(ErrorCode::kDeadlineExceeded, "waiting for metadata");
    }
    // What somebody else asked for since may be all that is wanted.
    const bool covered =
        refresh_count_ != before &&
        std::ranges::all_of(topics, [&](const auto& t) { return last_asked_.contains(t); });
    if (covered) co_return Status();
    co_return co_await ask_metadata(std::move(topics), deadline);
}

Task<Status> ClusterClient::refresh_all(Instant deadline) {
    while (refreshing_ && !tasks_.stopping()) {
        if (!co_await refreshed_.wait_until(deadline))
            co_return fail(ErrorCode::kDeadlineExceeded, "waiting for metadata");
    }
    co_return co_await ask_metadata(std::nullopt, deadline);
}

Task<Status> ClusterClient::ask_metadata(
    std::optional<std::set<std::string>> topics, Instant deadline
) {
    if (tasks_.stopping()) co_return fail(Error::stopped());
    kafka::MetadataRequest request;
    request.allow_auto_topic_creation = options_.create_topics;
    if (!topics) request.topics = std::nullopt;
    for (const std::string& name : topics.value_or(std::set<std::string>{})) {
        kafka::MetadataRequest::MetadataRequestTopic topic;
        topic.name = name;
        request.topics->push_back(std::move(topic));
    }
    refreshing_ = true;
    const Instant limit = std::min(deadline, world_.now() + options_.request_timeout);
    auto answer = co_await send_any(std::move(request), limit);
    refreshing_ = false;
    if (answer) {
        last_asked_ = topics.value_or(std::set<std::string>{});
        metadata_.apply(*answer, world_.now(), !topics.has_value());
        ++refresh_count_;
    }
    refreshed_.notify_all();
    if (!answer) co_return fail(std::move(answer).error());
    co_return Status();
}

Task<Result<TopicInfo>> ClusterClient::topic(std::string name, Instant deadline) {
    Backoff backoff = retry_backoff();
    const Instant since = world_.now();
    for (;;) {
        const TopicInfo* known = metadata_.topic(name);
        const auto fresh_until =
            metadata_.refreshed_at(name).value_or(Instant{0}) + options_.metadata_max_age;
        if (known != nullptr && world_.now() < fresh_until) co_return *known;
        const auto asked = co_await refresh({name}, deadline);
        known = metadata_.topic(name);
        if (known != nullptr) co_return *known;
        const ErrorCode why = asked ? metadata_.topic_error(name) : asked.error().code();
        Error error = asked ? Error(why, concat("topic ", name)) : asked.error();
        const bool missing = why == ErrorCode::kUnknownTopicOrPartition && !may_appear(since);
        if (missing || !is_retriable(why)) co_return fail(std::move(error));
        const Duration delay = backoff.next(world_.rng());
        if (world_.now() + delay >= deadline) co_return fail(std::move(error));
        if (!co_await pause(delay)) co_return fail(Error::stopped());
    }
}

Task<Result<Leader>> ClusterClient::leader(TopicPartition partition, Instant deadline) {
    Backoff backoff = retry_backoff();
    const Instant since = world_.now();
    for (;;) {
        if (const auto known = metadata_.leader(partition)) co_return *known;
        const auto asked = co_await refresh({partition.topic}, deadline);
        if (const auto known = metadata_.leader(partition)) co_return *known;
        if (!asked && !is_retriable(asked.error().code())) co_return fail(asked.error());
        if (asked) {
            const ErrorCode why = metadata_.topic_error(partition.topic);
            const bool no_partition = why == ErrorCode::kNone &&
                                      metadata_.topic(partition.topic) != nullptr &&
                                      metadata_.partition(partition) == nullptr;
            const bool unknown = no_partition || why == ErrorCode::kUnknownTopicOrPartition;
            if (unknown && !may_appear(since))
                co_return fail(no_leader(partition, ErrorCode::kUnknownTopicOrPartition));
            if (why != ErrorCode::kNone && !is_retriable(why))
                co_return fail(no_leader(partition, why));
        }
        const Duration delay = backoff.next(world_.rng());
        if (world_.now() + delay >= deadline)
            co_return fail(
                asked ? no_leader(partition, ErrorCode::kLeaderNotAvailable) : asked.error()
            );
        if (!co_await pause(delay)) co_return fail(Error::stopped());
    }
}

void ClusterClient::leader_changed(
    const TopicPartition& partition, BrokerId hint, LeaderEpoch hint_epoch
) {
    const auto known = metadata_.leader(partition);
    if (hint.value >= 0 && known && hint_epoch > known->epoch)
        metadata_.learn_leader(partition, hint, hint_epoch);
    else
        metadata_.distrust_leader(partition);
}

Task<Result<BrokerId>> ClusterClient::coordinator(std::string group, Instant deadline) {
    Backoff backoff = retry_backoff();
    for (;;) {
        const auto known = coordinators_.find(group);
        if (known != coordinators_.end()) co_return known->second;
        kafka::FindCoordinatorRequest request;
        request.key = group;
        const Instant limit = std::min(deadline, world_.now() + options_.request_timeout);
        auto open = co_await any_connection(limit);
        Error error(ErrorCode::kCoordinatorNotAvailable, concat("group ", group));
        if (open) {
            auto answer = co_await (*open)->send(std::move(request), limit, kCoordinatorByKey);
            if (answer && answer->error_code == ErrorCode::kNone) {
                coordinators_[group] = answer->node_id;
                co_return answer->node_id;
            }
            error = answer ? Error(answer->error_code, concat("coordinator of group ", group))
                           : std::move(answer).error();
        } else {
            error = std::move(open).error();
        }
        const Duration delay = backoff.next(world_.rng());
        if (!is_retriable(error.code()) || world_.now() + delay >= deadline)
            co_return fail(std::move(error));
        if (!co_await pause(delay)) co_return fail(Error::stopped());
    }
}

}  // namespace sealane::client
