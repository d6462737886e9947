// sealane cluster reassign plan, apply, status, cancel; sealane cluster drain.

#include "common/client/admin_cluster.hpp"
#include "topology/cli/cluster_command.hpp"
#include "topology/cli/cluster_reader.hpp"
#include "topology/cli/reassignment_file.hpp"
#include "topology/cli/reassignment_run.hpp"
#include "topology/cli/topology_source.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <fstream>

namespace sealane::topology {
namespace {

using runtime::Task;

Result<BalanceOptions> balance_options(const Invocation& invocation) {
    BalanceOptions options;
    for (const std::string& text : invocation.list("exclude")) {
        SEALANE_TRY(const BrokerId id, parse_broker(text));
        options.exclude.insert(id);
    }
    for (std::string& topic : invocation.list("topic")) options.topics.insert(std::move(topic));
    if (invocation.has("replication-factor")) {
        const std::int64_t count = invocation.number("replication-factor");
        if (count < 1) return fail(ErrorCode::kBadConfig, "--replication-factor is at least 1");
        options.replication = static_cast<std::size_t>(count);
    }
    return options;
}

// What is to be copied, in bytes as far as the brokers tell.
std::int64_t bytes_of(const ReassignmentPlan& plan, const std::map<BrokerId, BrokerDisk>& disks) {
    std::int64_t bytes = 0;
    for (const ReplicaMove& move : plan) {
        std::int64_t size = 0;
        for (const auto& [id, disk] : disks) {
            const auto found = disk.sizes.find(move.partition);
            if (found != disk.sizes.end()) size = std::max(size, found->second);
        }
        bytes += size * static_cast<std::int64_t>(move.added().size());
    }
    return bytes;
}

std::string plan_text(const ReassignmentPlan& plan) {
    Table table({"PARTITION", "FROM", "TO", "COPIED TO", "LEADER"});
    for (const ReplicaMove& move : plan) {
        const std::string added = id_list(move.added());
        const bool led_by_other = !move.from.empty() && move.from.front() != move.to.front();
        table.row(
            {move.partition.to_string(),
             id_list(move.from) + " ",  // a list of ids is no number
             id_list(move.to) + " ",
             added.empty() ? "-" : added + " ",
             led_by_other ? std::to_string(move.from.front().value) + " -> " +
                                std::to_string(move.to.front().value)
                          : "stays"}
        );
    }
    return table.text();
}

std::string plan_summary(const ReassignmentPlan& plan, std::int64_t bytes) {
    std::size_t copies = 0;
    std::size_t leaders = 0;
    for (const ReplicaMove& move : plan) {
        copies += move.added().size();
        leaders += !move.from.empty() && move.from.front() != move.to.front() ? 1 : 0;
    }
    return std::to_string(plan.size()) + " partition(s) change: " + std::to_string(copies) +
           " replica(s) are copied, about " + bytes_text(static_cast<double>(bytes)) + ", and " +
           std::to_string(leaders) + " preferred leader(s) change";
}

Status write_file(const std::string& path, const boost::json::value& document) {
    std::ofstream file(path);
    file << boost::json::serialize(document) << "\n";
    file.close();
    if (!file) return fail(ErrorCode::kIo, "cannot write " + path);
    return {};
}

Task<Result<ExitCode>> plan(ClusterSession& session) {
    const Invocation& invocation = session.context.invocation;
    SEALANE_CO_TRY(const BalanceOptions options, balance_options(invocation));
    SEALANE_CO_TRY(
        const ClusterState state, co_await read_cluster_state(session, session.deadline)
    );
    SEALANE_CO_TRY(const ReassignmentPlan moves, plan_balance(state, options));
    const auto document = reassignment_json(moves, PlanSide::kTo);
    if (invocation.has("to")) SEALANE_CO_CHECK(write_file(invocation.text("to"), document));
    if (invocation.json()) {
        print_json(document);
    } else if (!moves.empty()) {
        print(plan_text(moves));
    }
    if (moves.empty()) {
        note(session.name + " is balanced: nothing to move");
        co_return ExitCode::kOk;
    }
    const auto disks = co_await read_disks(session, state, session.deadline);
    note(plan_summary(moves, bytes_of(moves, disks)));
    if (invocation.has("to")) {
        note(
            "carry it out: sealane cluster reassign apply " + invocation.text("to") + " " +
            session.access
        );
    } else {
        note("keep it in a file with --to=plan.json, then: sealane cluster reassign apply");
    }
    co_return ExitCode::kOk;
}

Task<Result<ExitCode>> apply(ClusterSession& session) {
    const Invocation& invocation = session.context.invocation;
    const std::string& file = invocation.arguments.front();
    SEALANE_CO_TRY(const std::string text, read_text_file(file));
    SEALANE_CO_TRY(const Assignment assignment, parse_reassignment(text, file));
    SEALANE_CO_TRY(
        const ClusterState state, co_await read_cluster_state(session, session.deadline)
    );
    SEALANE_CO_TRY(const ReassignmentPlan moves, check_assignment(state, assignment));
    Progress progress(invocation.enabled("quiet"));
    if (moves.empty()) {
        progress.done(session.name + " is so already: nothing to move");
        co_return ExitCode::kOk;
    }
    // The way back, written before the first step.
    const std::string before = file + ".before";
    SEALANE_CO_CHECK(write_file(before, reassignment_json(moves, PlanSide::kFrom)));
    progress.done("what is now is kept in " + before);
    SEALANE_CO_CHECK(co_await carry_out(session, moves, progress, patient_deadline(session)));
    progress.done("moved " + std::to_string(moves.size()) + " partition(s) of " + session.name);
    co_return ExitCode::kOk;
}

// How much of what comes has arrived, in percent of the leader's size; nothing when not known.
std::optional<std::int64_t> percent_copied(
    const ClusterPartition& partition, const std::map<BrokerId, BrokerDisk>& disks
) {
    const auto size_on = [&](BrokerId id) -> std::int64_t {
        const auto disk = disks.find(id);
        if (disk == disks.end()) return -1;
        const auto size = disk->second.sizes.find(partition.id);
        return size == disk->second.sizes.end() ? 0 : size->second;
    };
    const std::int64_t whole = size_on(partition.leader);
    std::optional<std::int64_t> least;
    for (const BrokerId id : partition.adding) {
        const std::int64_t there = size_on(id);
        if (whole <= 0 || there < 0) return std::nullopt;
        const std::int64_t percent = std::min<std::int64_t>(100, there * 100 / whole);
        least = std::min(least.value_or(100), percent);
    }
    return least;
}

Task<Result<ExitCode>> status(ClusterSession& session) {
    SEALANE_CO_TRY(
        const ClusterState state, co_await read_cluster_state(session, session.deadline)
    );
    const auto disks = co_await read_disks(session, state, session.deadline);
    Table table({"PARTITION", "TO", "COMING", "GOING", "IN SYNC", "COPIED"});
    boost::json::array rows;
    for (const ClusterPartition& partition : state.partitions) {
        if (partition.adding.empty() && partition.removing.empty()) continue;
        const auto percent = percent_copied(partition, disks);
        const auto shown = [](const std::vector<BrokerId>& ids) {
            return ids.empty() ? std::string("-") : id_list(ids) + " ";
        };
        table.row(
            {partition.id.to_string(),
             shown(partition.target()),
             shown(partition.adding),
             shown(partition.removing),
             shown(partition.in_sync),
             percent ? std::to_string(*percent) + " %" : "-"}
        );
        const auto ids = [](const std::vector<BrokerId>& from) {
            boost::json::array to;
            for (const BrokerId id : from) to.push_back(id.value);
            return to;
        };
        rows.push_back(boost::json::object{
            {"topic", partition.id.topic},
            {"partition", partition.id.partition.value},
            {"replicas", ids(partition.target())},
            {"adding", ids(partition.adding)},
            {"removing", ids(partition.removing)},
            {"in_sync", ids(partition.in_sync)},
            {"percent", percent.value_or(-1)}
        });
    }
    if (session.context.invocation.json()) {
        print_json(
            boost::json::object{{"cluster", session.name}, {"reassignments", std::move(rows)}}
        );
    } else if (table.empty()) {
        note("nothing moves in " + session.name);
    } else {
        print(table.text());
    }
    co_return ExitCode::kOk;
}

Task<Result<ExitCode>> cancel(ClusterSession& session) {
    client::ClusterAdmin admin(session.cluster);
    SEALANE_CO_TRY(const auto ongoing, co_await admin.reassignments(session.deadline));
    std::vector<client::PartitionTarget> targets;
    for (const auto& one : ongoing) targets.push_back({one.partition, std::nullopt});
    if (targets.empty()) {
        note("nothing moves in " + session.name);
        co_return ExitCode::kOk;
    }
    SEALANE_CO_TRY(
        const auto outcomes, co_await admin.reassign(std::move(targets), session.deadline)
    );
    ExitCode code = ExitCode::kOk;
    for (const auto& outcome : outcomes) {
        // What was done in the meantime needs no cancelling.
        const bool fine = outcome.error == ErrorCode::kNone ||
                          outcome.error == ErrorCode::kNoReassignmentInProgress;
        if (fine) continue;
        code = ExitCode::kFailed;
        note(
            "  refused " + outcome.partition.to_string() + ": " +
            Error(outcome.error, outcome.message).to_string()
        );
    }
    note("gave up the moves of " + std::to_string(ongoing.size()) + " partition(s)");
    co_return code;
}

// Partitions that have the broker among their replicas, those being moved included.
std::set<TopicPartition> held_by(const ClusterState& state, BrokerId broker) {
    std::set<TopicPartition> held;
    for (const ClusterPartition& partition : state.partitions) {
        if (partition.has_replica(broker)) held.insert(partition.id);
    }
    return held;
}

Task<Result<ExitCode>> drain(ClusterSession& session) {
    SEALANE_CO_TRY(
        const BrokerId broker, parse_broker(session.context.invocation.arguments.front())
    );
    const std::string name = "broker " + std::to_string(broker.value);
    Progress progress(session.context.invocation.enabled("quiet"));
    const Instant deadline = patient_deadline(session);
    std::size_t moved = 0;
    // Topics may be made on it meanwhile; each round takes what came.
    constexpr int kRounds = 10;
    for (int round = 0; round < kRounds; ++round) {
        SEALANE_CO_TRY(const ClusterState state, co_await read_cluster_state(session, deadline));
        const auto held = held_by(state, broker);
        if (held.empty() && state.broker(broker) == nullptr && moved == 0)
            co_return fail(ErrorCode::kNotFound, "there is no " + name + " in " + session.name);
        if (held.empty()) {
            const bool votes = state.quorum && state.quorum->voter(broker) != nullptr;
            progress.done(name + " holds nothing; " + std::to_string(moved) + " moved");
            note(
                "stop it, then: sealane cluster remove " + std::to_string(broker.value) + " " +
                session.access + (votes ? " --voter" : "")
            );
            co_return ExitCode::kOk;
        }
        moved = std::max(moved, held.size());
        SEALANE_CO_TRY(const ReassignmentPlan moves, plan_drain(state, broker));
        SEALANE_CO_CHECK(co_await carry_out(session, moves, progress, deadline));
        SEALANE_CO_CHECK(co_await await_moves(session, held, progress, deadline));
    }
    co_return fail(
        ErrorCode::kReassignmentInProgress,
        name + " gets new replicas as fast as it gives them away; stop making topics, then again"
    );
}

}  // namespace

std::vector<CommandSpec> reassign_commands() {
    return {
        cluster_command({
            .words = "reassign plan",
            .summary = "Plan moves that balance replicas and leaders over brokers and racks",
            .details =
                "Moves as few replicas as it can. --exclude empties brokers, --replication-factor "
                "changes\n"
                "how many replicas each partition has. With --to the plan is written in the format "
                "of\n"
                "kafka-reassign-partitions. Nothing is changed.",
            .flags = {"exclude", "topic", "replication-factor", "to"},
            .body = plan,
        }),
        cluster_command({
            .words = "reassign apply",
            .arguments = "FILE",
            .summary = "Carry out a plan and show its progress",
            .details = "What is now is kept in FILE.before; applying that goes back. The cluster "
                       "goes on moving\n"
                       "when this command is interrupted; typed again, it goes on watching.",
            .arguments_min = 1,
            .arguments_max = 1,
            .body = apply,
        }),
        cluster_command({
            .words = "reassign status",
            .summary = "List the partitions that are being moved",
            .body = status,
        }),
        cluster_command({
            .words = "reassign cancel",
            .summary = "Give up every move that is under way; replicas go back",
            .body = cancel,
        }),
        cluster_command({
            .words = "drain",
            .arguments = "BROKER",
            .summary = "Move every replica and leadership off a broker",
            .details = "Works for a dead broker too. Interrupted, it goes on when typed again.",
            .arguments_min = 1,
            .arguments_max = 1,
            .body = drain,
        }),
    };
}

}  // namespace sealane::topology
