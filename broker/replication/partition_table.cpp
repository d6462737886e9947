#include "broker/replication/partition_table.hpp"

#include "broker/metadata/dynamic_config.hpp"

#include <algorithm>
#include <utility>

namespace sealane::broker {

using runtime::Task;

namespace {

// Roles are taken beside each other: each new epoch costs a sync of a small file.
constexpr std::size_t kParallelChanges = 16;

bool holds(const std::vector<BrokerId>& brokers, BrokerId id) {
    return std::ranges::find(brokers, id) != brokers.end();
}

PartitionId partition_id(std::size_t index) {
    return PartitionId(static_cast<std::int32_t>(index));
}

}  // namespace

PartitionTable::PartitionTable(
    runtime::World& world,
    LogDirectory& directory,
    BrokerId node,
    TopicConfig defaults,
    const ReplicationConfig& replication
)
    : world_(world),
      log_lines_(world.log("broker.replication")),
      directory_(directory),
      node_(node),
      file_defaults_(defaults),
      defaults_(defaults),
      context_(world, node, replication.lag_max),
      turns_(world.waits()),
      changed_(world.waits()) {
    directory_.set_high_watermarks([this] { return high_watermarks(); });
}

PartitionTable::~PartitionTable() {
    directory_.set_high_watermarks({});
}

// Of one replica the log itself tells it.
LogDirectory::HighWatermarks PartitionTable::high_watermarks() const {
    LogDirectory::HighWatermarks all;
    for (const auto& [id, partition] : partitions_) {
        if (partition->replica_count() > 1) all.emplace(id, partition->high_watermark());
    }
    return all;
}

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
    const auto turn = co_await turns_.take();
    if (closed_) co_return Status{};
    image_ = after;
    co_await remove(gone(before.get(), *after));
    const TopicConfig defaults = topic_defaults(file_defaults_, *after);
    const bool same_defaults = std::exchange(defaults_, defaults) == defaults;
    std::vector<Change> changes;
    const std::set<std::string, std::less<>> again = std::exchange(unfinished_, {});
    for (const auto& [name, topic] : after->topics()) {
        const Image::TopicPtr old = before == nullptr ? nullptr : before->topic(name);
        const bool finished = same_defaults && !again.contains(name);
        if (old == topic && finished) continue;
        add_changes(topic, finished ? old.get() : nullptr, changes);
    }
    Status first = co_await apply_all(std::move(changes));
    changed_.notify_all();
    // A damaged replica may now be one that nobody counts on.
    context_.damaged.notify_all();
    co_return first;
}

PartitionTable::Change PartitionTable::change_of(const Image::TopicPtr& topic, std::size_t index)
    const {
    Change change;
    change.id = TopicPartition{topic->name, partition_id(index)};
    change.topic = topic;
    change.state = topic->partitions[index];
    change.config = effective_config(defaults_, topic->configs);
    change.epochs = elsewhere_(image_, topic->name) ? LogEpochs::kElsewhere : LogEpochs::kOwn;
    return change;
}

void PartitionTable::add_changes(
    const Image::TopicPtr& topic, const TopicState* old, std::vector<Change>& changes
) const {
    const bool same = old != nullptr && old->id == topic->id && old->configs == topic->configs;
    std::optional<Change> model;
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
        const PartitionState& state = topic->partitions[i];
        if (!is_here(state)) continue;
        if (same && i < old->partitions.size() && old->partitions[i] == state) continue;
        // The configuration is read once for the whole topic.
        if (!model) model = change_of(topic, i);
        Change& change = changes.emplace_back(*model);
        change.id.partition = partition_id(i);
        change.state = state;
    }
}

bool PartitionTable::is_here(const PartitionState& state) const {
    return holds(state.replicas, node_);
}

Task<Status> PartitionTable::apply_all(std::vector<Change> changes) {
    std::ranges::reverse(changes);  // taken from the back
    Status first{};
    runtime::TaskGroup workers(world_);
    for (std::size_t i = 1; i < std::min(kParallelChanges, changes.size()); ++i) {
        workers.spawn([this, &changes, &first] { return apply_some(changes, first); });
    }
    co_await apply_some(changes, first);
    co_await workers.join();
    co_return first;
}

