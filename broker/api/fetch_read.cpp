#include "broker/api/fetch_read.hpp"

#include "broker/api/error_map.hpp"
#include "broker/api/security/access.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::Task;
using PartitionData = kafka::FetchResponse::PartitionData;

namespace {

constexpr kafka::ApiKey kApi = kafka::ApiKey::kFetch;
constexpr std::int16_t kFromFollowersSince = 11;
constexpr std::int16_t kLeaderHintsSince = 16;

bool may_serve(const BrokerState* broker) {
    return broker != nullptr && !broker->fenced && !broker->in_controlled_shutdown;
}

// KIP-320: the asker's last batch is of an epoch that ended before its position here. Replicas are
// told also of epochs that are not known here at all (mirrored logs begin none of their own).
// kOffsetOutOfRange: there is nothing to compare with.
Result<bool> diverges(
    const Partition& partition, const FetchTarget& target, bool by_replica, PartitionData& data
) {
    if (target.last_fetched_epoch.value < 0) return false;
    const PartitionLog& log = partition.log();
    EpochEnd end = log.end_offset_for_epoch(target.last_fetched_epoch);
    if (end.end == kNoOffset) {
        if (!by_replica) return false;
        if (log.epochs().entries().empty()) {
            if (target.offset == log.log_start_offset()) return false;
            return fail(ErrorCode::kOffsetOutOfRange, "no leader epoch is known");
        }
        end = {log.epochs().latest(), log.end_offset()};
    }
    if (end.epoch == target.last_fetched_epoch && end.end >= target.offset) return false;
    data.diverging_epoch.epoch = end.epoch;
    data.diverging_epoch.end_offset = end.end;
    return true;
}

void add_bounds(const Partition& partition, PartitionData& data) {
    data.high_watermark = partition.high_watermark();
    data.last_stable_offset = partition.last_stable();
    data.log_start_offset = partition.log_start();
}

// Which of the transactions in the records of [from, end) a reader of committed ones leaves out.
void add_aborted(
    const Partition& partition, Offset from, const BufferSlice& records, PartitionData& data
) {
    data.aborted_transactions.emplace();
    Offset end = from;
    for (std::size_t at = 0; at < records.size();) {
        const auto batch = kafka::RecordBatchView::parse(records.view().subspan(at));
        if (!batch) break;
        end = batch->next_offset();
        at += batch->size();
    }
    for (const AbortedTransaction& aborted : partition.producers().aborted(from, end))
        data.aborted_transactions->push_back({aborted.producer, aborted.first});
}

}  // namespace

Status FetchReader::check(bool cluster_action) const {
    if (!by_replica()) return {};
    if (!cluster_action) {
        return fail(ErrorCode::kClusterAuthorizationFailed, "replicas are brokers");
    }
    const auto image = services_.metadata.image();
    const BrokerState* broker = image->broker(asker_.replica);
    if (broker != nullptr && asker_.replica_epoch >= 0 && asker_.replica_epoch < broker->epoch) {
        return fail(ErrorCode::kStaleBrokerEpoch, std::to_string(asker_.replica_epoch));
    }
    return {};
}

Status FetchReader::may_read(const TopicName& topic) const {
    if (by_replica() || !services_.access.enabled()) return {};
    const auto known = topic.id.is_zero() ? nullptr : services_.metadata.image()->topic(topic.id);
    if (!topic.id.is_zero() && known == nullptr) return {};  // the look-up says so
    const std::string_view name = known != nullptr ? known->name : topic.name;
    const bool may =
        services_.access.allows(*asker_.context, AclOperation::kRead, ResourceType::kTopic, name);
    return may ? Status{} : Status(fail(ErrorCode::kTopicAuthorizationFailed));
}

Result<PartitionPtr> FetchReader::find(const FetchTarget& target) const {
    SEALANE_CHECK(may_read(target.topic));
    const bool leader_only = by_replica() || asker_.version < kFromFollowersSince;
    const LeaderEpoch epoch = target.current_leader_epoch;
    if (leader_only) return find_partition(services_, target.topic, target.partition, epoch);
    return find_replica(services_, target.topic, target.partition, epoch);
}

