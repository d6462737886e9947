#include "topology/drill/drill_run.hpp"

#include "common/client/admin.hpp"
#include "common/kafka/messages/mirror.hpp"
#include "topology/recovery/record_stream.hpp"

namespace sealane::topology {
namespace {

using runtime::Task;

constexpr Duration kSetupLimit = 30s;
constexpr Duration kDetectLimit = 120s;
constexpr Duration kPromoteLimit = 60s;
constexpr Duration kResumeLimit = 60s;

class DrillSession {
 public:
    DrillSession(
        client::ClusterClient& primary,
        client::ClusterClient& standby,
        DrillPlan plan,
        DrillHooks hooks
    )
        : world_(primary.world()),
          primary_(primary),
          standby_(standby),
          hooks_(std::move(hooks)),
          result_{.plan = std::move(plan), .log = {}, .findings = {}, .events = {}, .promoted = {}},
          writer_(world_, result_.plan.probes, result_.log),
          application_(
              world_,
              result_.plan.probes,
              result_.log,
              ProbeReader::Duty::kApplication,
              result_.plan.probes.topic + ".reader"
          ),
          watcher_(world_, result_.plan.probes, result_.log, ProbeReader::Duty::kWatchStandby, "") {
    }

    Task<Result<DrillResult>> run() {
        result_.started_at_ms = world_.wall().ms;
        result_.log.times.start = world_.now();
        const Status status = co_await phases();
        co_await writer_.stop();
        co_await application_.stop();
        co_await watcher_.stop();
        if (!status) co_return fail(status.error());
        result_.findings = analyze(result_.log);
        co_return std::move(result_);
    }

 private:
    Task<Status> phases() {
        SEALANE_CO_CHECK(co_await set_up());
        SEALANE_CO_CHECK(co_await baseline());
        SEALANE_CO_CHECK(kill());
        SEALANE_CO_CHECK(co_await detect());
        SEALANE_CO_CHECK(co_await promote());
        SEALANE_CO_CHECK(co_await move());
        SEALANE_CO_CHECK(co_await settle());
        co_return co_await read_everything();
    }

    void mark(std::string what) {
        hooks_.tell(what);
        result_.events.push_back({world_.now(), std::move(what)});
    }

    Task<Status> set_up() {
        const ProbePlan& probes = result_.plan.probes;
        hooks_.tell("making topic " + probes.topic + " in " + result_.plan.primary);
        client::Admin admin(primary_);
        client::NewTopic topic;
        topic.name = probes.topic;
        topic.partitions = probes.partitions;
        SEALANE_CO_CHECK(co_await admin.create_topic(topic, world_.now() + kSetupLimit));
        hooks_.tell("waiting until the link carries " + probes.topic);
        const Instant limit = world_.now() + kSetupLimit;
        client::Admin there(standby_);
        while (true) {
            const auto found = co_await there.describe_topic(probes.topic, limit);
            if (found && found->partitions.size() == static_cast<std::size_t>(probes.partitions))
                break;
            if (world_.now() >= limit) {
                co_return fail(
                    ErrorCode::kDeadlineExceeded,
                    "link " + result_.plan.link + " does not carry topic " + probes.topic +
                        "; does it run, and do its topics include it?"
                );
            }
            co_await world_.sleep(100ms);
        }
        co_return Status{};
    }

    Task<Status> baseline() {
        mark("baseline: probes to " + result_.plan.primary);
        co_await writer_.write_to(primary_, true);
        SEALANE_CO_CHECK(co_await application_.read_from(primary_, world_.now() + kSetupLimit));
        SEALANE_CO_CHECK(co_await watcher_.read_from(standby_, world_.now() + kSetupLimit));
        const Instant end = world_.now() + result_.plan.baseline;
        while (world_.now() < end) {
            if (hooks_.interrupted()) co_return fail(Error::stopped());
            co_await world_.sleep(50ms);
        }
        if (writer_.acknowledged() == 0 || application_.delivered() == 0) {
            co_return fail(
                ErrorCode::kDeadlineExceeded,
                "no probe came through before the fault; nothing was killed"
            );
        }
        co_return Status{};
    }

    Status kill() {
        result_.log.times.killed = world_.now();
        SEALANE_CHECK(hooks_.kill_primary());
        mark("killed " + result_.plan.primary + " (SIGKILL)");
        return {};
    }

    Task<Status> detect() {
        if (!co_await wait_until_lost(
                primary_, result_.plan.detection, world_.now() + kDetectLimit
            )) {
            co_return fail(
                ErrorCode::kDeadlineExceeded,
                result_.plan.primary + " still answers after it was killed"
            );
        }
        result_.log.times.detected = world_.now();
        mark("detected the loss of " + result_.plan.primary);
        co_return Status{};
    }

    Task<Status> promote() {
        kafka::AlterMirrorLinkRequest request;
        request.link_name = result_.plan.link;
        request.operation = kafka::kLinkPromote;
        SEALANE_CO_TRY(
            const auto answer, co_await standby_.send_any(request, world_.now() + kPromoteLimit)
        );
        if (answer.error_code != ErrorCode::kNone) {
            co_return fail(
                answer.error_code, answer.error_message.value_or("promoting " + result_.plan.link)
            );
        }
        for (const auto& partition : answer.promoted) {
            result_.promoted.push_back(
                partition.topic + "-" + std::to_string(partition.partition_index.value) +
                " from offset " + std::to_string(partition.end_offset.value) + ", leader epoch " +
                std::to_string(partition.leader_epoch.value)
            );
        }
        result_.log.times.promoted = world_.now();
        mark("promoted " + result_.plan.standby);
        co_return Status{};
    }

