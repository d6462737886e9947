// sealane cluster remove, voter add, voter remove, elect: who belongs to a cluster and who leads.

#include "common/client/admin_cluster.hpp"
#include "topology/cli/cluster_command.hpp"
#include "topology/cli/cluster_reader.hpp"
#include "topology/cli/output.hpp"
#include "topology/cluster/reassignment.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <charconv>

namespace sealane::topology {
namespace {

using runtime::Task;

Result<QuorumState> known_quorum(const ClusterState& state) {
    if (state.quorum) return *state.quorum;
    if (state.quorum_error.empty())
        return fail(ErrorCode::kUnsupportedVersion, "this cluster has no metadata quorum");
    return fail(
        ErrorCode::kRequestTimedOut,
        "the metadata quorum does not answer: " + state.quorum_error +
            "; a majority of its voters must run"
    );
}

Task<Status> take_vote_away(ClusterSession& session, const ClusterState& state, BrokerId broker) {
    SEALANE_CO_TRY(const QuorumState quorum, known_quorum(state));
    const std::string name = std::to_string(broker.value);
    const QuorumNode* voter = quorum.voter(broker);
    if (voter == nullptr)
        co_return fail(ErrorCode::kVoterNotFound, "broker " + name + " is no voter");
    if (quorum.voters.size() == 1)
        co_return fail(ErrorCode::kInvalidRequest, "broker " + name + " is the only voter");
    client::ClusterAdmin admin(session.cluster);
    SEALANE_CO_CHECK(co_await admin.remove_voter(broker, voter->directory, session.deadline));
    note(
        "broker " + name + " votes no more; " + std::to_string(quorum.voters.size() - 1) +
        " voter(s) are left"
    );
    co_return Status{};
}

// A broker that still lives would come back at once.
Task<Result<ClusterState>> await_end(
    ClusterSession& session, ClusterState state, BrokerId broker, Progress& progress
) {
    constexpr Duration kLonger = std::chrono::seconds(10);  // than sessions usually last
    const Instant limit = std::min(session.deadline, session.context.world.now() + kLonger);
    while (true) {
        const ClusterBroker* found = state.broker(broker);
        if (found == nullptr || found->fenced) co_return state;
        const std::string name = "broker " + std::to_string(broker.value);
        if (session.context.world.now() >= limit || session.context.interrupted()) {
            co_return fail(
                ErrorCode::kInvalidRequest,
                name + " runs; stop it (SIGTERM), then: sealane cluster remove " +
                    std::to_string(broker.value) + " " + session.access
            );
        }
        progress.update("waiting until " + name + " has ended");
        co_await session.context.world.sleep(500ms);
        SEALANE_CO_TRY(state, co_await read_cluster_state(session, session.deadline));
    }
}

Task<Result<ExitCode>> remove(ClusterSession& session) {
    const Invocation& invocation = session.context.invocation;
    SEALANE_CO_TRY(const BrokerId broker, parse_broker(invocation.arguments.front()));
    const std::string id = std::to_string(broker.value);
    SEALANE_CO_TRY(ClusterState state, co_await read_cluster_state(session, session.deadline));
    const auto loads = broker_loads(state);
    const auto load = loads.find(broker);
    const bool votes = state.quorum && state.quorum->voter(broker) != nullptr;
    if (load == loads.end() && !votes)
        co_return fail(ErrorCode::kNotFound, "there is no broker " + id + " in " + session.name);
    if (load != loads.end() && load->second.holds > 0) {
        co_return fail(
            ErrorCode::kInvalidRequest,
            "broker " + id + " holds " + std::to_string(load->second.holds) +
                " replica(s); move them first: sealane cluster drain " + id + " " + session.access
        );
    }
    if (!state.quorum) SEALANE_CO_CHECK(known_quorum(state));
    if (votes && !invocation.enabled("voter")) {
        co_return fail(
            ErrorCode::kInvalidRequest,
            "broker " + id +
                " is a voter of the metadata quorum; take its vote away as well: "
                "sealane cluster remove " +
                id + " --voter " + session.access
        );
    }
    if (votes) SEALANE_CO_CHECK(co_await take_vote_away(session, state, broker));
    Progress progress(invocation.enabled("quiet"));
    SEALANE_CO_TRY(state, co_await await_end(session, std::move(state), broker, progress));
    client::ClusterAdmin admin(session.cluster);
    if (state.broker(broker) != nullptr)
        SEALANE_CO_CHECK(co_await admin.unregister_broker(broker, session.deadline));
    progress.done("broker " + id + " is no part of " + session.name + " any more");
    co_return ExitCode::kOk;
}

Task<Result<ExitCode>> remove_voter(ClusterSession& session) {
    SEALANE_CO_TRY(
        const BrokerId broker, parse_broker(session.context.invocation.arguments.front())
    );
    SEALANE_CO_TRY(
        const ClusterState state, co_await read_cluster_state(session, session.deadline)
    );
    SEALANE_CO_CHECK(co_await take_vote_away(session, state, broker));
    co_return ExitCode::kOk;
}

Task<Result<ExitCode>> add_voter(ClusterSession& session) {
    SEALANE_CO_TRY(
        const BrokerId broker, parse_broker(session.context.invocation.arguments.front())
    );
    const std::string name = "broker " + std::to_string(broker.value);
    SEALANE_CO_TRY(
        const ClusterState state, co_await read_cluster_state(session, session.deadline)
    );
    SEALANE_CO_TRY(const QuorumState quorum, known_quorum(state));
    if (quorum.voter(broker) != nullptr) {
        note(name + " votes already");
        co_return ExitCode::kOk;
    }
    const auto observer = std::ranges::find(quorum.observers, broker, &QuorumNode::id);
    const ClusterBroker* registered = state.broker(broker);
    if (observer == quorum.observers.end() || registered == nullptr || registered->fenced) {
        co_return fail(
            ErrorCode::kVoterNotFound,
            name + " does not follow the metadata log; start it first: sealane cluster info " +
                session.access
        );
    }
    SEALANE_CO_TRY(const auto address, runtime::Endpoint::parse(registered->address));
    kafka::AddRaftVoterRequest request;
    request.cluster_id = std::nullopt;
    const auto left = session.deadline - session.context.world.now();
    request.timeout_ms = static_cast<std::int32_t>(std::max<std::int64_t>(1, to_ms(left)));
    request.voter_id = broker;
    request.voter_directory_id = observer->directory;
    auto& listener = request.listeners.emplace_back();
    listener.name = quorum.listener.empty() ? "tls" : quorum.listener;
    listener.host = address.host;
    listener.port = address.port;
    client::ClusterAdmin admin(session.cluster);
    SEALANE_CO_CHECK(co_await admin.add_voter(std::move(request), session.deadline));
    const std::size_t count = quorum.voters.size() + 1;
    note(
        name + " votes; " + std::to_string(count) + " voters survive the loss of " +
        std::to_string((count - 1) / 2)
    );
    co_return ExitCode::kOk;
}

// Which partitions to elect: those named, of those topics, or all.
Result<std::optional<std::vector<TopicPartition>>> chosen_partitions(
    const Invocation& invocation, const ClusterState& state
) {
    const auto topics = invocation.list("topic");
    const std::int64_t only = invocation.number("partition");
    if (topics.empty()) {
        if (invocation.has("partition"))
            return fail(ErrorCode::kBadConfig, "--partition of which topic? --topic=TOPIC");
        return std::nullopt;
    }
    std::vector<TopicPartition> chosen;
    for (const ClusterPartition& partition : state.partitions) {
        if (std::ranges::find(topics, partition.id.topic) == topics.end()) continue;
        if (only < 0 || partition.id.partition.value == only) chosen.push_back(partition.id);
    }
    if (chosen.empty())
        return fail(ErrorCode::kUnknownTopicOrPartition, "there is no such topic or partition");
    return chosen;
}

// Prints what became of each; kFailed when one has not got its leader.
ExitCode show_outcomes(
    const ClusterSession& session, const std::vector<client::PartitionOutcome>& outcomes
) {
    Table table({"PARTITION", "RESULT"});
    boost::json::array rows;
    ExitCode code = ExitCode::kOk;
    for (const auto& outcome : outcomes) {
        const bool fine = outcome.error == ErrorCode::kNone;
        if (!fine) code = ExitCode::kFailed;
        const std::string result =
            fine ? "elected" : Error(outcome.error, outcome.message).to_string();
        table.row({outcome.partition.to_string(), result});
        rows.push_back(boost::json::object{
            {"topic", outcome.partition.topic},
            {"partition", outcome.partition.partition.value},
            {"elected", fine},
            {"error", fine ? "" : result}
        });
    }
    if (session.context.invocation.json()) {
        print_json(boost::json::object{{"cluster", session.name}, {"elections", std::move(rows)}});
    } else if (table.empty()) {
        note("no election was needed");
    } else {
        print(table.text());
    }
    return code;
}

std::string brokers_named(const std::vector<BrokerId>& ids) {
    return ids.empty() ? "none" : id_list(ids);
}

// What would be lost, as far as it can be known while the replicas that know are away.
std::string loss_text(
    const ClusterPartition& partition,
    const UncleanElection& election,
    const std::map<BrokerId, BrokerDisk>& disks
) {
    std::string text = partition.id.to_string() + " has no leader; replicas " +
                       brokers_named(partition.replicas) + ", in sync " +
                       brokers_named(partition.in_sync) + ", eligible " +
                       brokers_named(partition.eligible) + "\n";
    const std::string candidate = std::to_string(election.candidate.value);
    const auto disk = disks.find(election.candidate);
    const auto size = disk == disks.end() ? std::int64_t{-1}
                      : disk->second.sizes.contains(partition.id)
                          ? disk->second.sizes.at(partition.id)
                          : std::int64_t{0};
    text +=
        "candidate  broker " + candidate +
        (size < 0 ? std::string() : ", whose log has " + bytes_text(static_cast<double>(size))) +
        "\n";
    if (election.safe) {
        return text + "loss       none: it has every acknowledged record\n";
    }
    return text + "loss       every record acknowledged after broker " + candidate +
           " left the in-sync replicas, for ever; consumers\n"
           "           behind the new end go back to it. Complete logs lie on broker(s) " +
           brokers_named(election.may_have_more) + ": start one of them, and nothing is lost\n";
}

Task<Result<ExitCode>> elect_uncleanly(ClusterSession& session, const ClusterState& state) {
    const Invocation& invocation = session.context.invocation;
    SEALANE_CO_TRY(const auto chosen, chosen_partitions(invocation, state));
    if (!chosen || chosen->size() != 1)
        co_return fail(ErrorCode::kBadConfig, "--unclean takes one --topic and one --partition");
    const ClusterPartition& partition = *state.partition(chosen->front());
    if (partition.leader != kNoBroker) {
        co_return fail(
            ErrorCode::kElectionNotNeeded,
            partition.id.to_string() + " is led by broker " + std::to_string(partition.leader.value)
        );
    }
    const UncleanElection election = foresee_unclean_election(state, partition);
    if (election.candidate == kNoBroker) {
        co_return fail(
            ErrorCode::kEligibleLeadersNotAvailable,
            "no replica of " + partition.id.to_string() + " is alive; start one of " +
                brokers_named(partition.replicas)
        );
    }
    const auto disks = co_await read_disks(session, state, session.deadline);
    note(loss_text(partition, election, disks));
    if (!invocation.enabled("yes")) {
        print_error(
            {ErrorCode::kBadConfig,
             "nothing was done; to accept the loss: sealane cluster elect --unclean --topic=" +
                 partition.id.topic + " --partition=" +
                 std::to_string(partition.id.partition.value) + " --yes " + session.access}
        );
        co_return ExitCode::kUsage;
    }
    client::ClusterAdmin admin(session.cluster);
    SEALANE_CO_TRY(
        const auto outcomes,
        co_await admin.elect(client::ElectionType::kUnclean, chosen, session.deadline)
    );
    co_return show_outcomes(session, outcomes);
}

Task<Result<ExitCode>> elect(ClusterSession& session) {
    SEALANE_CO_TRY(
        const ClusterState state, co_await read_cluster_state(session, session.deadline)
    );
    if (session.context.invocation.enabled("unclean"))
        co_return co_await elect_uncleanly(session, state);
    SEALANE_CO_TRY(const auto chosen, chosen_partitions(session.context.invocation, state));
    client::ClusterAdmin admin(session.cluster);
    SEALANE_CO_TRY(
        const auto outcomes,
        co_await admin.elect(client::ElectionType::kPreferred, chosen, session.deadline)
    );
    co_return show_outcomes(session, outcomes);
}

CommandSpec broker_command(
    std::string words, std::string summary, std::string details, ClusterBody body
) {
    return cluster_command({
        .words = std::move(words),
        .arguments = "BROKER",
        .summary = std::move(summary),
        .details = std::move(details),
        .arguments_min = 1,
        .arguments_max = 1,
        .body = std::move(body),
    });
}

}  // namespace

std::vector<CommandSpec> membership_commands() {
    CommandSpec removal = broker_command(
        "remove",
        "Take a stopped, empty broker out of a cluster",
        "Refused while it holds replicas (drain it first), while it votes (--voter takes its vote "
        "away)\nand while it runs.",
        remove
    );
    removal.flags.insert(removal.flags.begin(), "voter");
    return {
        std::move(removal),
        broker_command(
            "voter add",
            "Let a broker vote in the metadata quorum",
            "It must run and follow the metadata log: sealane cluster info shows it as observer.",
            add_voter
        ),
        broker_command(
            "voter remove",
            "Take a broker's vote in the metadata quorum away",
            "The broker goes on serving. A majority of the voters must run.",
            remove_voter
        ),
        cluster_command({
            .words = "elect",
            .summary = "Let preferred replicas lead, or force a leader and accept the loss",
            .details =
                "Without flags every partition gets its first replica as leader where that one is "
                "in sync.\n"
                "--unclean is for one partition that has no leader: what would be lost is printed "
                "first,\n"
                "and nothing is done without --yes.",
            .flags = {"topic", "partition", "unclean", "yes"},
            .body = elect,
        }),
    };
}

}  // namespace sealane::topology
