#include "broker/metadata/broker_decisions.hpp"

#include "broker/metadata/feature_decisions.hpp"
#include "broker/metadata/replica_sets.hpp"
#include "common/base/mutants.hpp"

#include <functional>
#include <set>

namespace sealane::broker {

namespace {

using Request = kafka::BrokerRegistrationRequest;

constexpr std::int8_t kSet = 1;
constexpr std::int8_t kCleared = -1;

bool is_real(const Uuid& directory) {
    return !directory.is_zero() && directory != kUnassignedDirectory && directory != kLostDirectory;
}

Uuid directory_of(const PartitionState& state, BrokerId broker) {
    for (std::size_t i = 0; i < state.directories.size() && i < state.replicas.size(); ++i) {
        if (state.replicas[i] == broker) return state.directories[i];
    }
    return kUnassignedDirectory;
}

bool contains(const std::vector<Uuid>& directories, const Uuid& directory) {
    return std::ranges::find(directories, directory) != directories.end();
}

using DepartureOf = std::function<Departure(const TopicRules&, const PartitionState&)>;

bool concerns(const PartitionState& state, BrokerId broker) {
    return state.leader == broker || has(state.isr, broker) || has(state.elr, broker) ||
           has(state.last_known_elr, broker);
}

// Takes the broker out of whatever its departure costs it, in every partition.
void add_departures(
    Records& records,
    const Image& image,
    const ClusterPolicy& policy,
    BrokerId broker,
    const DepartureOf& departure_of
) {
    const ActiveBrokers active{.image = image, .leaving = broker};
    for_each_partition(
        image,
        policy,
        [&](const TopicState& topic,
            const TopicRules& rules,
            PartitionId id,
            const PartitionState& state) {
            if (!concerns(state, broker)) return;
            PartitionChange change(state, rules, active);
            change.remove(broker, departure_of(rules, state));
            if (auto record = change.build(topic.id, id)) records.emplace_back(*std::move(record));
        }
    );
}

Departure with_log(const TopicRules& /*rules*/, const PartitionState& /*state*/) {
    return Departure::kWithLog;
}

kafka::BrokerRegistrationChangeRecord change_of(const BrokerState& broker) {
    kafka::BrokerRegistrationChangeRecord record;
    record.broker_id = broker.id;
    record.broker_epoch = broker.epoch;
    return record;
}

kafka::RegisterBrokerRecord record_of(const Request& request, BrokerEpoch epoch) {
    kafka::RegisterBrokerRecord record;
    record.broker_id = request.broker_id;
    record.broker_epoch = epoch;
    record.incarnation_id = request.incarnation_id;
    for (const auto& one : request.listeners) {
        record.end_points.push_back({one.name, one.host, one.port, one.security_protocol});
    }
    for (const auto& one : request.features) {
        record.features.push_back({one.name, one.min_supported_version, one.max_supported_version});
    }
    record.rack = request.rack;
    record.fenced = true;
    record.log_dirs = request.log_dirs;
    return record;
}

Status check_registration(const Image& image, const Request& request) {
    if (request.broker_id.value < 0 || request.listeners.empty()) {
        return fail(ErrorCode::kInvalidRegistration, "a broker needs an id and a listener");
    }
    for (const Uuid& directory : request.log_dirs) {
        if (!is_real(directory)) {
            return fail(ErrorCode::kInvalidRegistration, "a log directory has a reserved id");
        }
        for (const auto& [id, other] : image.brokers()) {
            if (id == request.broker_id || !contains(other.log_dirs, directory)) continue;
            return fail(
                ErrorCode::kInvalidRegistration,
                "log directory " + directory.to_string() + " belongs to broker " +
                    std::to_string(id.value)
            );
        }
    }
    for (const auto& [name, level] : image.features()) {
        if (level == 0 || has_level(request, name, level)) continue;
        return fail(
            ErrorCode::kUnsupportedVersion,
            "the broker cannot work with " + name + " at level " + std::to_string(level)
        );
    }
    return {};
}

}  // namespace

bool brings_all_disks(const Request& request, const BrokerState& old) {
    return std::ranges::all_of(old.log_dirs, [&request](const Uuid& directory) {
        return contains(request.log_dirs, directory);
    });
}

Result<RegistrationDecision> register_broker(
    const Image& image,
    const ClusterPolicy& policy,
    const Request& request,
    SessionState session,
    BrokerEpoch next_epoch
) {
    const BrokerState* old = image.broker(request.broker_id);
    if (old != nullptr && old->incarnation == request.incarnation_id) {
        return RegistrationDecision{.records = {}, .epoch = old->epoch};
    }
    if (old != nullptr && session == SessionState::kAlive) {
        return fail(
            ErrorCode::kDuplicateBrokerRegistration,
            "another process is broker " + std::to_string(request.broker_id.value)
        );
    }
    SEALANE_CHECK(check_registration(image, request));
    RegistrationDecision decision{.records = {}, .epoch = next_epoch};
    decision.records.emplace_back(record_of(request, next_epoch));
    const bool same_disks = old == nullptr || brings_all_disks(request, *old);
    const bool clean = old != nullptr && request.previous_broker_epoch == old->epoch;
    add_departures(
        decision.records,
        image,
        policy,
        request.broker_id,
        [&](const TopicRules& rules, const PartitionState& state) {
            const Uuid directory = directory_of(state, request.broker_id);
            const bool has_it = !is_real(directory) || contains(request.log_dirs, directory);
            if ((!same_disks || !has_it) && !SEALANE_MUTANT(20)) return Departure::kEmpty;
            // What was synced before it was acknowledged is still there.
            return clean || rules.flush == FlushMode::kSynced ? Departure::kWithLog
                                                              : Departure::kUnsynced;
        }
    );
    for (auto& level : finalize_features(image, request)) {
        decision.records.emplace_back(std::move(level));
    }
    return decision;
}

Records unfence_broker(const Image& image, const ClusterPolicy& policy, BrokerId broker) {
    const BrokerState* state = image.broker(broker);
    if (state == nullptr || !state->fenced || state->in_controlled_shutdown) return {};
    auto unfenced = change_of(*state);
    unfenced.fenced = kCleared;
    Records records{unfenced};
    const ActiveBrokers active{.image = image, .arriving = broker};
    for_each_partition(
        image,
        policy,
        [&](const TopicState& topic,
            const TopicRules& rules,
            PartitionId id,
            const PartitionState& partition) {
            if (partition.leader != kNoBroker || !has(partition.replicas, broker)) return;
            PartitionChange change(partition, rules, active);
            if (auto record = change.build(topic.id, id)) records.emplace_back(*std::move(record));
        }
    );
    return records;
}

Records fence_broker(const Image& image, const ClusterPolicy& policy, BrokerId broker) {
    const BrokerState* state = image.broker(broker);
    if (state == nullptr || state->fenced) return {};
    auto fenced = change_of(*state);
    fenced.fenced = kSet;
    Records records{fenced};
    add_departures(records, image, policy, broker, with_log);
    return records;
}

Records start_controlled_shutdown(
    const Image& image, const ClusterPolicy& policy, BrokerId broker
) {
    const BrokerState* state = image.broker(broker);
    if (state == nullptr || !state->is_active()) return {};
    auto stopping = change_of(*state);
    stopping.in_controlled_shutdown = kSet;
    Records records{stopping};
    add_departures(records, image, policy, broker, with_log);
    return records;
}

Result<Records> unregister_broker(
    const Image& image, const ClusterPolicy& policy, BrokerId broker
) {
    const BrokerState* state = image.broker(broker);
    if (state == nullptr) {
        return fail(
            ErrorCode::kBrokerIdNotRegistered,
            "broker " + std::to_string(broker.value) + " is not registered"
        );
    }
    kafka::UnregisterBrokerRecord gone;
    gone.broker_id = broker;
    gone.broker_epoch = state->epoch;
    Records records{gone};
    add_departures(
        records,
        image,
        policy,
        broker,
        [](const TopicRules& /*rules*/, const PartitionState& /*partition*/) {
            return Departure::kEmpty;
        }
    );
    return records;
}

Result<Records> assign_directory(
    const Image& image, const ClusterPolicy& policy, const ReplicaDirectory& asked
) {
    const BrokerState* broker = image.broker(asked.broker);
    if (broker == nullptr) return fail(ErrorCode::kBrokerIdNotRegistered);
    if (broker->epoch != asked.epoch) return fail(ErrorCode::kStaleBrokerEpoch);
    const Image::TopicPtr topic = image.topic(asked.topic);
    if (topic == nullptr) return fail(ErrorCode::kUnknownTopicId, asked.topic.to_string());
    const PartitionState* state = image.partition(asked.topic, asked.partition);
    if (state == nullptr) return fail(ErrorCode::kUnknownTopicOrPartition, topic->name);
    if (!has(state->replicas, asked.broker)) return fail(ErrorCode::kNotLeaderOrFollower);
    if (directory_of(*state, asked.broker) == asked.directory) return Records{};
    const ActiveBrokers active{.image = image};
    const TopicRules rules = rules_of(policy, *topic);
    PartitionChange change(*state, rules, active);
    change.set_directory(asked.broker, asked.directory);
    if (asked.directory == kLostDirectory) {
        change.remove(asked.broker, Departure::kEmpty);
        change.raise_leader_epoch();
    }
    auto record = change.build(asked.topic, asked.partition);
    return record ? Records{*std::move(record)} : Records{};
}

bool leads_any(const Image& image, BrokerId broker) {
    for (const auto& [name, topic] : image.topics()) {
        for (const PartitionState& state : topic->partitions) {
            if (state.leader == broker) return true;
        }
    }
    return false;
}

Records settle_partitions(const Image& image, const ClusterPolicy& policy) {
    Records records;
    for (const auto& [name, topic] : image.topics()) {
        settle_topic(records, image, *topic, rules_of(policy, *topic));
    }
    return records;
}

}  // namespace sealane::broker
