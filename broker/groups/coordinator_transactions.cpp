// Offsets of transactions (KIP-98, KIP-447): pending until the marker in this partition, then
// committed or dropped. And everything live in the order of the log, for rewriting it.

#include "broker/groups/coordinator_core.hpp"

#include <algorithm>

namespace sealane::broker::groups {

// Also without a pending offset: the marker ends the transaction in the partition's log.
void CoordinatorCore::on_request(Step step, Ticket ticket, EndTransactionRequest request) {
    step.out.end = request.end;
    step.out.answers.push_back({ticket, EndTransactionReply{}});
}

void CoordinatorCore::apply_pending(
    TransactionalProducer producer, const CoordinatorRecord& record
) {
    const auto* change = std::get_if<OffsetRecord>(&record);
    if (change == nullptr || !change->value) return;
    Group& group = groups_[change->group_id];
    group.id = change->group_id;
    Pending& pending = group.pending[producer.id];
    pending.epoch = producer.epoch;
    store(group, pending.offsets, *change, next_position_++);
    pending_groups_[producer.id].insert(group.id);
}

void CoordinatorCore::apply_end(const TransactionEnd& end) {
    const auto found = pending_groups_.find(end.producer.id);
    if (found == pending_groups_.end()) return;
    const std::set<std::string> ids = std::move(found->second);
    pending_groups_.erase(found);
    for (const std::string& id : ids) {
        Group* group = find(id);
        if (group == nullptr) continue;
        const auto at = group->pending.find(end.producer.id);
        if (at == group->pending.end()) continue;
        for (const auto& [partition, value] : at->second.offsets) {
            const OffsetRecord record{id, partition, value};
            live_bytes_ -= stored_size(record);
            const auto stored = group->offsets.find(partition);
            const bool later =
                stored == group->offsets.end() || stored->second.position < value.position;
            if (end.commit && later) store(*group, group->offsets, record, value.position);
        }
        group->pending.erase(at);
        touch(id);
    }
}

void CoordinatorCore::store(
    Group& group, Offsets& where, const OffsetRecord& record, std::uint64_t position
) {
    // The very same value comes again when the log is rewritten: its place among others stays.
    const auto old = where.find(record.partition);
    if (old != where.end() && static_cast<const CommittedOffset&>(old->second) == *record.value)
        return;
    drop(group, where, record.partition);
    StoredOffset stored;
    static_cast<CommittedOffset&>(stored) = *record.value;
    stored.position = position;
    where.emplace(record.partition, std::move(stored));
    live_bytes_ += stored_size(record);
}

void CoordinatorCore::drop(const Group& group, Offsets& where, const TopicPartition& partition) {
    const auto old = where.find(partition);
    if (old == where.end()) return;
    live_bytes_ -= stored_size(OffsetRecord{group.id, partition, old->second});
    where.erase(old);
}

// A tombstone is later than all of them.
void CoordinatorCore::drop_pending(Group& group, const TopicPartition& partition) {
    for (auto at = group.pending.begin(); at != group.pending.end();) {
        drop(group, at->second.offsets, partition);
        at = at->second.offsets.empty() ? group.pending.erase(at) : std::next(at);
    }
}

bool CoordinatorCore::is_pending(const Group& group, const TopicPartition& partition) {
    return std::ranges::any_of(group.pending, [&partition](const auto& each) {
        return each.second.offsets.contains(partition);
    });
}

bool CoordinatorCore::is_pending(const std::string& group_id, const TopicPartition& partition)
    const {
    const Group* group = find(group_id);
    return group != nullptr && is_pending(*group, partition);
}

std::vector<Effects> CoordinatorCore::snapshot(std::size_t bytes) const {
    struct Item {
        std::uint64_t position = 0;
        std::optional<TransactionalProducer> producer;
        CoordinatorRecord record;
    };
    std::vector<Item> items;
    for (const auto& [id, group] : groups_) {
        if (group.persisted) items.push_back({0, std::nullopt, GroupRecord{id, group.persisted}});
        if (!group.consumer) continue;
        for (ConsumerRecord& record : group.consumer->records(id))
            items.push_back({0, std::nullopt, std::move(record)});
    }
    const auto groups = static_cast<std::ptrdiff_t>(items.size());
    for (const auto& [id, group] : groups_) {
        for (const auto& [partition, value] : group.offsets)
            items.push_back({value.position, std::nullopt, OffsetRecord{id, partition, value}});
        for (const auto& [producer, pending] : group.pending) {
            const TransactionalProducer owner{producer, pending.epoch};
            for (const auto& [partition, value] : pending.offsets)
                items.push_back({value.position, owner, OffsetRecord{id, partition, value}});
        }
    }
    std::ranges::sort(items.begin() + groups, items.end(), {}, &Item::position);
    std::vector<Effects> parts;
    std::size_t size = 0;
    for (Item& item : items) {
        if (parts.empty() || size >= bytes || parts.back().producer != item.producer) {
            parts.emplace_back().producer = item.producer;
            size = 0;
        }
        size += stored_size(item.record);
        parts.back().records.push_back(std::move(item.record));
    }
    return parts;
}

}  // namespace sealane::broker::groups
