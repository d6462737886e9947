#include "broker/metadata/image.hpp"

#include "broker/metadata/config_records.hpp"

namespace sealane::broker {

namespace {

constexpr BrokerId kLeaderUnchanged{-2};
// Values of the two flags of a BrokerRegistrationChangeRecord.
constexpr std::int8_t kSet = 1;
constexpr std::int8_t kCleared = -1;

std::unexpected<Error> misfit(std::string text) {
    return fail(ErrorCode::kCorrupt, "metadata log: " + std::move(text));
}

}  // namespace

PartitionState changed(PartitionState state, const kafka::PartitionChangeRecord& record) {
    if (record.leader != kLeaderUnchanged) {
        state.leader = record.leader;
        ++state.leader_epoch;
    }
    if (record.isr) state.isr = *record.isr;
    if (record.replicas) state.replicas = *record.replicas;
    if (record.adding_replicas) state.adding = *record.adding_replicas;
    if (record.removing_replicas) state.removing = *record.removing_replicas;
    if (record.eligible_leader_replicas) state.elr = *record.eligible_leader_replicas;
    if (record.last_known_elr) state.last_known_elr = *record.last_known_elr;
    if (record.directories) state.directories = *record.directories;
    if (record.leader_recovery_state >= 0) state.recovering = record.leader_recovery_state != 0;
    ++state.partition_epoch;
    return state;
}

Image::TopicPtr Image::topic(std::string_view name) const {
    const auto found = topics_.find(name);
    return found == topics_.end() ? nullptr : found->second;
}

Image::TopicPtr Image::topic(const Uuid& id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : found->second;
}

namespace {
const PartitionState* partition_of(const Image::TopicPtr& topic, PartitionId id) {
    if (topic == nullptr || id.value < 0) return nullptr;
    const auto index = static_cast<std::size_t>(id.value);
    return index < topic->partitions.size() ? &topic->partitions[index] : nullptr;
}
}  // namespace

const PartitionState* Image::partition(const TopicPartition& id) const {
    return partition_of(topic(id.topic), id.partition);
}

const PartitionState* Image::partition(const Uuid& topic_id, PartitionId id) const {
    return partition_of(topic(topic_id), id);
}

const BrokerState* Image::broker(BrokerId id) const {
    const auto found = brokers_.find(id);
    return found == brokers_.end() ? nullptr : &found->second;
}

bool Image::is_active(BrokerId id) const {
    const BrokerState* state = broker(id);
    return state != nullptr && state->is_active();
}

const ConfigOverrides& Image::broker_configs(BrokerId id) const {
    static const ConfigOverrides kNone;
    const auto found = broker_configs_.find(id);
    return found == broker_configs_.end() ? kNone : found->second;
}

const Image::Extensions& Image::extensions(std::string_view family) const {
    static const Extensions kNone;
    const auto found = extensions_.find(family);
    return found == extensions_.end() ? kNone : found->second;
}

Status Image::apply(const MetadataRecord& record) {
    return std::visit([this](const auto& one) { return on(one); }, record);
}

TopicState* Image::own(const Uuid& id) {
    // The two maps of this image are two holders; any other one must not see the change.
    constexpr long kOwnHolders = 2;
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return nullptr;
    if (found->second.use_count() > kOwnHolders) {
        found->second = std::make_shared<TopicState>(*found->second);
        topics_.insert_or_assign(found->second->name, found->second);
    }
    // Made by make_shared<TopicState>, and nobody else has it: not const for its only owner.
    return const_cast<TopicState*>(found->second.get());
}

Result<BrokerState*> Image::registered(BrokerId id, BrokerEpoch epoch) {
    const auto found = brokers_.find(id);
    if (found == brokers_.end() || found->second.epoch != epoch) {
        return misfit(
            "broker " + std::to_string(id.value) + " has no epoch " + std::to_string(epoch)
        );
    }
    return &found->second;
}

Status Image::on(const kafka::RegisterBrokerRecord& record) {
    BrokerState broker{
        .id = record.broker_id,
        .epoch = record.broker_epoch,
        .incarnation = record.incarnation_id,
        .listeners = {},
        .features = {},
        .rack = record.rack,
        .fenced = record.fenced,
        .in_controlled_shutdown = record.in_controlled_shutdown,
        .log_dirs = record.log_dirs,
    };
    for (const auto& listener : record.end_points) {
        broker.listeners.push_back(
            {listener.name, listener.host, listener.port, listener.security_protocol != 0}
        );
    }
    for (const auto& feature : record.features) {
        broker.features.push_back(
            {feature.name, feature.min_supported_version, feature.max_supported_version}
        );
    }
    brokers_.insert_or_assign(record.broker_id, std::move(broker));
    return {};
}

Status Image::on(const kafka::UnregisterBrokerRecord& record) {
    SEALANE_CHECK(registered(record.broker_id, record.broker_epoch));
    brokers_.erase(record.broker_id);
    return {};
}

Status Image::on(const kafka::BrokerRegistrationChangeRecord& record) {
    SEALANE_TRY(BrokerState* const broker, registered(record.broker_id, record.broker_epoch));
    if (record.fenced == kSet) broker->fenced = true;
    if (record.fenced == kCleared) broker->fenced = false;
    if (record.in_controlled_shutdown == kSet) broker->in_controlled_shutdown = true;
    if (record.in_controlled_shutdown == kCleared) broker->in_controlled_shutdown = false;
    if (!record.log_dirs.empty()) broker->log_dirs = record.log_dirs;
    return {};
}

Status Image::on(const kafka::FenceBrokerRecord& record) {
    SEALANE_TRY(BrokerState* const broker, registered(BrokerId(record.id), record.epoch));
    broker->fenced = true;
    return {};
}

Status Image::on(const kafka::UnfenceBrokerRecord& record) {
    SEALANE_TRY(BrokerState* const broker, registered(BrokerId(record.id), record.epoch));
    broker->fenced = false;
    return {};
}

Status Image::on(const kafka::FeatureLevelRecord& record) {
    features_.insert_or_assign(record.name, record.feature_level);
    return {};
}

Status Image::on(const kafka::NoOpRecord& /*record*/) {
    return {};
}

Status Image::on(const kafka::TopicRecord& record) {
    if (topics_.contains(record.name)) return misfit("topic " + record.name + " twice");
    if (by_id_.contains(record.topic_id)) {
        return misfit("topic id " + record.topic_id.to_string() + " twice");
    }
    auto topic = std::make_shared<TopicState>();
    topic->id = record.topic_id;
    topic->name = record.name;
    topics_.insert_or_assign(record.name, topic);
    by_id_.insert_or_assign(record.topic_id, std::move(topic));
    return {};
}

Status Image::on(const kafka::PartitionRecord& record) {
    TopicState* const topic = own(record.topic_id);
    if (topic == nullptr) {
        return misfit("partition of unknown topic " + record.topic_id.to_string());
    }
    const auto index = static_cast<std::size_t>(record.partition_id.value);
    if (record.partition_id.value < 0 || index > topic->partitions.size()) {
        return misfit("gap before partition " + std::to_string(record.partition_id.value));
    }
    PartitionState state{
        .replicas = record.replicas,
        .isr = record.isr,
        .elr = record.eligible_leader_replicas.value_or(std::vector<BrokerId>{}),
        .last_known_elr = record.last_known_elr.value_or(std::vector<BrokerId>{}),
        .adding = record.adding_replicas,
        .removing = record.removing_replicas,
        .leader = record.leader,
        .leader_epoch = record.leader_epoch,
        .partition_epoch = record.partition_epoch,
        .recovering = record.leader_recovery_state != 0,
        .directories = record.directories,
    };
    if (index == topic->partitions.size()) {
        (void)topic->partitions.append(std::move(state));
        ++partition_count_;
    } else {
        topic->partitions.change(index) = std::move(state);
    }
    return {};
}

Status Image::on(const kafka::PartitionChangeRecord& record) {
    TopicState* const topic = own(record.topic_id);
    const auto index = static_cast<std::size_t>(record.partition_id.value);
    if (topic == nullptr || record.partition_id.value < 0 || index >= topic->partitions.size()) {
        return misfit("change of unknown partition of " + record.topic_id.to_string());
    }
    PartitionState& state = topic->partitions.change(index);
    state = changed(std::move(state), record);
    return {};
}

Status Image::configure(ConfigOverrides& configs, const kafka::ConfigRecord& record) {
    if (record.value) {
        configs.insert_or_assign(record.name, *record.value);
    } else {
        configs.erase(record.name);
    }
    return {};
}

Status Image::on(const kafka::ConfigRecord& record) {
    if (record.resource_type == kTopicResource) {
        const auto found = topics_.find(record.resource_name);
        if (found == topics_.end())
            return misfit("config of unknown topic " + record.resource_name);
        const Uuid id = found->second->id;
        return configure(own(id)->configs, record);
    }
    if (record.resource_type != kBrokerResource) return {};
    const auto broker = broker_of_resource(record.resource_name);
    if (!broker) return misfit("config of broker '" + record.resource_name + "'");
    ConfigOverrides& configs = broker_configs_[*broker];
    (void)configure(configs, record);
    if (configs.empty()) broker_configs_.erase(*broker);
    return {};
}

Status Image::on(const kafka::RemoveTopicRecord& record) {
    const TopicPtr old = topic(record.topic_id);
    if (old == nullptr) return misfit("removal of unknown topic " + record.topic_id.to_string());
    partition_count_ -= old->partitions.size();
    topics_.erase(old->name);
    by_id_.erase(old->id);
    return {};
}

Status Image::on(const kafka::ProducerIdsRecord& record) {
    if (record.next_producer_id.value < next_producer_id_) {
        return misfit("producer ids go back to " + std::to_string(record.next_producer_id.value));
    }
    next_producer_id_ = record.next_producer_id.value;
    return {};
}

Status Image::on(const kafka::AccessControlEntryRecord& record) {
    return security_.own().apply(record);
}

Status Image::on(const kafka::RemoveAccessControlEntryRecord& record) {
    return security_.own().apply(record);
}

Status Image::on(const kafka::UserScramCredentialRecord& record) {
    return security_.own().apply(record);
}

Status Image::on(const kafka::RemoveUserScramCredentialRecord& record) {
    return security_.own().apply(record);
}

Status Image::on(const kafka::ClientQuotaRecord& record) {
    return security_.own().apply(record);
}

Status Image::on(const ExtensionRecord& record) {
    if (record.value) {
        extensions_[record.family].insert_or_assign(record.name, *record.value);
        return {};
    }
    const auto family = extensions_.find(record.family);
    if (family == extensions_.end()) return {};
    family->second.erase(record.name);
    if (family->second.empty()) extensions_.erase(family);
    return {};
}

}  // namespace sealane::broker
