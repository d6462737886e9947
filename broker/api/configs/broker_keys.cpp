#include "broker/api/configs/broker_keys.hpp"

#include <algorithm>

namespace sealane::broker {
namespace {

using Type = ConfigType;

std::string listed(const std::vector<std::string>& items, std::string_view separator) {
    std::string text;
    for (const std::string& item : items) {
        if (!text.empty()) text += separator;
        text += item;
    }
    return text;
}

// "NAME://host:port,..." as Kafka writes listeners.
std::string listener_text(const BrokerConfig& config, bool advertised) {
    std::vector<std::string> all;
    for (const ListenerConfig& listener : config.listeners) {
        const auto& at =
            advertised ? listener.advertised.value_or(listener.address) : listener.address;
        all.push_back(listener.name + "://" + at.to_string());
    }
    return listed(all, ",");
}

std::int64_t whole(std::size_t count) {
    return static_cast<std::int64_t>(count);
}

class Table {
 public:
    void add(
        std::string name, Type type, std::string value, std::string fallback, std::string doc
    ) {
        rows_.push_back(
            {std::move(name), type, std::move(value), std::move(fallback), std::move(doc)}
        );
    }
    void number(
        std::string name, Type type, std::int64_t value, std::int64_t fallback, std::string doc
    ) {
        add(std::move(name), type, std::to_string(value), std::to_string(fallback), std::move(doc));
    }
    void boolean(std::string name, bool value, bool fallback, std::string doc) {
        const auto text = [](bool b) { return std::string(b ? "true" : "false"); };
        add(std::move(name), Type::kBoolean, text(value), text(fallback), std::move(doc));
    }
    std::vector<BrokerSetting> sorted() && {
        std::ranges::sort(rows_, {}, &BrokerSetting::name);
        return std::move(rows_);
    }

