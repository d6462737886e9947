#include "mirror/link/topic_keeper.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace sealane::mirror {

using runtime::Task;

namespace {

constexpr Duration kPatience = 10s;

// Who stores how much for how long is carried; who may be a replica where is each cluster's own.
constexpr std::array<std::string_view, 6> kAlwaysCarried = {
    "max.message.bytes",
    "retention.bytes",
    "retention.ms",
    "sealane.flush",
    "segment.bytes",
    "segment.ms"
};
// A replica is the source topic; an aggregate of several sources is a topic of its own.
constexpr std::array<std::string_view, 2> kCarriedToReplicas = {
    "cleanup.policy", "message.timestamp.type"
};

const std::string* value_of(const std::vector<Topics::Config>& configs, std::string_view name) {
    const auto found = std::ranges::find(configs, name, &Topics::Config::name);
    return found == configs.end() ? nullptr : &found->value;
}

bool compacts(const Topics::Topic& topic) {
    const std::string* policy = value_of(topic.configs, "cleanup.policy");
    return policy != nullptr && policy->find("compact") != std::string::npos;
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
    if (const auto at = text.find(what); at != std::string::npos)
        text.replace(at, what.size(), with);
    return text;
}

}  // namespace

std::vector<Topics::Config> carried_configs(
    LinkKind kind, const std::vector<Topics::Config>& source
) {
    std::vector<Topics::Config> carried;
    for (const Topics::Config& config : source) {
        const bool always = std::ranges::find(kAlwaysCarried, config.name) != kAlwaysCarried.end();
        const bool replica =
            kind == LinkKind::kReplica &&
            std::ranges::find(kCarriedToReplicas, config.name) != kCarriedToReplicas.end();
        if (always || replica) carried.push_back(config);
    }
    // The source stamped the batches already: they are kept as they are.
    std::erase_if(carried, [](const auto& c) { return c.name == "message.timestamp.type"; });
    std::ranges::sort(carried, {}, &Topics::Config::name);
    return carried;
}

TopicKeeper::TopicKeeper(LinkBoard& board)
    : board_(board),
      log_(board.world().log("mirror.topics")),
      admin_(board.context.cluster),
      filter_(board.context.half.topics_include, board.context.half.topics_exclude) {}

void TopicKeeper::on_topics(Topics topics) {
    std::erase_if(topics.topics, [this](const auto& topic) { return !filter_.takes(topic.name); });
    if (told_ == topics) return;
    told_ = std::move(topics);
    fresh_ = true;
    board_.changed.notify_all();
}

std::string TopicKeeper::target_of(const std::string& source) const {
    if (board_.context.half.kind == LinkKind::kReplica) return source;
    return replaced(board_.context.half.target_topic, "{topic}", source);
}

Task<void> TopicKeeper::follow() {
    if (!told_ || !board_.running()) co_return;
    fresh_ = false;
    unfinished_ = false;
    const Topics told = *told_;
    note_gone(told);
    const Status pinned = co_await pin(told.topics);
    if (!pinned) {
        unfinished_ = true;
        if (!pinned.error().is_stopped())
            log_.warning(
                "topics cannot be bound",
                {{"link", board_.context.half.link}, {"error", pinned.error()}}
            );
        co_return;
    }
    for (const Topics::Topic& topic : told.topics) {
        const auto carried = board_.topics.find(topic.name);
        if (carried == board_.topics.end() || carried->second.cause) continue;
        const Status fitted = co_await fit_target(topic);
        const auto again = board_.topics.find(topic.name);
        if (again == board_.topics.end()) continue;
        again->second.trouble = fitted ? "" : fitted.error().to_string();
        if (!fitted) unfinished_ = true;
    }
    board_.changed.notify_all();
}

