// sealane topic create, list, describe, delete. Produce and consume are in topic_records.cpp.

#include "common/client/admin.hpp"
#include "topology/cli/cluster_session.hpp"
#include "topology/cli/commands.hpp"
#include "topology/cli/output.hpp"
#include "topology/cli/topic_records.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace sealane::topology {
namespace {

using runtime::Task;

Result<std::map<std::string, std::string>> parse_configs(const Invocation& invocation) {
    std::map<std::string, std::string> configs;
    const auto given = invocation.flags.find("config");
    if (given == invocation.flags.end()) return configs;
    for (const std::string& pair : given->second) {
        const auto equals = pair.find('=');
        if (equals == std::string::npos) {
            return fail(ErrorCode::kBadConfig, "--config=" + pair + " is not NAME=VALUE");
        }
        configs[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return configs;
}

Task<Result<ExitCode>> create(ClusterSession& session) {
    const Invocation& invocation = session.context.invocation;
    client::Admin admin(session.cluster);
    client::NewTopic topic;
    topic.name = invocation.arguments.front();
    topic.partitions = static_cast<std::int32_t>(invocation.number("partitions"));
    topic.replication = static_cast<std::int16_t>(invocation.number("replication-factor"));
    SEALANE_CO_TRY(topic.configs, parse_configs(invocation));
    SEALANE_CO_CHECK(co_await admin.create_topic(topic, session.deadline));
    note(
        "topic " + topic.name + " created in " + session.name + ", " +
        count_text(topic.partitions) + " partition(s)"
    );
    co_return ExitCode::kOk;
}

Task<Result<ExitCode>> remove(ClusterSession& session) {
    client::Admin admin(session.cluster);
    const std::string& name = session.context.invocation.arguments.front();
    SEALANE_CO_CHECK(co_await admin.delete_topic(name, session.deadline));
    note("topic " + name + " deleted in " + session.name);
    co_return ExitCode::kOk;
}

// First and next offset of every partition.
struct Extent {
    Offset start = kNoOffset;
    Offset end = kNoOffset;
};

Task<Result<std::map<TopicPartition, Extent>>> extents(
    ClusterSession& session, std::vector<TopicPartition> partitions
) {
    std::map<TopicPartition, client::StartAt> first;
    std::map<TopicPartition, client::StartAt> last;
    for (const auto& partition : partitions) {
        first.emplace(partition, client::StartAt::earliest());
        last.emplace(partition, client::StartAt::latest());
    }
    std::map<TopicPartition, Extent> all;
    auto starts = co_await client::list_offsets(session.cluster, first, false, session.deadline);
    for (auto& [partition, listed] : starts) {
        if (!listed) co_return fail(listed.error().in(partition.to_string()));
        all[partition].start = listed->offset;
    }
    auto ends = co_await client::list_offsets(session.cluster, last, false, session.deadline);
    for (auto& [partition, listed] : ends) {
        if (!listed) co_return fail(listed.error().in(partition.to_string()));
        all[partition].end = listed->offset;
    }
    co_return all;
}

std::vector<TopicPartition> partitions_of(const std::vector<client::TopicInfo>& topics) {
    std::vector<TopicPartition> partitions;
    for (const auto& topic : topics) {
        for (const auto& partition : topic.partitions)
            partitions.push_back({topic.name, partition.id});
    }
    return partitions;
}

Task<Result<ExitCode>> list(ClusterSession& session) {
    client::Admin admin(session.cluster);
    SEALANE_CO_TRY(const auto topics, co_await admin.list_topics(session.deadline));
    SEALANE_CO_TRY(const auto ranges, co_await extents(session, partitions_of(topics)));
    Table table({"TOPIC", "PARTITIONS", "RECORDS", "INTERNAL"});
    boost::json::array rows;
    for (const auto& topic : topics) {
        std::int64_t records = 0;
        for (const auto& partition : topic.partitions) {
            const Extent& range = ranges.at({topic.name, partition.id});
            records += range.end - range.start;
        }
        table.row(
            {topic.name,
             std::to_string(topic.partitions.size()),
             count_text(records),
             topic.internal ? "yes" : ""}
        );
        rows.push_back(boost::json::object{
            {"topic", topic.name},
            {"id", topic.id.to_string()},
            {"partitions", topic.partitions.size()},
            {"records", records},
            {"internal", topic.internal},
        });
    }
    if (session.context.invocation.json()) {
        print_json(boost::json::object{{"cluster", session.name}, {"topics", std::move(rows)}});
    } else {
        print(table.text());
    }
    co_return ExitCode::kOk;
}

std::string id_list(const std::vector<BrokerId>& ids) {
    std::string text;
    for (const BrokerId id : ids) text += (text.empty() ? "" : ",") + std::to_string(id.value);
    return text;
}

Task<Result<ExitCode>> describe(ClusterSession& session) {
    client::Admin admin(session.cluster);
    const std::string& name = session.context.invocation.arguments.front();
    SEALANE_CO_TRY(const auto topic, co_await admin.describe_topic(name, session.deadline));
    SEALANE_CO_TRY(const auto ranges, co_await extents(session, partitions_of({topic})));
    SEALANE_CO_TRY(
        const auto configs,
        co_await admin.describe_configs(
            {client::ConfigResource::Type::kTopic, name}, session.deadline
        )
    );
    Table table({"PARTITION", "LEADER", "EPOCH", "REPLICAS", "IN SYNC", "START", "END"});
    boost::json::array rows;
    for (const auto& partition : topic.partitions) {
        const Extent& range = ranges.at({name, partition.id});
        table.row(
            {std::to_string(partition.id.value),
             std::to_string(partition.leader.value),
             std::to_string(partition.leader_epoch.value),
             id_list(partition.replicas),
             id_list(partition.in_sync),
             count_text(range.start.value),
             count_text(range.end.value)}
        );
        rows.push_back(boost::json::object{
            {"partition", partition.id.value},
            {"leader", partition.leader.value},
            {"leader_epoch", partition.leader_epoch.value},
            {"start", range.start.value},
            {"end", range.end.value},
        });
    }
    boost::json::object changed;
    std::string config_lines;
    for (const auto& [key, entry] : configs) {
        if (entry.is_default) continue;
        changed[key] = entry.value.value_or("");
        config_lines += "  " + key + "=" + entry.value.value_or("") + "\n";
    }
    if (session.context.invocation.json()) {
        print_json(boost::json::object{
            {"cluster", session.name},
            {"topic", name},
            {"id", topic.id.to_string()},
            {"partitions", std::move(rows)},
            {"configs", std::move(changed)}
        });
    } else {
        print(name + "  id " + topic.id.to_string() + "  in " + session.name + "\n" + table.text());
        if (!config_lines.empty()) print("configs\n" + config_lines);
    }
    co_return ExitCode::kOk;
}

}  // namespace

std::vector<CommandSpec> topic_commands() {
    auto command = [](std::string words,
                      std::string arguments,
                      std::string summary,
                      std::size_t count,
                      std::vector<std::string> flags,
                      ClusterBody body) {
        return CommandSpec{
            .words = std::move(words),
            .arguments = std::move(arguments),
            .summary = std::move(summary),
            .details = "",
            .flags = with_access(std::move(flags)),
            .arguments_min = count,
            .arguments_max = count,
            .body = [body](CommandContext context) { return with_cluster(context, body); },
        };
    };
    return {
        command(
            "topic create",
            "TOPIC",
            "Create a topic",
            1,
            {"partitions", "replication-factor", "config"},
            create
        ),
        command("topic list", "", "List topics with their partitions and records", 0, {}, list),
        command(
            "topic describe",
            "TOPIC",
            "Show a topic's partitions, offsets and configs",
            1,
            {},
            describe
        ),
        command(
            "topic produce",
            "TOPIC",
            "Write lines of a file or of standard input as records",
            1,
            {"file", "key-separator", "partition", "compression", "acks"},
            produce_records
        ),
        command(
            "topic consume",
            "TOPIC",
            "Print the records of a topic",
            1,
            {"partition", "offset", "count", "exit", "key-separator"},
            consume_records
        ),
        command("topic delete", "TOPIC", "Delete a topic and its records", 1, {}, remove),
    };
}

}  // namespace sealane::topology
