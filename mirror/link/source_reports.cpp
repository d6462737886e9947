// SourceSession: what the consumer half tells beside the data: topics with their configs, ends of
// assigned partitions, committed group offsets.

#include "common/client/committed_offsets.hpp"
#include "common/client/list_offsets.hpp"
#include "mirror/link/source_session.hpp"

#include <algorithm>

namespace sealane::mirror {

using client::StartAt;
using runtime::Task;

namespace {
constexpr Duration kPatience = 10s;
constexpr int kConfigsEvery = 5;  // rounds of topics
}  // namespace

Task<void> SourceSession::topic_loop() {
    for (int round = 0; !tasks_.stopping(); ++round) {
        const Status told = co_await tell_topics(round % kConfigsEvery == 0);
        if (!told && !tasks_.stopping())
            log_.warning(
                "topics of the source cannot be listed",
                {{"link", context_.half.link}, {"error", told.error()}}
            );
        if (told) co_await tell_ends();
        // Says that this half lives even when the source does not.
        stream_.send(Ping{});
        co_await tasks_.sleep(context_.config.topic_interval);
    }
}

Task<Status> SourceSession::tell_topics(bool with_configs) {
    SEALANE_CO_TRY(
        const auto listed, co_await admin_.list_topics(context_.world.now() + kPatience)
    );
    Topics topics;
    for (const client::TopicInfo& info : listed) {
        if (info.internal || !topics_.takes(info.name) || !asked_topics_.takes(info.name)) continue;
        Topics::Topic topic;
        topic.name = info.name;
        topic.id = info.id;
        topic.partition_count = static_cast<std::int32_t>(info.partitions.size());
        if (with_configs || !configs_.contains(info.name)) {
            client::ConfigResource resource;
            resource.name = info.name;
            const auto described =
                co_await admin_.describe_configs(resource, context_.world.now() + kPatience);
            if (described) {
                auto& set = configs_[info.name];
                set.clear();
                for (const auto& [key, entry] : *described)
                    if (!entry.is_default && entry.value && !entry.sensitive)
                        set.push_back({key, *entry.value});
            }
        }
        if (const auto known = configs_.find(info.name); known != configs_.end())
            topic.configs = known->second;
        topics.topics.push_back(std::move(topic));
    }
    std::ranges::sort(topics.topics, {}, &Topics::Topic::name);
    stream_.send(topics);
    co_return Status{};
}

Task<void> SourceSession::tell_ends() {
    std::map<TopicPartition, StartAt> firsts;
    std::map<TopicPartition, StartAt> ends;
    for (const auto& [partition, assigned] : assigned_) {
        if (!assigned.started) continue;
        firsts[partition] = StartAt::earliest();
        ends[partition] = StartAt::latest();
    }
    if (ends.empty()) co_return;
    const Instant deadline = context_.world.now() + kPatience;
    const auto starts = co_await client::list_offsets(context_.cluster, firsts, false, deadline);
    const auto listed = co_await client::list_offsets(context_.cluster, ends, false, deadline);
    for (const auto& [partition, end] : listed) {
        const auto assigned = assigned_.find(partition);
        const auto start = starts.find(partition);
        if (assigned == assigned_.end() || !end || start == starts.end() || !start->second)
            continue;
        Ends told;
        told.assignment = assigned->second.what.assignment;
        told.log_start = start->second->offset;
        told.high_watermark = end->offset;
        stream_.send(told);
    }
}

Task<void> SourceSession::group_loop() {
    while (!tasks_.stopping()) {
        const Status told = co_await tell_groups();
        if (!told && !tasks_.stopping())
            log_.warning(
                "group offsets of the source cannot be read",
                {{"link", context_.half.link}, {"error", told.error()}}
            );
        co_await tasks_.sleep(context_.config.group_interval);
    }
}

Task<Status> SourceSession::tell_groups() {
    SEALANE_CO_TRY(
        const auto listed, co_await admin_.list_groups(context_.world.now() + kPatience)
    );
    Groups changed;
    for (const auto& group : listed) {
        const std::string& name = group.group_id;
        if (!groups_.takes(name) || !asked_groups_.takes(name)) continue;
        const auto committed = co_await client::fetch_committed(
            context_.cluster, name, std::nullopt, context_.world.now() + kPatience
        );
        if (!committed) continue;  // its coordinator moves; the next round has it
        Groups::Group now;
        now.name = name;
        for (const auto& [partition, offset] : *committed) {
            if (!topics_.takes(partition.topic) || !asked_topics_.takes(partition.topic)) continue;
            now.offsets.push_back(
                {partition.topic, partition.partition, offset.offset, offset.metadata}
            );
        }
        auto& told = told_groups_[name];
        if (told == now || now.offsets.empty()) continue;
        told = now;
        changed.groups.push_back(std::move(now));
    }
    if (!changed.groups.empty()) stream_.send(changed);
    co_return Status{};
}

}  // namespace sealane::mirror