// Topics and partitions that were there and are not any more, or are other ones.
void TopicKeeper::note_gone(const Topics& told) {
    for (auto& [name, carried] : board_.topics) {
        const auto now = std::ranges::find(told.topics, name, &Topics::Topic::name);
        if (now == told.topics.end()) {
            stop_topic(carried, Cause::kTopicDeleted, "the source has no topic of this name now");
        } else if (now->id != carried.id) {
            stop_topic(
                carried,
                Cause::kTopicRecreated,
                "the source's topic id is " + now->id.to_string() + ", this link carries " +
                    carried.id.to_string()
            );
        } else if (carried.cause && carried.cause->cause == Cause::kTopicDeleted) {
            carried.cause.reset();  // a listing without it was a passing one
            for (auto& [key, copy] : board_.copies)
                if (key.first == name) copy.copy.forgive();
        }
    }
}

Task<Status> TopicKeeper::pin(std::vector<Topics::Topic> wanted) {
    kafka::AlterMirrorLinkRequest request;
    request.link_name = board_.context.half.link;
    request.operation = kafka::kLinkPinTopics;
    for (const Topics::Topic& topic : wanted) {
        const auto carried = board_.topics.find(topic.name);
        if (carried != board_.topics.end() && carried->second.ready) continue;
        kafka::MirrorLinkTopic bound;
        bound.source_topic = topic.name;
        bound.source_topic_id = topic.id;
        bound.target_topic = target_of(topic.name);
        request.topics.push_back(std::move(bound));
    }
    if (request.topics.empty()) co_return Status{};
    const auto answer =
        co_await board_.context.cluster.send_any(request, board_.world().now() + kPatience);
    if (!answer) co_return fail(answer.error());
    if (answer->error_code != ErrorCode::kNone)
        co_return fail(answer->error_code, answer->error_message.value_or(""));
    for (const auto& result : answer->topics) {
        const auto asked = std::ranges::find(
            request.topics, result.source_topic, &kafka::MirrorLinkTopic::source_topic
        );
        if (asked == request.topics.end()) continue;
        CarriedTopic& topic = board_.topics[result.source_topic];
        topic.source = asked->source_topic;
        topic.id = asked->source_topic_id;
        topic.target = asked->target_topic;
        if (result.error_code == ErrorCode::kNone) {
            if (topic.cause && topic.cause->cause != Cause::kTopicDeleted) topic.cause.reset();
            continue;
        }
        const bool other_id = result.error_code == ErrorCode::kInconsistentTopicId;
        stop_topic(
            topic,
            other_id ? Cause::kTopicRecreated : Cause::kTargetRefused,
            result.error_message.value_or(std::string(name_of(result.error_code)))
        );
    }
    co_return Status{};
}

Task<Status> TopicKeeper::fit_target(Topics::Topic topic) {
    const Instant deadline = board_.world().now() + kPatience;
    const std::string target = target_of(topic.name);
    auto existing = co_await admin_.describe_topic(target, deadline);
    const bool absent = !existing && existing.error().code() == ErrorCode::kUnknownTopicOrPartition;
    if (!existing && !absent) co_return fail(existing.error());
    if (absent) {
        client::NewTopic made;
        made.name = target;
        made.partitions = topic.partition_count;
        for (const auto& config : carried_configs(board_.context.half.kind, topic.configs))
            made.configs[config.name] = config.value;
        const Status created = co_await admin_.create_topic(std::move(made), deadline);
        const bool raced = !created && created.error().code() == ErrorCode::kTopicAlreadyExists;
        if (!created && !raced) co_return created;
        log_.info(
            "topic created",
            {{"link", board_.context.half.link},
             {"topic", target},
             {"partitions", topic.partition_count}}
        );
    } else if (std::ssize(existing->partitions) < topic.partition_count) {
        SEALANE_CO_CHECK(co_await admin_.create_partitions(target, topic.partition_count, deadline)
        );
    }
    SEALANE_CO_CHECK(co_await carry_configs(topic, absent));
    // Leaders of new partitions must be known before anything is asked of them.
    for (std::int32_t i = 0; i < topic.partition_count; ++i)
        SEALANE_CO_CHECK(co_await board_.context.cluster.leader({target, PartitionId(i)}, deadline)
        );
    add_copies(topic);
    co_return Status{};
}

