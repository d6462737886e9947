// Opening: what the disk says, and that it fits together.

#include "broker/quorum/quorum_inner.hpp"
#include "broker/quorum/quorum_state_file.hpp"
#include "common/kafka/records/batch_cursor.hpp"

namespace sealane::broker::quorum {

using runtime::Task;

namespace {

constexpr std::uint64_t kLargestStateFile = 1U << 20U;
constexpr std::size_t kScanBytes = 1U << 20U;

}  // namespace

Task<Status> Quorum::Inner::open(PartitionLog& metadata_log, std::string in) {
    log = &metadata_log;
    directory = std::move(in);
    if (log->offline_cause()) co_return fail(log->offline_cause()->in("metadata log"));
    SEALANE_CO_CHECK(co_await snapshots.open(directory));
    SEALANE_CO_CHECK(co_await fit_log_to_snapshot());
    RaftStart start;
    SEALANE_CO_TRY(start.election, co_await read_election());
    SEALANE_CO_TRY(start.voters, co_await read_voters());
    start.configured = configured_voters();
    start.log_start = log->log_start_offset();
    start.log_end = log->end_offset();
    // An empty log has no epochs: its file of them may be older than the snapshot that it follows.
    if (start.log_start < start.log_end) start.epochs = log->epochs();
    start.durable_end = log->durable_offset();
    start.snapshot = snapshots.latest();
    RaftConfig core;
    core.self = {config.node, config.directory_id};
    core.fetch_timeout = config.fetch_timeout;
    core.election_timeout = config.election_timeout;
    raft = std::make_unique<Raft>(core, std::move(start), world.rng().fork());
    noted = {raft->epoch(), kNoBroker};
    if (const Status kept = co_await reserve.keep(directory); !kept) {
        lines.warning("no room kept for metadata", {{"error", kept.error()}});
    }
    learn_endpoints();
    log->set_listener(this);
    co_return Status{};
}

// A crash may have come between the arrival of a snapshot and the restart of the log behind it; and
// what the log lost of its unsynced end may lie below a snapshot's end. What a snapshot holds is
// committed: the log goes on behind it.
Task<Status> Quorum::Inner::fit_log_to_snapshot() {
    const auto snapshot = snapshots.latest();
    const Offset start = log->log_start_offset();
    if (!snapshot || snapshot->end < start) {
        if (start == Offset(0)) co_return Status{};
        co_return fail(
            ErrorCode::kCorrupt,
            directory + ": the log begins at offset " + std::to_string(start.value) +
                " and no snapshot holds what was before; put the .checkpoint file back, or move "
                "the directory away and let this node catch up from the others"
        );
    }
    const LeaderEpoch last =
        snapshot->end > start ? log->epochs().epoch_at(snapshot->end - 1) : snapshot->epoch;
    if (snapshot->end <= log->end_offset() && last == snapshot->epoch) co_return Status{};
    lines.warning(
        "metadata log restarts behind its snapshot",
        {{"snapshot", snapshot->end}, {"log_end", log->end_offset()}}
    );
    co_return co_await log->restart_at(snapshot->end);
}

LeaderEpoch Quorum::Inner::last_epoch_in_log() const {
    LeaderEpoch last = std::max(log->epochs().latest(), LeaderEpoch(0));
    const auto snapshot = snapshots.latest();
    return snapshot ? std::max(last, snapshot->epoch) : last;
}

Task<Result<ElectionState>> Quorum::Inner::read_election() {
    const std::string path = directory + "/" + std::string(kQuorumStateFile);
    const LeaderEpoch last = last_epoch_in_log();
    const auto text = co_await runtime::read_file(world.files(), path, kLargestStateFile);
    if (!text) {
        if (text.error().code() != ErrorCode::kNotFound) co_return fail(text.error().in(path));
        // A new directory, or one of a single broker from before there were quorums.
        ElectionState state;
        state.epoch = last;
        co_return state;
    }
    constexpr std::string_view kMend =
        "; a node without its vote could elect two leaders: take the file from a backup that is "
        "not "
        "older than the log, or move the directory away and let this node catch up from the others";
    const auto state = parse_quorum_state(text->text());
    if (!state) {
        co_return fail(
            ErrorCode::kCorrupt, path + " " + state.error().detail() + std::string(kMend)
        );
    }
    if (state->epoch < last) {
        co_return fail(
            ErrorCode::kCorrupt,
            path + " is of epoch " + std::to_string(state->epoch.value) +
                ", older than the log's last epoch " + std::to_string(last.value) +
                std::string(kMend)
        );
    }
    co_return *state;
}

VoterSet Quorum::Inner::configured_voters() const {
    std::vector<VoterNode> nodes;
    for (const auto& voter : config.voters) {
        VoterNode& node = nodes.emplace_back();
        node.key = {voter.id, voter.directory_id};
        node.endpoints.push_back({config.listener, voter.endpoint.host, voter.endpoint.port});
    }
    if (nodes.empty()) nodes.push_back({{config.node, config.directory_id}, {}});
    return VoterSet(nodes);
}

// The newest set wins: of the log, of the snapshot, of the configuration.
Task<Result<VoterHistory>> Quorum::Inner::read_voters() {
    VoterHistory history;
    history.reset(configured_voters(), false);
    Offset next = log->log_start_offset();
    if (const auto snapshot = snapshots.latest()) {
        SEALANE_CO_TRY(const SnapshotContent content, co_await snapshots.read(*snapshot));
        if (content.voters) history.reset(*content.voters, true);
        next = std::max(next, snapshot->end);
    }
    while (next < log->end_offset()) {
        LogRead request;
        request.from = next;
        request.max_bytes = kScanBytes;
        request.up_to = log->end_offset();
        SEALANE_CO_TRY(const LogReadOutcome read, co_await log->read(request));
        if (read.records.empty()) break;
        SEALANE_CO_TRY(const auto facts, facts_of(read.records.joined()));
        for (const BatchFacts& batch : facts) {
            if (batch.voters) history.add(batch.base, *batch.voters);
        }
        next = read.next_offset;
    }
    co_return history;
}

}  // namespace sealane::broker::quorum
