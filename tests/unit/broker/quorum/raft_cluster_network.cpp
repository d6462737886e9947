// The model network: requests, answers, and what happens to them on the way.

#include "common/base/assert.hpp"
#include "tests/unit/broker/quorum/raft_cluster.hpp"

#include <algorithm>
#include <utility>

namespace sealane::broker::quorum {

namespace {

constexpr Duration kRequestTimeout = 1s;
constexpr Duration kFetchWait = 500ms;
constexpr std::int64_t kSnapshotSize = 3;  // "bytes", one a chunk

}  // namespace

void RaftCluster::pump(int id) {
    Node& node = nodes_.at(id);
    if (node.fetching) return;
    const auto plan = node.core->fetch_plan(now_);
    if (!plan) return;
    Request request{id, next_number_++, now_ + kFetchWait, *plan};
    node.fetching = request.number;
    const int to = plan->to.value;
    const std::uint64_t incarnation = node.incarnation;
    const bool refused = !alive(to) && !cuts_.contains({id, to});
    const auto failed = [this, id, incarnation, request](Raft::FetchFailure why) {
        on_node(id, incarnation, [&] {
            if (nodes_.at(id).fetching != request.number) return;
            nodes_.at(id).fetching.reset();
            step(id, [this, request, why](Raft& core, Effects& fx) {
                core.on_fetch_failed(now_, request.plan, why, fx);
            });
        });
    };
    if (refused) {
        at(now_ + draw(faults.delay_max), [failed] { failed(Raft::FetchFailure::kUnreachable); });
        return;
    }
    at(now_ + kRequestTimeout, [failed] { failed(Raft::FetchFailure::kNoAnswer); });
    // A process that dies breaks its connections.
    const std::uint64_t peer = nodes_.at(to).incarnation;
    for (Duration look = 100ms; look < kRequestTimeout; look += 100ms) {
        at(now_ + look, [this, id, to, peer, failed] {
            if (nodes_.at(to).incarnation == peer || cuts_.contains({to, id})) return;
            failed(Raft::FetchFailure::kUnreachable);
        });
    }
    transmit(id, to, [this, to, request] { deliver_fetch(to, request); });
}

void RaftCluster::transmit(int from, int to, std::function<void()> arrive) {
    if (cuts_.contains({from, to})) return;
    const int copies = rng_.chance(faults.double_percent, 100) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        if (rng_.chance(faults.loss_percent, 100)) continue;
        at(now_ + draw(faults.delay_max), [this, to, arrive] {
            if (alive(to)) arrive();
        });
    }
}

void RaftCluster::send(int from, const Outgoing& out) {
    const int to = out.to.value;
    if (const auto* vote = std::get_if<VoteAsk>(&out.message)) {
        return transmit(from, to, [this, from, to, ask = *vote] { deliver_vote(from, to, ask); });
    }
    transmit(from, to, [this, from, to, message = out.message] {
        auto answer = std::make_shared<EpochAnswer>();
        step(
            to,
            [this, message, answer](Raft& core, Effects& fx) {
                const auto* begin = std::get_if<BeginAsk>(&message);
                *answer = begin != nullptr ? core.on_begin_epoch(now_, *begin, fx)
                                           : core.on_end_epoch(now_, std::get<EndAsk>(message), fx);
            },
            [this, from, to, answer] {
                transmit(to, from, [this, from, answer] {
                    step(from, [this, answer](Raft& core, Effects& fx) {
                        core.on_epoch_answer(now_, *answer, fx);
                    });
                });
            }
        );
    });
}

void RaftCluster::deliver_vote(int from, int to, const VoteAsk& ask) {
    auto answer = std::make_shared<VoteAnswer>();
    step(
        to,
        [this, ask, answer](Raft& core, Effects& fx) { *answer = core.on_vote(now_, ask, fx); },
        [this, from, to, ask, answer] {
            if (answer->granted && !ask.pre_vote) {
                const auto [vote, first] = votes_.emplace(std::pair(to, ask.epoch), ask.candidate);
                if (vote->second != ask.candidate) breaks("B: told two candidates yes");
            }
            transmit(to, from, [this, from, to, ask, answer] {
                step(from, [this, to, ask, answer](Raft& core, Effects& fx) {
                    core.on_vote_answer(now_, BrokerId(to), ask, *answer, fx);
                });
            });
        }
    );
}