Task<Status> TopicKeeper::carry_configs(Topics::Topic topic, bool created) {
    const auto wanted = carried_configs(board_.context.half.kind, topic.configs);
    const auto carried = board_.topics.find(topic.name);
    if (carried == board_.topics.end()) co_return Status{};
    const bool first = !carried->second.ready;
    const bool replica = board_.context.half.kind == LinkKind::kReplica;
    // Several links may fill an aggregate: each only passes on what changes at its own source.
    const bool as_is =
        created || (first && !replica) || (!first && carried->second.configs == wanted);
    std::vector<client::ConfigChange> changes;
    if (!as_is) {
        for (const auto& config : wanted)
            changes.push_back({config.name, client::ConfigChange::Operation::kSet, config.value});
        for (const auto& before : carried->second.configs)
            if (value_of(wanted, before.name) == nullptr)
                changes.push_back(
                    {before.name, client::ConfigChange::Operation::kDelete, std::nullopt}
                );
    }
    if (!changes.empty()) {
        client::ConfigResource resource;
        resource.name = target_of(topic.name);
        SEALANE_CO_CHECK(
            co_await admin_.alter_configs(resource, changes, board_.world().now() + kPatience)
        );
    }
    const auto again = board_.topics.find(topic.name);
    if (again != board_.topics.end()) again->second.configs = wanted;
    co_return Status{};
}

void TopicKeeper::add_copies(const Topics::Topic& topic) {
    CarriedTopic& carried = board_.topics[topic.name];
    if (carried.cause) return;
    for (std::int32_t i = 0; i < topic.partition_count; ++i) {
        const std::pair key{topic.name, PartitionId(i)};
        if (board_.copies.contains(key)) continue;
        RunSplitter::Rules rules;
        rules.kind = board_.context.half.kind;
        rules.target_cluster_id = board_.target_cluster_id;
        rules.source_compacts = compacts(topic);
        kafka::MirrorOrigin origin;
        origin.cluster_id = board_.source_cluster_id;
        origin.topic_id = topic.id;
        origin.topic_name = topic.name;
        origin.partition_index = PartitionId(i);
        board_.copies.emplace(
            key,
            CarriedPartition{
                PartitionCopy(rules, board_.context.half.on_gap), origin, carried.target
            }
        );
    }
    if (topic.partition_count < carried.partition_count)
        for (auto& [key, copy] : board_.copies)
            if (key.first == topic.name && key.second.value >= topic.partition_count)
                copy.copy.stop({Cause::kPartitionGone, "the source has fewer partitions now"});
    // Topics keep their partitions: a listing with fewer of them came from a broker that was
    // behind.
    for (auto& [key, copy] : board_.copies) {
        const auto& cause = copy.copy.cause();
        const bool is_back = key.first == topic.name && key.second.value < topic.partition_count;
        if (is_back && cause && cause->cause == Cause::kPartitionGone) copy.copy.forgive();
    }
    carried.partition_count = topic.partition_count;
    carried.ready = true;
}

void TopicKeeper::stop_topic(CarriedTopic& topic, Cause cause, std::string detail) {
    if (topic.cause && topic.cause->cause == cause) return;
    log_.warning(
        "topic stopped",
        {{"link", board_.context.half.link},
         {"topic", topic.source},
         {"cause", name_of(cause)},
         {"detail", detail}}
    );
    topic.cause = StopCause{cause, detail};
    topic.ready = false;
    for (auto& [key, copy] : board_.copies)
        if (key.first == topic.source) copy.copy.stop(*topic.cause);
}

}  // namespace sealane::mirror
