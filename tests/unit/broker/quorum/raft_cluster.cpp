#include "tests/unit/broker/quorum/raft_cluster.hpp"

#include "common/base/assert.hpp"

#include <algorithm>
#include <utility>

namespace sealane::broker::quorum {

ReplicaKey RaftCluster::key_of(int id) {
    ReplicaKey key;
    key.id = BrokerId(id);
    key.directory.bytes[15] = static_cast<std::uint8_t>(id);
    return key;
}

RaftCluster::RaftCluster(std::uint64_t seed, int nodes, int voters) : rng_(seed) {
    std::vector<VoterNode> first;
    for (int id = 1; id <= nodes; ++id) {
        nodes_[id];
        if (id <= voters) first.push_back({{BrokerId(id), {}}, {}});
    }
    first_voters_ = VoterSet(first);
}

void RaftCluster::breaks(const std::string& what) {
    if (breach.empty()) breach = what + " at " + std::to_string(now_.ns / 1000) + "us";
}

void RaftCluster::at(Instant when, std::function<void()> event) {
    events_.emplace(std::pair(std::max(when, now_), order_++), std::move(event));
}

bool RaftCluster::run_until(const std::function<bool()>& done, Duration span) {
    const Instant limit = now_ + span;
    while (!done()) {
        if (!breach.empty() || events_.empty() || events_.begin()->first.first > limit) {
            now_ = std::max(now_, limit);
            return done();
        }
        auto event = events_.extract(events_.begin());
        now_ = event.key().first;
        event.mapped()();
    }
    return true;
}

Duration RaftCluster::draw(Duration max) {
    return Duration(rng_.between(max.count() / 20, max.count()));
}

RaftStart RaftCluster::start_of(const Node& node) const {
    RaftStart start;
    start.election = node.disk.election;
    start.log_start = node.disk.start;
    start.configured = first_voters_;
    start.voters.reset(first_voters_, false);
    if (node.disk.snapshot) {
        start.snapshot = node.disk.snapshot->id;
        if (node.disk.snapshot->voters) start.voters.reset(*node.disk.snapshot->voters, true);
    }
    Offset next = start.log_start;
    for (const ModelEntry& entry : node.disk.log) {
        start.epochs.assign(entry.epoch, next);
        // Records below the snapshot's end are in the snapshot's set.
        const bool counted = start.snapshot && next < start.snapshot->end;
        if (entry.voters && !counted) start.voters.add(next, *entry.voters);
        ++next;
    }
    start.log_end = next;
    start.durable_end = start.log_start + static_cast<std::int64_t>(node.disk.durable);
    return start;
}

void RaftCluster::boot_all() {
    for (auto& [id, node] : nodes_) {
        if (!node.core) boot(id);
    }
}

void RaftCluster::boot(int id) {
    Node& node = nodes_.at(id);
    SEALANE_ASSERT(!node.core);
    RaftConfig config;
    config.self = key_of(id);
    node.core = std::make_unique<Raft>(config, start_of(node), rng_.fork());
    node.checked = node.core->high_watermark();
    node.was_leader = false;
    step(id, [this](Raft& core, Effects& fx) { core.start(now_, fx); });
}

void RaftCluster::crash(int id) {
    Node& node = nodes_.at(id);
    ++node.incarnation;
    node.core.reset();
    node.busy = false;
    node.inbox.clear();
    node.fetching.reset();
    node.parked.clear();
    node.armed = Instant::never();
    // Some of what was not synced may be there all the same.
    const auto kept = static_cast<std::size_t>(rng_.between(
        static_cast<std::int64_t>(node.disk.durable),
        static_cast<std::int64_t>(node.disk.log.size())
    ));
    node.disk.log.resize(kept);
    node.disk.durable = kept;
}

void RaftCluster::shut_down(int id) {
    if (!alive(id)) return;
    step(
        id,
        [this](Raft& core, Effects& fx) { core.resign(now_, fx); },
        [this, id] {
            const std::uint64_t incarnation = nodes_.at(id).incarnation;
            at(now_ + 20ms, [this, id, incarnation] {
                if (nodes_.at(id).incarnation == incarnation) crash(id);
            });
        }
    );
}

void RaftCluster::on_node(int id, std::uint64_t incarnation, std::function<void()> event) {
    const Node& node = nodes_.at(id);
    if (node.core && node.incarnation == incarnation) event();
}

// One step at a time: what arrives while effects are performed waits.
void RaftCluster::step(int id, Step decide, After after) {
    Node& node = nodes_.at(id);
    if (!node.core) return;
    if (node.busy) {
        node.inbox.emplace_back([this, id, decide = std::move(decide), after = std::move(after)] {
            step(id, decide, after);
        });
        return;
    }
    node.busy = true;
    auto fx = std::make_shared<Effects>();
    decide(*node.core, *fx);
    persist(id, fx, after);
}

void RaftCluster::persist(int id, std::shared_ptr<Effects> fx, After after) {
    Node& node = nodes_.at(id);
    if (fx->fatal) return breaks("node " + std::to_string(id) + ": " + *fx->fatal);
    if (!fx->persist) return perform(id, fx, after);
    const std::uint64_t incarnation = node.incarnation;
    const ElectionState state = *fx->persist;
    fx->persist.reset();
    const bool before_crash = rng_.chance(1, 2);  // durable before it is acknowledged
    const auto write = [this, id, state] {
        nodes_.at(id).disk.election = state;
        if (state.voted.id == kNoBroker) return;
        const auto [vote, first] = votes_.emplace(std::pair(id, state.epoch), state.voted);
        if (!first && vote->second != state.voted) breaks("B: a second vote");
    };
    if (before_crash) write();
    at(now_ + draw(faults.disk_max), [this, id, incarnation, fx, after, write] {
        on_node(id, incarnation, [&] {
            write();
            perform(id, fx, after);
        });
    });
}

void RaftCluster::perform(int id, std::shared_ptr<Effects> fx, const After& after) {
    Node& node = nodes_.at(id);
    Effects more;
    if (fx->truncate_to) {
        ++truncations;
        const auto keep = static_cast<std::size_t>(*fx->truncate_to - node.disk.start);
        if (keep > node.disk.log.size()) return breaks("truncates to beyond the end");
        node.disk.log.resize(keep);
        node.disk.durable = std::min(node.disk.durable, keep);
        node.core->on_truncated(*fx->truncate_to, more);
    }
    if (fx->append_fetched) write_entries(id, std::exchange(node.fetched, {}), more);
    if (fx->install) install(id, more);
    if (fx->append) {
        ModelEntry entry;
        entry.epoch = node.core->epoch();
        entry.value = next_value_++;
        if (const auto* change = std::get_if<VotersChange>(&*fx->append)) {
            entry.voters = change->voters;
        }
        write_entries(id, {entry}, more);
    }
    for (const Outgoing& out : fx->send) send(id, out);
    SEALANE_ASSERT(!more.persist && !more.append && !more.truncate_to);
    for (const Outgoing& out : more.send) send(id, out);
    if (after) after();
    finish_step(id);
}

void RaftCluster::write_entries(int id, std::vector<ModelEntry> entries, Effects& fx) {
    Node& node = nodes_.at(id);
    std::vector<BatchFacts> facts;
    for (ModelEntry& entry : entries) {
        const Offset base = node.disk.start + static_cast<std::int64_t>(node.disk.log.size());
        facts.push_back({base, base + 1, entry.epoch, entry.voters});
        node.disk.log.push_back(std::move(entry));
    }
    node.core->on_appended(now_, facts, fx);
    sync(id);
}

void RaftCluster::install(int id, Effects& fx) {
    Node& node = nodes_.at(id);
    ++snapshots_loaded;
    SEALANE_ASSERT(node.incoming.has_value());
    node.disk.snapshot = std::exchange(node.incoming, {});
    const ModelSnapshot& snapshot = *node.disk.snapshot;
    node.disk.start = snapshot.id.end;
    node.disk.log.clear();
    node.disk.durable = 0;
    for (std::size_t i = 0; i < snapshot.entries.size(); ++i) {
        if (i >= committed_.size() || committed_[i] != snapshot.entries[i]) breaks("C: snapshot");
    }
    node.core->on_snapshot_installed(now_, snapshot.id, snapshot.voters, fx);
    node.checked = std::max(node.checked, snapshot.id.end);
}

void RaftCluster::finish_step(int id) {
    Node& node = nodes_.at(id);
    check(id);
    // Who waits for records, the high watermark or a leader is looked at again.
    std::vector<Request> parked;
    parked.swap(node.parked);
    node.busy = false;
    for (Request& request : parked) answer_fetch(id, std::move(request));
    while (!node.busy && !node.inbox.empty()) {
        auto next = std::move(node.inbox.front());
        node.inbox.pop_front();
        next();
    }
    if (node.busy || !node.core) return;
    pump(id);
    arm(id);
}

void RaftCluster::sync(int id) {
    Node& node = nodes_.at(id);
    const std::uint64_t incarnation = node.incarnation;
    const Offset target = node.disk.start + static_cast<std::int64_t>(node.disk.log.size());
    at(now_ + draw(faults.disk_max), [this, id, incarnation, target] {
        on_node(id, incarnation, [&] {
            step(id, [this, id, target](Raft& core, Effects& fx) {
                Disk& disk = nodes_.at(id).disk;
                const auto synced = static_cast<std::size_t>(
                    std::max<std::int64_t>(std::min(target, core.log_end()) - disk.start, 0)
                );
                disk.durable = std::max(disk.durable, synced);
                core.on_durable(now_, disk.start + static_cast<std::int64_t>(disk.durable), fx);
            });
        });
    });
}

void RaftCluster::arm(int id) {
    Node& node = nodes_.at(id);
    Instant wake = node.core->wake_at();
    // A fetch that waits for its moment.
    if (!node.fetching && node.core->fetch_again_at() > now_) {
        wake = std::min(wake, node.core->fetch_again_at());
    }
    if (wake == Instant::never() || (node.armed > now_ && node.armed <= wake)) return;
    node.armed = std::max(wake, now_);
    const std::uint64_t incarnation = node.incarnation;
    at(wake, [this, id, incarnation] {
        on_node(id, incarnation, [&] {
            step(id, [this](Raft& core, Effects& fx) { core.tick(now_, fx); });
        });
    });
}

const ModelEntry& RaftCluster::entry(const Node& node, Offset at) const {
    return node.disk.log.at(static_cast<std::size_t>(at - node.disk.start));
}

void RaftCluster::check(int id) {
    Node& node = nodes_.at(id);
    const Raft& core = *node.core;
    const Offset end = node.disk.start + static_cast<std::int64_t>(node.disk.log.size());
    if (core.log_end() != end) breaks("the core does not know its log");
    if (core.is_leader()) check_leader(id);
    // A leader may commit its own removal and resign in one step.
    const bool may_commit = core.is_leader() || std::exchange(node.was_leader, false);
    node.was_leader = core.is_leader();
    if (core.high_watermark() < node.checked) breaks("C: high watermark went back");
    for (Offset at = node.checked; at < core.high_watermark(); ++at) {
        const auto index = static_cast<std::size_t>(at.value);
        if (index == committed_.size()) {
            if (!may_commit) breaks("C: committed by a follower first");
            committed_.push_back(entry(node, at));
        } else if (committed_.at(index) != entry(node, at)) {
            breaks("C: two records committed at " + std::to_string(index));
        }
    }
    node.checked = core.high_watermark();
}

void RaftCluster::check_leader(int id) {
    Node& node = nodes_.at(id);
    const auto [leader, first] = leaders_.emplace(node.core->epoch(), id);
    if (leader->second != id) breaks("A: two leaders in one epoch");
    if (node.was_leader) return;
    for (std::size_t i = 0; i < committed_.size(); ++i) {
        const Offset at{static_cast<std::int64_t>(i)};
        if (at < node.disk.start) continue;  // in its snapshot, which was compared
        if (at >= node.core->log_end() || entry(node, at) != committed_[i]) {
            return breaks("C: leader lacks committed record " + std::to_string(i));
        }
    }
}

int RaftCluster::leader() const {
    int found = 0;
    for (const auto& [id, node] : nodes_) {
        if (!node.core || !node.core->is_leader()) continue;
        if (found == 0 || node.core->epoch() > nodes_.at(found).core->epoch()) found = id;
    }
    return found;
}

bool RaftCluster::in_step() const {
    const int first = leader();
    if (first == 0) return false;
    const Offset end = core(first).log_end();
    return std::ranges::all_of(nodes_, [&](const auto& entry) {
        const Raft* core = entry.second.core.get();
        return core == nullptr || (core->log_end() == end && core->high_watermark() == end);
    });
}

bool RaftCluster::propose() {
    const int id = leader();
    if (id == 0) return false;
    const LeaderEpoch epoch = core(id).epoch();
    step(id, [this, id, epoch](Raft& core, Effects& fx) {
        if (!core.is_leader() || core.epoch() != epoch) return;
        write_entries(id, {{epoch, next_value_++, std::nullopt}}, fx);
    });
    return true;
}

ErrorCode RaftCluster::add_voter(int id) {
    const int by = leader();
    if (by == 0 || nodes_.at(by).busy) return ErrorCode::kNotController;
    auto error = std::make_shared<ErrorCode>();
    step(by, [this, id, error](Raft& core, Effects& fx) {
        *error = core.add_voter(now_, {key_of(id), {}}, fx);
    });
    return *error;
}

ErrorCode RaftCluster::remove_voter(int id) {
    const int by = leader();
    if (by == 0 || nodes_.at(by).busy) return ErrorCode::kNotController;
    auto error = std::make_shared<ErrorCode>();
    step(by, [this, id, error](Raft& core, Effects& fx) {
        *error = core.remove_voter(now_, key_of(id), fx);
    });
    return *error;
}

void RaftCluster::snapshot(int id) {
    step(id, [this, id](Raft& core, Effects&) {
        Disk& disk = nodes_.at(id).disk;
        const Offset end = core.high_watermark();
        if (end <= disk.start || (disk.snapshot && disk.snapshot->id.end >= end)) return;
        ModelSnapshot next;
        next.id = {end, core.epoch_before(end)};
        next.entries.assign(committed_.begin(), committed_.begin() + end.value);
        if (core.voter_history().has_records()) next.voters = core.voter_history().at(end);
        disk.snapshot = std::move(next);
        core.on_snapshot_written(disk.snapshot->id);
        const Offset start = core.trim_limit(now_, end);
        if (start <= disk.start) return;
        const auto gone = start - disk.start;
        disk.log.erase(disk.log.begin(), disk.log.begin() + gone);
        // The log is trimmed up to what is durable in the snapshot, whatever was synced of it.
        disk.durable -= std::min(disk.durable, static_cast<std::size_t>(gone));
        disk.start = start;
        core.on_log_start(start);
    });
}

}  // namespace sealane::broker::quorum