    Task<Status> move() {
        // As applications do when they are told to move: the old client is closed, so that none of
        // its waits for the lost cluster is waited for.
        co_await primary_.stop();
        co_await watcher_.stop();
        co_await writer_.write_to(standby_, false);
        SEALANE_CO_CHECK(co_await application_.read_from(standby_, world_.now() + kResumeLimit));
        const Instant limit = world_.now() + kResumeLimit;
        DrillTimes& times = result_.log.times;
        while (!times.first_write || !times.first_read) {
            if (!times.first_write && writer_.first_ack_by_standby()) {
                times.first_write = writer_.first_ack_by_standby();
                mark("writers go on at " + result_.plan.standby);
            }
            if (!times.first_read && application_.first_new()) {
                times.first_read = application_.first_new();
                mark("readers go on at " + result_.plan.standby);
            }
            if (world_.now() >= limit) {
                co_return fail(
                    ErrorCode::kDeadlineExceeded,
                    "clients did not go on at " + result_.plan.standby + " within a minute"
                );
            }
            co_await world_.sleep(2ms);
        }
        co_return Status{};
    }

    Task<Status> settle() {
        const Instant end = world_.now() + result_.plan.after;
        while (world_.now() < end && !hooks_.interrupted()) co_await world_.sleep(50ms);
        hooks_.tell("waiting for the last acknowledgements");
        co_await writer_.finish(world_.now() + kResumeLimit);
        // The reader has until its position reaches the end; then everything is counted.
        const Instant limit = world_.now() + kResumeLimit;
        while (world_.now() < limit && !all_acknowledged_since_the_move_are_delivered())
            co_await world_.sleep(20ms);
        result_.log.times.end = world_.now();
        mark("verified");
        co_return Status{};
    }

    [[nodiscard]] bool all_acknowledged_since_the_move_are_delivered() const {
        for (const Probe& probe : result_.log.probes) {
            if (probe.acked && !probe.acked_by_primary && probe.delivered == 0) return false;
        }
        return true;
    }

    Task<Status> read_everything() {
        hooks_.tell("reading every probe on " + result_.plan.standby);
        const Instant limit = world_.now() + kResumeLimit;
        for (std::int32_t p = 0; p < result_.plan.probes.partitions; ++p) {
            const TopicPartition partition{result_.plan.probes.topic, PartitionId(p)};
            SEALANE_CO_TRY(
                const auto end,
                co_await client::list_offset(standby_, partition, client::StartAt::latest(), limit)
            );
            RecordStream records(standby_, partition, Offset(0), end.offset);
            const Status status = co_await store(records, partition.partition, limit);
            co_await records.stop();
            if (!status) co_return status;
        }
        co_return Status{};
    }
    Task<Status> store(RecordStream& records, PartitionId partition, Instant limit) {
        while (true) {
            SEALANE_CO_TRY(const auto next, co_await records.next(limit));
            if (!next) co_return Status{};
            const std::string_view text = next->record.value ? next->record.value->text() : "";
            result_.log.stored.push_back({partition, next->record.offset, probe_number(text)});
        }
    }

    runtime::World& world_;
    client::ClusterClient& primary_;
    client::ClusterClient& standby_;
    DrillHooks hooks_;
    DrillResult result_;
    ProbeWriter writer_;
    ProbeReader application_;
    ProbeReader watcher_;
};

}  // namespace

Task<Result<DrillResult>> run_drill(
    client::ClusterClient& primary, client::ClusterClient& standby, DrillPlan plan, DrillHooks hooks
) {
    DrillSession drill(primary, standby, std::move(plan), std::move(hooks));
    co_return co_await drill.run();
}

std::vector<std::string> missed_objectives(const DrillResult& result) {
    std::vector<std::string> missed;
    const DrillFindings& findings = result.findings;
    const Objectives& objectives = result.plan.objectives;
    if (findings.reordered != 0)
        missed.push_back(std::to_string(findings.reordered) + " records changed their order");
    if (findings.skipped_by_consumer != 0) {
        missed.push_back(
            std::to_string(findings.skipped_by_consumer) +
            " records were never delivered to the consumer"
        );
    }
    if (objectives.rpo && findings.rpo > *objectives.rpo) {
        missed.push_back(
            "RPO " + std::to_string(to_ms(findings.rpo)) + " ms, objective " +
            std::to_string(to_ms(*objectives.rpo)) + " ms"
        );
    }
    const auto rto = std::max(
        findings.rto_write.value_or(Duration::max()), findings.rto_read.value_or(Duration::max())
    );
    if (objectives.rto && rto > *objectives.rto) {
        missed.push_back(
            "RTO " + std::to_string(to_ms(rto)) + " ms, objective " +
            std::to_string(to_ms(*objectives.rto)) + " ms"
        );
    }
    return missed;
}

}  // namespace sealane::topology
