#include "broker/metadata/partition_change.hpp"

#include "broker/metadata/replica_sets.hpp"
#include "common/base/assert.hpp"
#include "common/base/mutants.hpp"

namespace sealane::broker {

PartitionChange::PartitionChange(
    const PartitionState& now, const TopicRules& rules, const ActiveBrokers& active
)
    : now_(now), rules_(rules), active_(active), next_(now) {}

void PartitionChange::set_isr(BrokerIds isr) {
    next_.isr = std::move(isr);
}

void PartitionChange::remove(BrokerId replica, Departure departure) {
    std::erase(next_.isr, replica);
    if (departure == Departure::kWithLog) return;
    std::erase(next_.elr, replica);
    unsynced_.push_back(replica);
    if (departure == Departure::kUnsynced) return;
    std::erase(next_.last_known_elr, replica);
    empty_.push_back(replica);
}

void PartitionChange::set_replicas(BrokerIds replicas) {
    std::vector<Uuid> directories;
    for (const BrokerId replica : replicas) {
        const auto old = std::ranges::find(next_.replicas, replica) - next_.replicas.begin();
        const auto index = static_cast<std::size_t>(old);
        if (index < next_.directories.size()) {
            directories.push_back(next_.directories[index]);
        } else {
            const BrokerState* broker = active_.image.broker(replica);
            directories.push_back(broker == nullptr ? kUnassignedDirectory : broker->directory());
        }
    }
    next_.directories = std::move(directories);
    next_.replicas = std::move(replicas);
    next_.isr = only(next_.replicas, next_.isr);
    next_.elr = only(next_.replicas, next_.elr);
    next_.last_known_elr = only(next_.last_known_elr, next_.replicas);
}

void PartitionChange::set_reassignment(BrokerIds adding, BrokerIds removing) {
    next_.adding = std::move(adding);
    next_.removing = std::move(removing);
}

void PartitionChange::set_recovered() {
    next_.recovering = false;
}

void PartitionChange::set_directory(BrokerId replica, const Uuid& directory) {
    next_.directories.resize(next_.replicas.size(), kUnassignedDirectory);
    for (std::size_t i = 0; i < next_.replicas.size(); ++i) {
        if (next_.replicas[i] == replica) next_.directories[i] = directory;
    }
}

void PartitionChange::raise_leader_epoch() {
    raise_epoch_ = true;
}

void PartitionChange::elect(ElectionMode mode) {
    mode_ = mode;
}

std::optional<kafka::PartitionChangeRecord> PartitionChange::build(
    const Uuid& topic, PartitionId partition
) {
    finish_reassignment();
    choose_leader();
    settle_elr();
    settle_last_known();
    settle_directories();
    SEALANE_ASSERT(next_.leader == kNoBroker || has(next_.isr, next_.leader));
    SEALANE_ASSERT(has_all(next_.replicas, next_.isr));
    auto record = difference();
    if (record) {
        record->topic_id = topic;
        record->partition_id = partition;
    }
    return record;
}

bool PartitionChange::has_lost_log(BrokerId replica) const {
    for (std::size_t i = 0; i < next_.directories.size() && i < next_.replicas.size(); ++i) {
        if (next_.replicas[i] == replica) return next_.directories[i] == kLostDirectory;
    }
    return false;
}

bool PartitionChange::can_lead(BrokerId replica) const {
    return has(next_.replicas, replica) && active_.contain(replica) && !has_lost_log(replica);
}

BrokerId PartitionChange::first_that_can_lead(const BrokerIds& among) const {
    for (const BrokerId replica : next_.replicas) {
        if (has(among, replica) && can_lead(replica)) return replica;
    }
    return kNoBroker;
}

void PartitionChange::finish_reassignment() {
    if (!next_.is_reassigning()) return;
    const BrokerIds targets = without(next_.replicas, next_.removing);
    if (targets.empty() || !has_all(next_.isr, targets)) return;
    set_replicas(targets);
    set_reassignment({}, {});
}

void PartitionChange::choose_leader() {
    const BrokerId preferred = next_.replicas.empty() ? kNoBroker : next_.replicas.front();
    const auto in_sync = [this](BrokerId id) { return has(next_.isr, id) && can_lead(id); };
    if (mode_ == ElectionMode::kPreferred && in_sync(preferred)) {
        return lead(preferred, LeaderSource::kInSync);
    }
    if (in_sync(next_.leader)) return lead(next_.leader, LeaderSource::kInSync);
    if (const BrokerId found = first_that_can_lead(next_.isr); found != kNoBroker) {
        return lead(found, LeaderSource::kInSync);
    }
    // Whoever was in the ELR when the ISR fell below its minimum has all that was committed.
    const BrokerIds eligible = without(next_.elr, unsynced_);
    if (const BrokerId found = first_that_can_lead(eligible); found != kNoBroker) {
        return lead(found, LeaderSource::kEligible);
    }
    choose_leader_with_loss();
}

void PartitionChange::choose_leader_with_loss() {
    // Only when nobody is left that could come back with everything.
    const bool nobody_to_wait_for = next_.isr.empty() && next_.elr.empty();
    if (nobody_to_wait_for && next_.last_known_elr.size() == 1) {
        const BrokerId last = next_.last_known_elr.front();
        if (can_lead(last)) return lead(last, LeaderSource::kLastKnown);
    }
    if (mode_ == ElectionMode::kForced || rules_.unclean_leader_election || SEALANE_MUTANT(46)) {
        BrokerId found = first_that_can_lead(next_.replicas);
        if (found == kNoBroker && mode_ == ElectionMode::kForced) {
            // An empty log is better than no partition to whoever forces it.
            const auto active = [this](BrokerId id) { return active_.contain(id); };
            const auto first = std::ranges::find_if(next_.replicas, active);
            if (first != next_.replicas.end()) found = *first;
        }
        if (found != kNoBroker) return lead(found, LeaderSource::kUnclean);
    }
    next_.leader = kNoBroker;
    source_ = LeaderSource::kNone;
}

void PartitionChange::lead(BrokerId leader, LeaderSource source) {
    next_.leader = leader;
    source_ = source;
    if (source != LeaderSource::kInSync) next_.isr = {leader};
    // The leader's log is the truth now; it says when it has settled what it had open.
    if (may_lose_records(source)) next_.recovering = true;
}

void PartitionChange::settle_elr() {
    if (next_.isr.size() >= effective_min_isr(next_, rules_.min_insync_replicas)) {
        next_.elr.clear();
        return;
    }
    // Nothing is committed below the minimum: who was in sync until now, or eligible, misses
    // nothing.
    const BrokerIds candidates = joined(next_.elr, now_.isr);
    BrokerIds elr;
    for (const BrokerId replica : next_.replicas) {
        const bool keeps_log = !has(unsynced_, replica) && !has_lost_log(replica);
        if (has(candidates, replica) && !has(next_.isr, replica) && keeps_log) {
            elr.push_back(replica);
        }
    }
    next_.elr = std::move(elr);
}

void PartitionChange::settle_last_known() {
    if (!next_.isr.empty()) {
        next_.last_known_elr.clear();
        return;
    }
    if (now_.isr.empty()) return;
    const BrokerIds candidates =
        only(without(joined({now_.leader}, now_.isr), empty_), next_.replicas);
    next_.last_known_elr.clear();
    if (!candidates.empty()) next_.last_known_elr.push_back(candidates.front());
}

void PartitionChange::settle_directories() {
    for (const BrokerId joins : without(next_.isr, now_.isr)) {
        const BrokerState* broker = active_.image.broker(joins);
        if (broker != nullptr) set_directory(joins, broker->directory());
    }
}

std::optional<kafka::PartitionChangeRecord> PartitionChange::difference() const {
    kafka::PartitionChangeRecord record;
    bool any = false;
    const auto tell = [&any](const auto& before, const auto& after, auto& field) {
        if (before == after) return;
        field = after;
        any = true;
    };
    tell(now_.replicas, next_.replicas, record.replicas);
    tell(now_.isr, next_.isr, record.isr);
    tell(now_.adding, next_.adding, record.adding_replicas);
    tell(now_.removing, next_.removing, record.removing_replicas);
    tell(now_.elr, next_.elr, record.eligible_leader_replicas);
    tell(now_.last_known_elr, next_.last_known_elr, record.last_known_elr);
    tell(now_.directories, next_.directories, record.directories);
    if (now_.recovering != next_.recovering) {
        record.leader_recovery_state = next_.recovering ? 1 : 0;
        any = true;
    }
    // A replica that left the set must not go on with an epoch that is still valid.
    const bool lost_a_member = !has_all(next_.replicas, now_.replicas);
    if (now_.leader != next_.leader || raise_epoch_ || lost_a_member) {
        record.leader = next_.leader;
        any = true;
    }
    return any ? std::optional(std::move(record)) : std::nullopt;
}

void settle_topic(
    Records& records, const Image& image, const TopicState& topic, const TopicRules& rules
) {
    const ActiveBrokers active{.image = image};
    for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
        const PartitionState& state = topic.partitions[i];
        if (state.leader != kNoBroker && image.broker(state.leader) == nullptr) continue;
        PartitionChange change(state, rules, active);
        auto record = change.build(topic.id, PartitionId(static_cast<std::int32_t>(i)));
        if (record) records.emplace_back(*std::move(record));
    }
}

}  // namespace sealane::broker