PartitionData FetchReader::failure(const FetchTarget& target, const Error& error) const {
    PartitionData data;
    data.partition_index = target.partition;
    data.error_code = wire_code(error.code(), kApi, asker_.version);
    data.high_watermark = kNoOffset;
    data.last_stable_offset = kNoOffset;
    data.log_start_offset = kNoOffset;
    if (asker_.version >= kLeaderHintsSince && wants_leader_hint(data.error_code)) {
        const LeaderHint hint = leader_hint(services_, target.topic, target.partition);
        data.current_leader.leader_id = hint.leader;
        data.current_leader.leader_epoch = hint.epoch;
    }
    return data;
}

Task<PartitionData> FetchReader::read(
    const FetchTarget& target, std::size_t limit, bool at_least_one
) {
    next_offset_ = kNoOffset;
    auto found = find(target);
    if (!found) co_return failure(target, found.error());
    const PartitionPtr partition = *std::move(found);
    PartitionData data;
    data.partition_index = target.partition;
    const auto differs = diverges(*partition, target, by_replica(), data);
    if (!differs) co_return failure(target, differs.error());
    if (*differs) {
        add_bounds(*partition, data);
        co_return data;
    }
    auto up_to =
        asker_.committed_only ? Partition::UpTo::kLastStable : Partition::UpTo::kHighWatermark;
    if (by_replica()) {
        up_to = Partition::UpTo::kLogEnd;
        if (const Status taken = take_position(*partition, target); !taken) {
            co_return failure(target, taken.error());
        }
        if (catches_up(*partition) && services_.world.now() < throttle_.free_at()) {
            add_bounds(*partition, data);
            co_return data;
        }
    } else if (!asker_.rack.empty()) {
        data.preferred_read_replica = preferred(*partition, target.offset);
        if (data.preferred_read_replica != kNoBroker) {
            add_bounds(*partition, data);
            co_return data;
        }
    }
    const auto wanted = static_cast<std::size_t>(std::max(target.max_bytes, 0));
    data.read_from = target.read_from;
    const Offset from = std::max(target.offset, target.read_from);
    auto read = co_await partition->read(from, std::min(wanted, limit), at_least_one, up_to);
    if (!read) co_return failure(target, read.error());
    next_offset_ = read->next_offset;
    data.high_watermark = read->high_watermark;
    data.last_stable_offset = read->last_stable;
    data.log_start_offset = read->log_start;
    data.records = read->records.joined();
    if (by_replica() && catches_up(*partition)) {
        const std::int64_t rate = services_.config.cluster.leader_throttle_bytes;
        throttle_.spend(services_.world.now(), data.records->size(), rate);
    }
    if (up_to == Partition::UpTo::kLastStable)
        add_aborted(*partition, target.offset, *data.records, data);
    co_return data;
}

// Whether the replica that asks is not in sync.
bool FetchReader::catches_up(const Partition& partition) const {
    return partition.leads() && services_.config.cluster.leader_throttle_bytes > 0 &&
           !partition.leadership().is_insync(asker_.replica);
}

// A replica's fetch position says what it holds, once its log is known to fit.
Status FetchReader::take_position(Partition& partition, const FetchTarget& target) const {
    if (counted_) return {};
    if (target.offset < partition.log_start()) return {};  // the read says so
    const auto image = services_.metadata.image();
    const BrokerState* broker = image->broker(asker_.replica);
    FollowerFetch fetch;
    fetch.replica = asker_.replica;
    fetch.broker_epoch = asker_.replica_epoch;
    fetch.offset = target.offset;
    fetch.log_start = target.log_start;
    fetch.eligible =
        may_serve(broker) && (asker_.replica_epoch < 0 || asker_.replica_epoch == broker->epoch);
    return partition.on_replica_fetch(fetch);
}

// KIP-392: the in-sync replica in the consumer's rack that has most of what it asks for; none when
// this node is in that rack or no other is.
BrokerId FetchReader::preferred(const Partition& partition, Offset offset) const {
    if (!partition.leads() || partition.replica_count() < 2) return kNoBroker;
    if (services_.config.cluster.rack == asker_.rack) return kNoBroker;
    const auto image = services_.metadata.image();
    BrokerId best = kNoBroker;
    Offset most = kNoOffset;
    for (const auto& follower : partition.leadership().followers()) {
        const BrokerState* broker = image->broker(follower.id);
        if (!follower.insync || !may_serve(broker) || broker->rack != asker_.rack) continue;
        const bool has = follower.log_start != kNoOffset && follower.log_start <= offset &&
                         follower.log_end >= offset;
        if (!has || follower.log_end <= most) continue;
        best = follower.id;
        most = follower.log_end;
    }
    return best;
}

}  // namespace sealane::broker
