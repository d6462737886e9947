#include "topology/cli/topic_records.hpp"

#include "common/client/consumer.hpp"
#include "common/client/list_offsets.hpp"
#include "common/client/producer.hpp"
#include "common/kafka/records/compression.hpp"
#include "topology/cli/log_files.hpp"
#include "topology/cli/output.hpp"

#include <charconv>

namespace sealane::topology {
namespace {

using runtime::Task;

Result<client::ProducerOptions> producer_options(const Invocation& invocation) {
    client::ProducerOptions options;
    const std::string acks = invocation.text("acks");
    if (acks != "0" && acks != "1" && acks != "all") {
        return fail(ErrorCode::kBadConfig, "--acks is 0, 1 or all, not '" + acks + "'");
    }
    options.acks = static_cast<std::int16_t>(acks == "all" ? -1 : acks == "1" ? 1 : 0);
    options.idempotent = options.acks == -1;
    const auto codec = kafka::codec_named(invocation.text("compression"));
    if (!codec)
        return fail(ErrorCode::kBadConfig, "--compression is none, gzip, snappy, lz4 or zstd");
    options.codec = *codec;
    return options;
}

kafka::Record record_of(const std::string& line, const std::string& separator, WallTime now) {
    if (separator.empty()) return kafka::text_record(std::nullopt, line, now);
    const auto at = line.find(separator);
    if (at == std::string::npos) return kafka::text_record(std::nullopt, line, now);
    return kafka::text_record(line.substr(0, at), line.substr(at + separator.size()), now);
}

Task<Result<std::int64_t>> send_lines(
    ClusterSession& session, client::Producer& producer, LineReader& lines
) {
    const Invocation& invocation = session.context.invocation;
    const std::string separator = invocation.text("key-separator");
    std::optional<PartitionId> partition;
    if (invocation.has("partition"))
        partition = PartitionId(static_cast<std::int32_t>(invocation.number("partition")));
    std::int64_t sent = 0;
    while (!session.context.interrupted()) {
        SEALANE_CO_TRY(const auto line, lines.next());
        if (!line) break;
        runtime::World& world = session.context.world;
        SEALANE_CO_TRY(const Instant limit, command_deadline(session.context));
        const auto queued = co_await producer.enqueue(
            invocation.arguments.front(),
            partition,
            record_of(*line, separator, world.wall()),
            limit
        );
        if (!queued) co_return fail(queued.error());
        ++sent;
    }
    SEALANE_CO_TRY(const Instant limit, command_deadline(session.context));
    SEALANE_CO_CHECK(co_await producer.flush(limit));
    co_return sent;
}

// Which partitions to read, from where, and where to stop with --exit.
struct ReadPlan {
    std::map<TopicPartition, client::StartAt> starts;
    std::map<TopicPartition, Offset> ends;
};

Result<client::StartAt> parse_start(const std::string& text) {
    if (text == "beginning") return client::StartAt::earliest();
    if (text == "end") return client::StartAt::latest();
    std::int64_t offset = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
    if (error != std::errc{} || end != text.data() + text.size() || offset < 0) {
        return fail(
            ErrorCode::kBadConfig, "--offset is beginning, end or a number, not '" + text + "'"
        );
    }
    return client::StartAt::at(Offset(offset));
}

Task<Result<ReadPlan>> plan_read(ClusterSession& session) {
    const Invocation& invocation = session.context.invocation;
    ReadPlan plan;
    SEALANE_CO_TRY(const auto start, parse_start(invocation.text("offset")));
    SEALANE_CO_TRY(
        const auto topic,
        co_await session.cluster.topic(invocation.arguments.front(), session.deadline)
    );
    std::map<TopicPartition, client::StartAt> latest;
    for (const auto& partition : topic.partitions) {
        if (invocation.has("partition") && partition.id.value != invocation.number("partition"))
            continue;
        plan.starts.emplace(TopicPartition{topic.name, partition.id}, start);
        latest.emplace(TopicPartition{topic.name, partition.id}, client::StartAt::latest());
    }
    if (plan.starts.empty()) {
        co_return fail(
            ErrorCode::kUnknownTopicOrPartition,
            topic.name + " has no partition " + invocation.text("partition")
        );
    }
    if (!invocation.enabled("exit")) co_return plan;
    auto listed = co_await client::list_offsets(session.cluster, latest, false, session.deadline);
    for (auto& [partition, end] : listed) {
        if (!end) co_return fail(end.error().in(partition.to_string()));
        plan.ends.emplace(partition, end->offset);
    }
    co_return plan;
}

// Takes partitions out of `ends` that were read to their end.
void drop_finished(const client::Consumer& consumer, std::map<TopicPartition, Offset>& ends) {
    std::erase_if(ends, [&](const auto& entry) {
        const auto position = consumer.position(entry.first);
        return entry.second.value == 0 || (position && *position >= entry.second);
    });
}

// Nothing came for --timeout although the end is not reached.
Error stuck(const client::Consumer& consumer, const ReadPlan& plan) {
    const auto& [partition, end] = *plan.ends.begin();
    const Offset at = consumer.position(partition).value_or(kNoOffset);
    return {
        ErrorCode::kDeadlineExceeded,
        "no more records came: " + partition.to_string() + " is at offset " +
            std::to_string(at.value) + ", its end is " + std::to_string(end.value)
    };
}

Task<Status> print_records(ClusterSession& session, client::Consumer& consumer, ReadPlan plan) {
    const Invocation& invocation = session.context.invocation;
    const std::string separator = invocation.text("key-separator");
    const std::int64_t limit = invocation.number("count");
    std::int64_t printed = 0;
    SEALANE_CO_TRY(Instant patience, command_deadline(session.context));
    while (!session.context.interrupted()) {
        if (invocation.enabled("exit")) {
            drop_finished(consumer, plan.ends);
            if (plan.ends.empty()) break;
            if (session.context.world.now() >= patience) co_return fail(stuck(consumer, plan));
        }
        SEALANE_CO_TRY(
            const auto records, co_await consumer.poll(session.context.world.now() + 200ms)
        );
        std::string out;
        for (const auto& record : records) {
            if (limit != 0 && printed == limit) break;
            if (!separator.empty() && record.record.key)
                out.append(record.record.key->text()).append(separator);
            if (record.record.value) out.append(record.record.value->text());
            out.push_back('\n');
            ++printed;
        }
        print(out);
        if (limit != 0 && printed == limit) break;
        if (!records.empty()) {
            SEALANE_CO_TRY(patience, command_deadline(session.context));
        }
    }
    co_return Status{};
}

}  // namespace

Task<Result<ExitCode>> produce_records(ClusterSession& session) {
    const Invocation& invocation = session.context.invocation;
    SEALANE_CO_TRY(const auto options, producer_options(invocation));
    const std::string file = invocation.has("file") ? invocation.text("file") : "/dev/stdin";
    SEALANE_CO_TRY(auto lines, LineReader::open(file));
    client::Producer producer(session.cluster, options);
    const auto sent = co_await send_lines(session, producer, lines);
    co_await producer.stop();
    if (!sent) co_return fail(sent.error());
    note(
        count_text(*sent) + " records written to " + invocation.arguments.front() + " in " +
        session.name
    );
    co_return ExitCode::kOk;
}

Task<Result<ExitCode>> consume_records(ClusterSession& session) {
    SEALANE_CO_TRY(auto plan, co_await plan_read(session));
    client::Consumer consumer(session.cluster, {});
    for (const auto& [partition, start] : plan.starts) consumer.assign(partition, start);
    const Status status = co_await print_records(session, consumer, std::move(plan));
    co_await consumer.stop();
    if (!status) co_return fail(status.error());
    co_return ExitCode::kOk;
}

}  // namespace sealane::topology