Task<void> PartitionTable::apply_some(std::vector<Change>& left, Status& first) {
    while (!left.empty()) {
        Change next = std::move(left.back());
        left.pop_back();
        Status done = co_await apply(std::move(next));
        if (!done && first) first = std::move(done);
    }
}

Task<Status> PartitionTable::apply(Change change) {
    Status done{};
    if (find(change.id) == nullptr) done = co_await open(change);
    if (done) done = co_await take_role(find(change.id), change);
    // Closed meanwhile: roles end with the node, whatever the others made of it.
    if (done || closed_) co_return Status{};
    if (done.error().code() == ErrorCode::kNoSpace) {
        unfinished_.insert(change.id.topic);
        context_.note_full_disk();
    }
    log_lines_.error(
        "replica not in its role",
        {{"topic", change.id.topic}, {"partition", change.id.partition}, {"error", done.error()}}
    );
    context_.damaged.notify_all();
    co_return done;
}

Task<Status> PartitionTable::open(const Change& change) {
    PartitionLog* log = directory_.find(change.id);
    if (log == nullptr) {
        const auto failed = directory_.failed().find(change.id);
        if (failed != directory_.failed().end()) co_return fail(failed->second);
        LogSettings settings = settings_for(change.id);
        settings.config = log_config(change.config);
        SEALANE_CO_TRY(
            log, co_await directory_.create(change.id, change.topic->id, std::move(settings))
        );
    }
    auto states = made_states_.extract(change.id);
    SEALANE_ASSERT(!states.empty());
    // One replica has only itself to ask. Of several, nobody knows more than was kept.
    Offset high_watermark = log->durable_offset();
    if (change.state.replicas.size() > 1) {
        high_watermark = directory_.high_watermark(change.id).value_or(log->log_start_offset());
        high_watermark = std::min(high_watermark, log->trusted_end());
    }
    partitions_.insert_or_assign(
        change.id,
        std::make_shared<Partition>(context_, *log, std::move(states.mapped()), high_watermark)
    );
    co_return Status{};
}

Task<Status> PartitionTable::take_role(PartitionPtr partition, const Change& change) {
    const ReplicaRole role = partition->role();
    const LeaderEpoch epoch = partition->leader_epoch();
    if (partition->config() != change.config || role == ReplicaRole::kNone) {
        partition->configure(change.config);
    }
    Status done{};
    if (change.state.leader == node_) {
        done = co_await partition->lead(change.state, change.epochs);
    } else {
        done = co_await partition->follow(change.state);
    }
    if (partition->role() != role || partition->leader_epoch() != epoch) {
        tell(partition, partition->role());
    }
    co_return done;
}

void PartitionTable::tell(const PartitionPtr& partition, ReplicaRole role) const {
    for (const RoleListener& listener : listeners_) listener(partition, role);
}

// Replicas whose topic is gone, whose name means another topic now, or that moved to other nodes.
std::vector<TopicPartition> PartitionTable::gone(const Image* before, const Image& after) const {
    const auto stays = [&](const TopicPartition& id, const Uuid& topic_id) {
        if (id.topic == kMetadataTopic) return true;
        const Image::TopicPtr topic = after.topic(id.topic);
        const auto index = static_cast<std::size_t>(id.partition.value);
        return topic != nullptr && topic->id == topic_id && index < topic->partitions.size() &&
               is_here(topic->partitions[index]);
    };
    std::vector<TopicPartition> all;
    if (before == nullptr) {
        for (const auto& [id, log] : directory_.logs()) {
            if (!stays(id, log->topic_id())) all.push_back(id);
        }
        return all;
    }
    for (const auto& [name, topic] : before->topics()) {
        if (after.topic(name) == topic) continue;
        for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
            const TopicPartition id{name, partition_id(i)};
            if (!is_here(topic->partitions[i]) || stays(id, topic->id)) continue;
            all.push_back(id);
        }
    }
    return all;
}

