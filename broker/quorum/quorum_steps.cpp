// Steps: one decision of the core at a time, and its effects in their order.

#include "broker/quorum/quorum_inner.hpp"
#include "broker/quorum/quorum_state_file.hpp"

#include <algorithm>
#include <utility>

namespace sealane::broker::quorum {

using runtime::Task;

namespace {

constexpr Duration kTryDiskAgain = 500ms;
constexpr Duration kFarewell = 500ms;  // for EndQuorumEpoch when stopping

}  // namespace

Task<Status> Quorum::Inner::step(Decide decide, BufferSlice bytes) {
    const auto turn = co_await turns.take();
    if (figures.failed) co_return fail(ErrorCode::kKafkaStorageError, figures.failed->to_string());
    Effects fx;
    const Offset durable = std::min(log->durable_offset(), raft->log_end());
    raft->on_durable(world.now(), durable, fx);
    decide(*raft, world.now(), fx);
    co_await perform(std::move(fx), std::move(bytes));
    co_return Status{};
}

// The completions of effects may ask for more, until nothing is left to do.
Task<void> Quorum::Inner::perform(Effects fx, BufferSlice bytes) {
    for (bool more = true; more && !figures.failed;) {
        if (fx.fatal) {
            give_up(Error(ErrorCode::kCorrupt, *fx.fatal));
            break;
        }
        if (fx.persist && !co_await save(*fx.persist)) break;
        Effects next;
        const bool changed_log = co_await change_log(fx, bytes, next);
        for (const Outgoing& out : fx.send) enqueue(out);
        if (fx.changed) note_change();
        more = changed_log;
        fx = std::move(next);
    }
    news.notify_all();
    work.notify_all();
}

// True when it is durable; else this node takes part no more.
Task<bool> Quorum::Inner::save(ElectionState state) {
    for (;;) {
        const std::string path = directory + "/" + std::string(kQuorumStateFile);
        const auto written =
            co_await runtime::write_file_atomically(world.files(), path, quorum_state_text(state));
        if (written) co_return true;
        if (written.error().code() != ErrorCode::kNoSpace || closing) {
            give_up(written.error().in("writing " + path));
            co_return false;
        }
        if (co_await release_reserve()) continue;
        // Room may be made; until then nothing that rests on it is said.
        lines.error("no room for quorum-state", {{"error", written.error()}});
        (void)co_await work.wait_until(world.now() + kTryDiskAgain);
    }
}

// Whether there was anything to do, so that `next` holds what follows.
Task<bool> Quorum::Inner::change_log(const Effects& fx, BufferSlice bytes, Effects& next) {
    bool any = false;
    if (fx.truncate_to) {
        any = true;
        ++figures.truncations;
        lines.info(
            "metadata log truncated", {{"from", log->end_offset()}, {"to", *fx.truncate_to}}
        );
        const auto cut = co_await log->truncate_to(*fx.truncate_to);
        if (!cut) {
            give_up(cut.error());
            co_return false;
        }
        raft->on_truncated(log->end_offset(), next);
    }
    if (fx.append_fetched) {
        any = true;
        co_await append_fetched(bytes, next);
    }
    if (fx.write_part) {
        any = true;
        co_await write_snapshot_part(fx, bytes, next);
    }
    if (fx.append) {
        any = true;
        co_await append_control(fx, next);
    }
    co_return any;
}

Task<Result<AppendOutcome>> Quorum::Inner::write_log(BufferSlice bytes, AppendOrigin origin) {
    for (;;) {
        Result<AppendOutcome> done;
        if (origin == AppendOrigin::kAsIs) {
            done = co_await log->append_as_is(bytes, OffsetGaps::kRefused);
        } else {
            done = co_await log->append(bytes, raft->epoch(), origin);
        }
        const bool full = !done && done.error().code() == ErrorCode::kNoSpace;
        if (!full || !co_await release_reserve()) co_return done;
    }
}

Task<bool> Quorum::Inner::release_reserve() {
    const bool released = co_await reserve.release();
    if (released) lines.warning("the disk is full: metadata goes on in the room kept for it", {});
    told_full();
    co_return released;
}

Task<void> Quorum::Inner::append_fetched(BufferSlice bytes, Effects& next) {
    auto facts = facts_of(bytes);
    if (!facts) co_return refused_write(facts.error(), next);
    const auto appended = co_await write_log(std::move(bytes), AppendOrigin::kAsIs);
    if (!appended) co_return refused_write(appended.error(), next);
    if (appended->kind != AppendOutcome::Kind::kAppended) {
        co_return refused_write(Error(ErrorCode::kCorruptMessage, "batch at another offset"), next);
    }
    raft->on_appended(world.now(), *facts, next);
}

Result<BufferSlice> Quorum::Inner::control_bytes(const Effects& fx) const {
    if (const auto* change = std::get_if<VotersChange>(&*fx.append)) {
        return voters_batches(*change, world.wall());
    }
    const std::int16_t version = raft->voter_history().has_records() ? 1 : 0;
    return leader_change_batch(
        std::get<LeaderChange>(*fx.append), config.node, version, world.wall()
    );
}

Task<void> Quorum::Inner::append_control(const Effects& fx, Effects& next) {
    auto bytes = control_bytes(fx);
    if (!bytes) co_return refused_write(bytes.error(), next);
    const BufferSlice written = *bytes;
    const auto appended = co_await write_log(*std::move(bytes), AppendOrigin::kCoordinator);
    if (!appended) co_return refused_write(appended.error(), next);
    // Offsets and epoch are in the bytes now.
    const auto facts = facts_of(written);
    SEALANE_ASSERT(facts.has_value());
    raft->on_appended(world.now(), *facts, next);
}

Task<void> Quorum::Inner::write_snapshot_part(const Effects& fx, BufferSlice bytes, Effects& next) {
    const auto written =
        co_await snapshots.write_part(fx.write_part->id, fx.write_part->position, std::move(bytes));
    if (!written) co_return refused_write(written.error(), next);
    if (!fx.install) co_return;
    const auto content = co_await snapshots.finish_parts(*fx.install);
    if (!content) co_return refused_write(content.error(), next);
    if (const auto restarted = co_await log->restart_at(fx.install->end); !restarted) {
        co_return give_up(restarted.error());
    }
    ++figures.snapshots_loaded;
    lines.info(
        "metadata snapshot loaded", {{"end_offset", fx.install->end}, {"epoch", fx.install->epoch}}
    );
    raft->on_snapshot_installed(world.now(), *fx.install, content->voters, next);
    if (const auto removed = co_await snapshots.remove_older(); !removed) {
        lines.warning("old snapshots stay", {{"error", removed.error()}});
    }
}

void Quorum::Inner::refused_write(const Error& cause, Effects& next) {
    lines.warning("metadata not written", {{"error", cause}});
    raft->on_write_failed(world.now(), next);
    if (log->offline_cause()) offline_news = *log->offline_cause();
}

void Quorum::Inner::note_change() {
    learn_endpoints();
    const LeaderEpoch epoch = raft->epoch();
    const bool stands = raft->role() == Role::kCandidate || raft->is_leader();
    if (stands && std::exchange(stood_in, epoch) != epoch) ++figures.elections;
    const LeaderView now{epoch, raft->leader()};
    if (now != noted && now.leader != kNoBroker) {
        ++figures.leader_changes;
        if (raft->is_leader()) ++figures.leaderships;
        lines.info(
            raft->is_leader() ? "leads the metadata quorum" : "follows the metadata quorum",
            {{"epoch", epoch}, {"leader", now.leader}, {"end_offset", raft->log_end()}}
        );
    } else if (now.leader != noted.leader) {
        lines.info(
            "metadata quorum without a leader", {{"epoch", epoch}, {"role", name_of(raft->role())}}
        );
    }
    noted = now;
    changed.notify_all();
}

void Quorum::Inner::give_up(Error cause) {
    if (figures.failed) return;
    lines.error(
        "this node has left the metadata quorum: restart it when the cause is mended",
        {{"cause", cause}}
    );
    figures.failed = std::move(cause);
    changed.notify_all();
    news.notify_all();
    work.notify_all();
}

Task<void> Quorum::Inner::timer_loop() {
    while (!tasks.stopping() && !figures.failed) {
        if (const auto cause = std::exchange(offline_news, std::nullopt)) {
            (void)co_await step([](Raft& core, Instant now, Effects& fx) {
                core.on_write_failed(now, fx);
            });
            give_up(*cause);
            continue;
        }
        if (!durable_news && world.now() < raft->wake_at()) {
            (void)co_await work.wait_until(raft->wake_at());
            continue;
        }
        durable_news = false;
        (void)co_await step([](Raft& core, Instant now, Effects& fx) { core.tick(now, fx); });
    }
}

Task<Result<Offset>> Quorum::Inner::append(BufferSlice batch, LeaderEpoch epoch) {
    const auto turn = co_await turns.take();
    if (figures.failed) co_return fail(ErrorCode::kKafkaStorageError, figures.failed->to_string());
    if (tasks.stopping()) co_return fail(Error::stopped());
    if (!raft || !raft->is_leader() || raft->epoch() != epoch) {
        co_return fail(ErrorCode::kNotController, "this node does not lead the metadata quorum");
    }
    const auto parsed = kafka::RecordBatch::parse(batch);
    if (!parsed || parsed->size() != batch.size() || (*parsed)->is_control()) {
        co_return fail(ErrorCode::kInvalidRequest, "not one batch of metadata records");
    }
    const auto appended = co_await write_log(std::move(batch), AppendOrigin::kCoordinator);
    Effects fx;
    if (appended) {
        const BatchFacts facts{appended->base_offset, appended->last_offset + 1, epoch, {}};
        raft->on_appended(world.now(), {facts}, fx);
    } else if (log->offline_cause() || raft->voters().size() > 1) {
        // Also for want of space: another voter may have it.
        refused_write(appended.error(), fx);
    }
    co_await perform(std::move(fx), {});
    if (!appended) co_return fail(appended.error());
    co_return appended->last_offset + 1;
}

Task<void> Quorum::Inner::stop() {
    if (std::exchange(closing, true)) co_return;
    work.notify_all();
    if (raft && raft->is_leader() && !figures.failed) {
        (void)co_await step([](Raft& core, Instant now, Effects& fx) { core.resign(now, fx); });
        const Instant until = world.now() + std::min(kFarewell, config.request_timeout);
        const auto sending = [this] {
            return std::ranges::any_of(outboxes, [](const auto& box) {
                return box.second.sending;
            });
        };
        while (sending() && co_await work.wait_until(until)) continue;
    }
    tasks.stop();
    co_await tasks.join();
    while (uses > 0) (void)co_await work.wait_until(Instant::never());
    if (log != nullptr) log->set_listener(nullptr);
}

}  // namespace sealane::broker::quorum
