#include "broker/replication/partition_table.hpp"

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

Task<Status> PartitionTable::follow(std::shared_ptr<const Image> after) {
    co_await remove_deleted(after);
    Status first{};
    for (const auto& [name, topic] : after->topics()) {
        const TopicConfig config = effective_config(defaults_, topic->configs);
        for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
            const PartitionState& state = topic->partitions[i];
            if (state.leader != node_) continue;
            const PartitionId index(static_cast<std::int32_t>(i));
            PartitionPtr partition = find(name, index);
            if (partition == nullptr) {
                auto opened = co_await open(TopicPartition{name, index}, topic);
                if (!opened) {
                    log_lines_.error(
                        "partition not opened",
                        {{"topic", name}, {"partition", index}, {"error", opened.error()}}
                    );
                    if (first) first = opened;
                    continue;
                }
                partition = find(name, index);
            }
            if (partition->config() != config || !partition->led()) partition->configure(config);
            auto led = co_await partition->lead(state.leader_epoch);
            if (!led && first) first = led;
        }
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
Task<void> PartitionTable::remove_deleted(std::shared_ptr<const Image> after) {
    std::vector<TopicPartition> gone;
    for (const auto& [id, log] : directory_.logs()) {
        if (id.topic == kMetadataTopic) continue;
        const Image::TopicPtr topic = after->topic(id.topic);
        const bool kept = topic != nullptr && topic->id == log->topic_id() &&
                          static_cast<std::size_t>(id.partition.value) < topic->partitions.size();
        if (!kept) gone.push_back(id);
    }
    for (const TopicPartition& id : gone) {
        const auto found = partitions_.find(id);
        if (found != partitions_.end()) {
            found->second->close();
            removed_.push_back(found->second);
            partitions_.erase(found);
        }
        auto removed = co_await directory_.remove(id);
        if (!removed) {
            log_lines_.error(
                "partition not removed",
                {{"topic", id.topic}, {"partition", id.partition}, {"error", removed.error()}}
            );
            continue;
        }
        made_states_.erase(id);
        log_lines_.info("partition removed", {{"topic", id.topic}, {"partition", id.partition}});
    }
    // The log is gone; its states go when the last handler has let go of the partition.
    removed_.clear();
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