void RaftCluster::deliver_fetch(int to, Request request) {
    answer_fetch(to, std::move(request));
}

void RaftCluster::answer_fetch(int id, Request request) {
    if (request.plan.snapshot) return answer_snapshot(id, request);
    auto verdict = std::make_shared<FetchVerdict>();
    step(
        id,
        [this, request, verdict](Raft& core, Effects& fx) {
            FetchAsk ask{key_of(request.from), request.plan.epoch, request.plan.position};
            *verdict = core.on_fetch(now_, ask, fx);
        },
        [this, id, request, verdict] {
            Node& node = nodes_.at(id);
            FetchAnswer answer;
            answer.asked = request.plan;
            answer.error = verdict->error;
            answer.view = verdict->view;
            answer.high_watermark = verdict->high_watermark;
            answer.diverging = verdict->diverging;
            answer.snapshot = verdict->snapshot;
            std::vector<ModelEntry> entries;
            const Offset from = request.plan.position.offset;
            const bool plain =
                answer.error == ErrorCode::kNone && !answer.diverging && !answer.snapshot;
            if (plain && from >= verdict->log_end && now_ < request.until) {
                // Waits for news; here: looked at again after a moment.
                const std::uint64_t incarnation = node.incarnation;
                Request again = request;
                const Offset told = verdict->high_watermark;
                at(now_ + 5ms, [this, id, incarnation, again, told] {
                    on_node(id, incarnation, [&] {
                        Request next = again;
                        const Raft& core = *nodes_.at(id).core;
                        // A new high watermark is news.
                        if (core.high_watermark() != told) next.until = now_;
                        answer_fetch(id, next);
                    });
                });
                return;
            }
            if (plain) {
                Offset next = from;
                const auto most = rng_.between(1, 8);
                while (next < verdict->log_end && next - from < most) {
                    const ModelEntry& each = entry(node, next);
                    answer.batches.push_back({next, next + 1, each.epoch, each.voters});
                    entries.push_back(each);
                    ++next;
                }
            }
            send_fetch_answer(id, request, std::move(answer), std::move(entries));
        }
    );
}

void RaftCluster::send_fetch_answer(
    int id, const Request& request, FetchAnswer answer, std::vector<ModelEntry> entries
) {
    const int to = request.from;
    transmit(id, to, [this, to, number = request.number, answer, entries] {
        step(to, [this, to, number, answer, entries](Raft& core, Effects& fx) {
            Node& node = nodes_.at(to);
            // Also late answers reach the core: it must know them.
            if (node.fetching == number) node.fetching.reset();
            node.fetched = entries;
            core.on_fetch_answer(now_, answer, fx);
        });
    });
}

void RaftCluster::answer_snapshot(int id, const Request& request) {
    Node& node = nodes_.at(id);
    SnapshotAnswer answer;
    answer.asked = request.plan;
    answer.view = node.core->view();
    answer.error = node.core->check_leader(request.plan.epoch);
    if (answer.error == ErrorCode::kNone) {
        node.core->on_fetch_snapshot(now_, key_of(request.from));
    }
    const bool there = node.disk.snapshot && node.disk.snapshot->id == *request.plan.snapshot;
    if (answer.error == ErrorCode::kNone && !there) answer.error = ErrorCode::kSnapshotNotFound;
    answer.size = kSnapshotSize;
    answer.position = request.plan.snapshot_position;
    answer.bytes = 1;
    std::optional<ModelSnapshot> content = node.disk.snapshot;
    const int to = request.from;
    transmit(id, to, [this, to, number = request.number, answer, content] {
        step(to, [this, to, number, answer, content](Raft& core, Effects& fx) {
            Node& asker = nodes_.at(to);
            if (asker.fetching == number) asker.fetching.reset();
            asker.incoming = content;
            core.on_snapshot_answer(now_, answer, fx);
        });
    });
}

}  // namespace sealane::broker::quorum