 private:
    std::vector<BrokerSetting> rows_;
};

void add_node(Table& table, const BrokerConfig& config) {
    table.number("node.id", Type::kInt, config.node_id.value, 0, "This broker's number.");
    table.number("broker.id", Type::kInt, config.node_id.value, -1, "The same as node.id.");
    table.add("log.dir", Type::kString, config.log_dir, "", "Directory of the data.");
    table.add("log.dirs", Type::kString, config.log_dir, "", "The same as log.dir.");
    table.add("listeners", Type::kList, listener_text(config, false), "", "Where clients connect.");
    table.add(
        "advertised.listeners",
        Type::kList,
        listener_text(config, true),
        "",
        "What clients are told."
    );
    table.add(
        "super.users",
        Type::kString,
        listed(config.super_users, ";"),
        "",
        "Principals that may do everything."
    );
    const BrokerConfig defaults;
    table.boolean(
        "auto.create.topics.enable",
        config.auto_create_topics,
        defaults.auto_create_topics,
        "Topics are made when a client asks for them."
    );
    table.boolean(
        "delete.topic.enable",
        config.delete_topic_enable,
        defaults.delete_topic_enable,
        "Topics may be deleted."
    );
    table.number(
        "num.partitions",
        Type::kInt,
        config.num_partitions,
        defaults.num_partitions,
        "Of topics made without a number."
    );
    table.number("default.replication.factor", Type::kInt, 1, 1, "Of topics made without one.");
}

void add_network_limits(Table& table, const ServerLimits& now) {
    const ServerLimits old;
    table.number(
        "socket.request.max.bytes",
        Type::kInt,
        now.max_request_bytes,
        old.max_request_bytes,
        "The largest request."
    );
    table.number(
        "queued.max.request.bytes",
        Type::kLong,
        now.in_flight_bytes,
        old.in_flight_bytes,
        "Bytes of requests not yet answered, of all connections."
    );
    table.number(
        "max.connections",
        Type::kInt,
        whole(now.max_connections),
        whole(old.max_connections),
        "Connections at the same time."
    );
    table.number(
        "max.connections.per.ip",
        Type::kInt,
        whole(now.max_connections_per_ip),
        whole(old.max_connections_per_ip),
        "Connections of one address at the same time."
    );
    table.number(
        "connections.max.idle.ms",
        Type::kLong,
        to_ms(now.idle),
        to_ms(old.idle),
        "Idle connections are closed after this time."
    );
}

void add_data_limits(Table& table, const BrokerConfig& config) {
    const BrokerConfig defaults;
    table.number(
        "fetch.max.bytes",
        Type::kInt,
        config.fetch_max_bytes,
        defaults.fetch_max_bytes,
        "The largest answer to a fetch."
    );
    table.number(
        "max.incremental.fetch.session.cache.slots",
        Type::kInt,
        config.fetch_session_slots,
        defaults.fetch_session_slots,
        "Fetch sessions kept."
    );
    table.number(
        "log.retention.check.interval.ms",
        Type::kLong,
        to_ms(config.retention_check_interval),
        to_ms(defaults.retention_check_interval),
        "How often retention looks."
    );
    table.number(
        "producer.id.expiration.ms",
        Type::kInt,
        to_ms(config.producer_id_expiration),
        to_ms(defaults.producer_id_expiration),
        "Idempotent producers are forgotten after this time."
    );
}

void add_rates(Table& table, const BrokerConfig& config) {
    const BrokerConfig defaults;
    table.number(
        "follower.replication.throttled.rate",
        Type::kLong,
        config.cluster.replication_throttle_bytes,
        defaults.cluster.replication_throttle_bytes,
        "Bytes a second for replicas that catch up; 0: no limit."
    );
    table.number(
        "leader.replication.throttled.rate",
        Type::kLong,
        config.cluster.leader_throttle_bytes,
        defaults.cluster.leader_throttle_bytes,
        "Bytes a second given to replicas that catch up; 0: no limit."
    );
    table.number(
        "sealane.scrub.bytes.per.second",
        Type::kLong,
        config.cluster.scrub_bytes,
        defaults.cluster.scrub_bytes,
        "Stored records re-read, at most."
    );
}

void add_cleaner(Table& table, const CleanerConfig& now) {
    const CleanerConfig old;
    table.boolean(
        "log.cleaner.enable", now.enable, old.enable, "Whether topics are compacted at all."
    );
    table.number(
        "log.cleaner.dedupe.buffer.size",
        Type::kLong,
        now.dedupe_buffer_bytes,
        old.dedupe_buffer_bytes,
        "Memory for keys while a log is compacted."
    );
    table.number(
        "log.cleaner.io.max.bytes.per.second",
        Type::kLong,
        now.io_bytes_per_second,
        old.io_bytes_per_second,
        "Read and written by compaction, at most."
    );
    table.number(
        "log.cleaner.backoff.ms",
        Type::kLong,
        to_ms(now.backoff),
        to_ms(old.backoff),
        "How long compaction waits when nothing is due."
    );
}

void add_transactions(Table& table, const BrokerConfig& config) {
    const BrokerConfig defaults;
    table.number(
        "transaction.state.log.num.partitions",
        Type::kInt,
        config.transactions_topic_partitions,
        defaults.transactions_topic_partitions,
        "Partitions of __transaction_state when it is made."
    );
    table.number(
        "transaction.state.log.replication.factor",
        Type::kShort,
        config.transactions_topic_replication_factor,
        defaults.transactions_topic_replication_factor,
        "Of __transaction_state; -1: the cluster's default."
    );
    table.number(
        "transaction.state.log.min.isr",
        Type::kInt,
        config.transactions_topic_min_isr,
        defaults.transactions_topic_min_isr,
        "Replicas that must have a change of a transaction; at most as many as there are."
    );
    table.number(
        "transaction.max.timeout.ms",
        Type::kInt,
        config.transaction_max_timeout_ms,
        defaults.transaction_max_timeout_ms,
        "The longest timeout a producer may ask for."
    );
    table.number(
        "transactional.id.expiration.ms",
        Type::kLong,
        config.transactional_id_expiration_ms,
        defaults.transactional_id_expiration_ms,
        "Transactional ids unused for so long are forgotten."
    );
}

void add_groups(Table& table, const BrokerConfig& config) {
    const BrokerConfig defaults;
    constexpr std::int64_t kMinute = 60'000;
    table.number(
        "group.min.session.timeout.ms",
        Type::kInt,
        config.group_min_session_timeout_ms,
        defaults.group_min_session_timeout_ms,
        "The shortest session of a member."
    );
    table.number(
        "group.max.session.timeout.ms",
        Type::kInt,
        config.group_max_session_timeout_ms,
        defaults.group_max_session_timeout_ms,
        "The longest session of a member."
    );
    table.number(
        "group.initial.rebalance.delay.ms",
        Type::kInt,
        config.group_initial_rebalance_delay_ms,
        defaults.group_initial_rebalance_delay_ms,
        "How long an empty group waits for more members."
    );
    table.number(
        "group.max.size",
        Type::kInt,
        config.group_max_size,
        defaults.group_max_size,
        "Members of one group."
    );
    table.number(
        "offset.metadata.max.bytes",
        Type::kInt,
        config.offset_metadata_max_bytes,
        defaults.offset_metadata_max_bytes,
        "Text beside a committed offset."
    );
    table.number(
        "offsets.retention.minutes",
        Type::kInt,
        config.offsets_retention_ms / kMinute,
        defaults.offsets_retention_ms / kMinute,
        "Offsets of empty groups are kept for this time."
    );
    table.number(
        "offsets.topic.num.partitions",
        Type::kInt,
        config.offsets_topic_partitions,
        defaults.offsets_topic_partitions,
        "Partitions of __consumer_offsets when it is made."
    );
    table.number("offsets.topic.replication.factor", Type::kShort, 1, 1, "Of __consumer_offsets.");
}

void add_consumer_groups(Table& table, const ConsumerGroupOptions& options) {
    const ConsumerGroupOptions defaults;
    const auto add = [&](const std::string& what, auto member, const char* doc) {
        table.number("group.consumer." + what, Type::kInt, options.*member, defaults.*member, doc);
    };
    using G = ConsumerGroupOptions;
    add("session.timeout.ms", &G::session_timeout_ms, "A silent member is out after this.");
    add("min.session.timeout.ms", &G::min_session_timeout_ms, "The least session timeout.");
    add("max.session.timeout.ms", &G::max_session_timeout_ms, "The most session timeout.");
    add("heartbeat.interval.ms", &G::heartbeat_interval_ms, "How often members heartbeat.");
    add("min.heartbeat.interval.ms", &G::min_heartbeat_interval_ms, "The least interval.");
    add("max.heartbeat.interval.ms", &G::max_heartbeat_interval_ms, "The most interval.");
    add("max.size", &G::max_size, "Members of one group.");
    table.add(
        "group.consumer.assignors",
        Type::kList,
        listed(options.assignors, ","),
        listed(defaults.assignors, ","),
        "What members may ask for; the first is the default."
    );
}

}  // namespace

std::vector<BrokerSetting> broker_settings(const BrokerConfig& config) {
    Table table;
    add_node(table, config);
    add_network_limits(table, config.limits);
    add_data_limits(table, config);
    add_groups(table, config);
    add_consumer_groups(table, config.group_consumer);
    add_transactions(table, config);
    add_rates(table, config);
    add_cleaner(table, config.cleaner);
    for (const TopicConfigKey& key : topic_config_keys()) {
        if (key.broker_synonym.empty()) continue;
        table.add(
            std::string(key.broker_synonym),
            key.type,
            config_text(config.topic_defaults, key.name),
            std::string(key.default_text),
            std::string(key.documentation)
        );
    }
    return std::move(table).sorted();
}

}  // namespace sealane::broker