Task<void> PartitionTable::remove(std::vector<TopicPartition> gone) {
    for (const TopicPartition& id : gone) {
        const PartitionPtr partition = find(id);  // its states live until its log has gone
        if (partition != nullptr) {
            tell(partition, ReplicaRole::kNone);
            partition->close();
        }
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

Task<Status> PartitionTable::finish() {
    const auto turn = co_await turns_.take();
    std::vector<Change> changes;
    if (image_ == nullptr || closed_) co_return Status{};
    for (const std::string& name : std::exchange(unfinished_, {})) {
        if (const auto topic = image_->topic(name)) add_changes(topic, nullptr, changes);
    }
    Status done = co_await apply_all(std::move(changes));
    changed_.notify_all();
    co_return done;
}

void PartitionTable::close() {
    closed_ = true;
    for (const auto& [id, partition] : partitions_) {
        tell(partition, ReplicaRole::kNone);
        partition->close();
    }
}

std::vector<PartitionTable::Damaged> PartitionTable::damaged() const {
    std::vector<Damaged> all;
    if (image_ == nullptr || closed_) return all;
    for (const auto& [id, partition] : partitions_) {
        if (partition->replica_count() < 2 || partition->closed()) continue;
        const auto& offline = partition->log().offline_cause();
        const auto& cause = offline ? offline : partition->damage();
        if (cause) all.push_back({id, partition->topic_id(), *cause});
    }
    for (const auto& [id, cause] : directory_.failed()) {
        const Image::TopicPtr topic = image_->topic(id.topic);
        const auto index = static_cast<std::size_t>(id.partition.value);
        if (topic == nullptr || index >= topic->partitions.size()) continue;
        const PartitionState& state = topic->partitions[index];
        if (state.replicas.size() > 1 && is_here(state)) all.push_back({id, topic->id, cause});
    }
    return all;
}

Result<PartitionTable::Change> PartitionTable::change_here(const TopicPartition& id) const {
    const Image::TopicPtr topic = image_->topic(id.topic);
    const auto index = static_cast<std::size_t>(id.partition.value);
    if (topic == nullptr || index >= topic->partitions.size() ||
        !is_here(topic->partitions[index])) {
        return fail(ErrorCode::kUnknownTopicOrPartition, id.to_string());
    }
    return change_of(topic, index);
}

Task<Status> PartitionTable::reopen(TopicPartition id) {
    const auto turn = co_await turns_.take();
    if (closed_) co_return fail(Error::stopped());
    if (!directory_.failed().contains(id)) co_return fail(ErrorCode::kReplicaNotAvailable);
    SEALANE_CO_TRY(Change change, change_here(id));
    LogSettings settings = settings_for(id);
    settings.config = log_config(change.config);
    const auto log = co_await directory_.reopen(id, std::move(settings));
    if (!log) co_return fail(log.error());
    log_lines_.info("log opened after all", {{"topic", id.topic}, {"partition", id.partition}});
    Status done = co_await apply(std::move(change));
    changed_.notify_all();
    co_return done;
}

Task<Status> PartitionTable::rebuild(TopicPartition id) {
    const auto turn = co_await turns_.take();
    if (closed_) co_return fail(Error::stopped());
    SEALANE_CO_TRY(Change change, change_here(id));
    const PartitionState& state = change.state;
    const bool needed = state.leader == kNoBroker || state.leader == node_ ||
                        holds(state.isr, node_) || holds(state.elr, node_);
    if (needed) {
        co_return fail(
            ErrorCode::kReplicaNotAvailable, id.to_string() + ": no other replica has taken over"
        );
    }
    const PartitionPtr partition = find(id);  // its states live until its log has gone
    if (partition != nullptr) {
        tell(partition, ReplicaRole::kNone);
        partition->close();
        partitions_.erase(id);
    }
    auto kept = co_await directory_.set_aside(id);
    if (!kept) {
        if (partition != nullptr) not_removed_.push_back(partition);
        co_return fail(std::move(kept).error());
    }
    made_states_.erase(id);
    log_lines_.warning(
        "damaged log moved aside; the replica begins anew",
        {{"topic", id.topic}, {"partition", id.partition}, {"kept", *kept}}
    );
    Status done = co_await apply(std::move(change));
    changed_.notify_all();
    co_return done;
}

PartitionPtr PartitionTable::find(const TopicPartition& partition) const {
    const auto found = partitions_.find(partition);
    return found == partitions_.end() ? nullptr : found->second;
}

PartitionPtr PartitionTable::find(std::string_view topic, PartitionId partition) const {
    return find(TopicPartition{std::string(topic), partition});
}

}  // namespace sealane::broker
