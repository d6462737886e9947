#include "broker/replication/partition_table.hpp"

#include <utility>

namespace sealane::broker {

using runtime::Task;

PartitionTable::PartitionTable(
    runtime::World& world, LogDirectory& directory, BrokerId node, TopicConfig defaults
)
    : world_(world),
      log_lines_(world.log("broker.replication")),
      directory_(directory),
      node_(node),
      defaults_(defaults) {}

LogSettings PartitionTable::settings_for(const TopicPartition& partition) {
    auto states = std::make_unique<PartitionStates>();
    for (const StateFactory& make : factories_) {
        for (auto& state : make(partition)) states->others.push_back(std::move(state));
    }
    LogSettings settings;
    settings.config = log_config(defaults_);
    settings.states = states->all();
    made_states_.insert_or_assign(partition, std::move(states));
    return settings;
}

Task<Status> PartitionTable::follow(
    std::shared_ptr<const Image> before, std::shared_ptr<const Image> after
) {
    co_await remove(deleted(before.get(), *after));
    Status first{};
    const std::set<std::string, std::less<>> again = std::exchange(unfinished_, {});
    for (const auto& [name, topic] : after->topics()) {
        if (before != nullptr && before->topic(name) == topic && !again.contains(name)) continue;
        auto followed = co_await follow_topic(topic, elsewhere_(after, name));
        if (!followed && first) first = std::move(followed);
    }
    co_return first;
}

Task<Status> PartitionTable::follow_topic(Image::TopicPtr topic, bool mirrored) {
    const TopicConfig config = effective_config(defaults_, topic->configs);
    Status first{};
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
        const PartitionState& state = topic->partitions[i];
        if (state.leader != node_) continue;
        const TopicPartition id{topic->name, PartitionId(static_cast<std::int32_t>(i))};
        Status done{};
        if (find(id) == nullptr) done = co_await open(id, topic);
        if (done) {
            const PartitionPtr partition = find(id);
            if (partition->config() != config || !partition->led()) partition->configure(config);
            if (mirrored) {
                partition->lead_mirrored(state.leader_epoch);
            } else {
                done = co_await partition->lead(state.leader_epoch);
            }
        }
        if (done) continue;
        if (done.error().code() == ErrorCode::kNoSpace) unfinished_.insert(topic->name);
        log_lines_.error(
            "partition not led",
            {{"topic", id.topic}, {"partition", id.partition}, {"error", done.error()}}
        );
        if (first) first = std::move(done);
    }
    co_return first;
}

Task<Status> PartitionTable::open(TopicPartition id, Image::TopicPtr topic) {
    PartitionLog* log = directory_.find(id);
    if (log == nullptr) {
        if (const auto failed = directory_.failed().find(id); failed != directory_.failed().end()) {
            co_return fail(failed->second);
        }
        LogSettings settings = settings_for(id);
        settings.config = log_config(effective_config(defaults_, topic->configs));
        SEALANE_CO_TRY(log, co_await directory_.create(id, topic->id, std::move(settings)));
    }
    auto states = made_states_.extract(id);
    SEALANE_ASSERT(!states.empty());
    partitions_.insert_or_assign(
        id, std::make_shared<Partition>(world_, *log, std::move(states.mapped()))
    );
    co_return Status{};
}

// Partitions of topics that are gone, or whose name now means another topic.
std::vector<TopicPartition> PartitionTable::deleted(const Image* before, const Image& after) const {
    std::vector<TopicPartition> gone;
    if (before == nullptr) {
        for (const auto& [id, log] : directory_.logs()) {
            const Image::TopicPtr topic = after.topic(id.topic);
            const bool kept =
                id.topic == kMetadataTopic ||
                (topic != nullptr && topic->id == log->topic_id() &&
                 static_cast<std::size_t>(id.partition.value) < topic->partitions.size());
            if (!kept) gone.push_back(id);
        }
        return gone;
    }
    for (const auto& [name, topic] : before->topics()) {
        const Image::TopicPtr now = after.topic(name);
        if (now != nullptr && now->id == topic->id) continue;
        for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
            gone.push_back(TopicPartition{name, PartitionId(static_cast<std::int32_t>(i))});
        }
    }
    return gone;
}

Task<void> PartitionTable::remove(std::vector<TopicPartition> gone) {
    for (const TopicPartition& id : gone) {
        const PartitionPtr partition = find(id);  // its states live until its log has gone
        if (partition != nullptr) partition->close();
        partitions_.erase(id);
        auto removed = co_await directory_.remove(id);
        if (!removed) {
            log_lines_.error(
                "partition not removed",
                {{"topic", id.topic}, {"partition", id.partition}, {"error", removed.error()}}
            );
            if (partition != nullptr) not_removed_.push_back(partition);
            continue;
        }
        made_states_.erase(id);
        log_lines_.info("partition removed", {{"topic", id.topic}, {"partition", id.partition}});
    }
}

void PartitionTable::close() {
    for (const auto& [id, partition] : partitions_) partition->close();
}

PartitionPtr PartitionTable::find(const TopicPartition& partition) const {
    const auto found = partitions_.find(partition);
    return found == partitions_.end() ? nullptr : found->second;
}

PartitionPtr PartitionTable::find(std::string_view topic, PartitionId partition) const {
    return find(TopicPartition{std::string(topic), partition});
}

}  // namespace sealane::broker
