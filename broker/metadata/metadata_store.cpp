#include "broker/metadata/metadata_store.hpp"

#include "broker/metadata/metadata_batch.hpp"
#include "common/kafka/records/batch_cursor.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {

constexpr std::size_t kReadBytes = 1U << 20U;
constexpr Duration kFollowAgain = std::chrono::seconds(2);

}  // namespace

MetadataStore::MetadataStore(
    runtime::World& world, quorum::Quorum& quorum, std::int64_t snapshot_bytes
)
    : world_(world),
      quorum_(quorum),
      snapshot_bytes_(snapshot_bytes),
      log_lines_(world.log("broker.metadata")),
      published_(std::make_shared<const Image>()),
      work_(world.waits()),
      settled_(world.waits()),
      changed_(world.waits()),
      tasks_(world) {}

void MetadataStore::start() {
    tasks_.on_stop([this] {
        work_.notify_all();
        settled_.notify_all();
        changed_.notify_all();
        quorum_.changed().notify_all();
    });
    tasks_.spawn([this]() -> Task<void> { co_await apply_loop(); });
    tasks_.spawn([this]() -> Task<void> { co_await append_loop(); });
}

Task<void> MetadataStore::stop() {
    tasks_.stop();
    refuse_proposed(Error::stopped());
    refuse_appended(Error::stopped());
    co_await tasks_.join();
}

Task<Status> MetadataStore::follow(Follower follower) {
    follower_ = std::move(follower);
    quorum_.changed().notify_all();
    while (followed_ == nullptr && !tasks_.stopping()) {
        (void)co_await changed_.wait_until(Instant::never());
    }
    if (tasks_.stopping()) co_return fail(Error::stopped());
    co_return Status{};
}

Task<Status> MetadataStore::change(Decider decide) {
    return change([decide = std::move(decide)](const Image& newest, Offset) {
        return decide(newest);
    });
}

Task<Status> MetadataStore::change(PositionedDecider decide) {
    if (tasks_.stopping()) co_return fail(Error::stopped());
    if (!is_active()) co_return fail(not_active());
    SEALANE_CO_TRY(std::vector<MetadataRecord> records, decide(*newest_, next_offset_));
    if (records.empty()) co_return Status{};
    auto after = std::make_shared<Image>(*newest_);
    for (const MetadataRecord& record : records) SEALANE_CO_CHECK(after->apply(record));
    newest_ = after;
    next_offset_ = next_offset_ + static_cast<std::int64_t>(records.size());
    auto outcome = std::make_shared<std::optional<Status>>();
    proposed_.push_back({std::move(records), std::move(after), outcome});
    work_.notify_all();
    while (!outcome->has_value()) (void)co_await settled_.wait_until(Instant::never());
    co_return **outcome;
}

Task<void> MetadataStore::append_loop() {
    while (!tasks_.stopping()) {
        if (proposed_.empty()) {
            (void)co_await work_.wait_until(Instant::never());
            continue;
        }
        Proposal proposal = std::move(proposed_.front());
        proposed_.pop_front();
        co_await append_one(std::move(proposal));
        settled_.notify_all();
    }
}

Task<void> MetadataStore::append_one(Proposal proposal) {
    const LeaderEpoch epoch = active_epoch_;
    auto batch = metadata_batch(proposal.records, world_.wall());
    Result<Offset> end = fail(ErrorCode::kNone);
    if (batch) {
        end = co_await quorum_.append(*std::move(batch), epoch);
    } else {
        end = fail(batch.error());
    }
    if (tasks_.stopping()) co_return refuse(proposal, Error::stopped());
    if (active_epoch_ != epoch) co_return refuse(proposal, not_active());
    if (end) {
        appended_.push_back({*end, std::move(proposal.after), std::move(proposal.outcome)});
        co_return settle_committed();
    }
    // What was decided since rests on the refused change and is refused with it; what is in the
    // log already stays.
    const bool moved = end.error().code() == ErrorCode::kNotController;
    const Error cause =
        moved ? not_active() : Error(ErrorCode::kKafkaStorageError, end.error().to_string());
    if (!moved) log_lines_.error("metadata change refused", {{"error", end.error()}});
    refuse(proposal, cause);
    refuse_proposed(cause);
    newest_ = appended_.empty() ? published_ : appended_.back().after;
    next_offset_ = log_->end_offset();
}

Error MetadataStore::not_active() const {
    const auto [voters, reached] = quorum_.reach();
    std::string why = "this node is not the active controller";
    if (quorum_.leader() == kNoBroker || reached <= voters / 2) {
        why += "; without a majority of controller.quorum.voters there is none, and it reaches " +
               std::to_string(reached) + " of " + std::to_string(voters);
    }
    return {ErrorCode::kNotController, std::move(why)};
}

void MetadataStore::look_at_role() {
    const LeaderEpoch epoch = quorum_.epoch();
    const BrokerId leader = quorum_.leader();
    if (!quorum_.is_leader() && leader != kNoBroker) previous_controller_ = leader;
    if (is_active() && (!quorum_.is_leader() || epoch != active_epoch_)) {
        log_lines_.info("no longer the active controller", {{"epoch", active_epoch_}});
        active_epoch_ = kNoLeaderEpoch;
        refuse_proposed(not_active());
        refuse_appended(not_active());
        newest_.reset();
        changed_.notify_all();
    }
    // Its own first record, which every epoch has, is applied: so is all that came before it.
    const bool own = applied_ > Offset(0) && log_->epochs().epoch_at(applied_ - 1) == epoch;
    if (!is_active() && quorum_.is_leader() && own) {
        active_epoch_ = epoch;
        newest_ = published_;
        next_offset_ = log_->end_offset();
        log_lines_.info("active controller", {{"epoch", epoch}, {"offset", applied_}});
        changed_.notify_all();
    }
}

void MetadataStore::settle_committed() {
    bool any = false;
    while (!appended_.empty() && appended_.front().end <= applied_) {
        *appended_.front().outcome = Status{};
        appended_.pop_front();
        any = true;
    }
    if (any) settled_.notify_all();
}

void MetadataStore::refuse_proposed(const Error& cause) {
    for (const Proposal& each : proposed_) refuse(each, cause);
    proposed_.clear();
    settled_.notify_all();
}

void MetadataStore::refuse_appended(const Error& cause) {
    for (const Appended& each : appended_) *each.outcome = Status(fail(cause));
    appended_.clear();
    settled_.notify_all();
}

Task<void> MetadataStore::apply_loop() {
    while (!tasks_.stopping()) {
        look_at_role();
        const bool behind = applied_ < quorum_.high_watermark();
        if (!failed_ && behind) {
            const Status applied = co_await apply_some();
            if (!applied && !applied.error().is_stopped()) {
                failed_ = applied.error();
                log_lines_.error("metadata cannot be applied", {{"error", *failed_}});
            }
            continue;
        }
        if (follower_ && (followed_ == nullptr || unfollowed_)) {
            co_await publish(published_, applied_);
            if (!unfollowed_) continue;
        }
        // What was told meanwhile was told to nobody: look again.
        if (co_await snapshot_if_due()) continue;
        (void)co_await quorum_.changed().wait_until(
            unfollowed_ ? world_.now() + kFollowAgain : Instant::never()
        );
    }
}

Task<Status> MetadataStore::apply_some() {
    if (log_->log_start_offset() > applied_) co_return co_await load_snapshot();
    LogRead request;
    request.from = applied_;
    request.max_bytes = kReadBytes;
    request.up_to = std::min(quorum_.high_watermark(), log_->end_offset());
    SEALANE_CO_TRY(const LogReadOutcome read, co_await log_->read(request));
    if (read.records.empty()) co_return fail(Error::stopped());  // moved meanwhile: look again
    auto image = std::make_shared<Image>(*published_);
    kafka::BatchCursor cursor(read.records.joined(), kafka::Truncation::kIsError);
    for (;;) {
        SEALANE_CO_TRY(const auto batch, cursor.next());
        if (!batch) break;
        auto applied = apply_metadata_batch(*image, *batch);
        if (!applied) {
            co_return fail(
                applied.error().in("offset " + std::to_string((*batch)->base_offset().value))
            );
        }
    }
    unsnapshotted_ += static_cast<std::int64_t>(read.records.size());
    co_await publish(std::move(image), read.next_offset);
    co_return Status{};
}

Task<Status> MetadataStore::load_snapshot() {
    const auto snapshot = quorum_.latest_snapshot();
    if (!snapshot || snapshot->end <= applied_) {
        co_return fail(
            ErrorCode::kCorrupt,
            "the metadata log begins at " + std::to_string(log_->log_start_offset().value) +
                ", and there is no snapshot of what came before"
        );
    }
    SEALANE_CO_TRY(const auto batches, co_await quorum_.read_snapshot(*snapshot));
    auto image = std::make_shared<Image>();
    for (const BufferSlice& bytes : batches) {
        kafka::BatchCursor cursor(bytes, kafka::Truncation::kIsError);
        for (;;) {
            SEALANE_CO_TRY(const auto batch, cursor.next());
            if (!batch) break;
            SEALANE_CO_CHECK(apply_metadata_batch(*image, *batch));
        }
    }
    log_lines_.info("metadata snapshot loaded", {{"offset", snapshot->end}});
    unsnapshotted_ = 0;
    co_await publish(std::move(image), snapshot->end);
    co_return Status{};
}

Task<void> MetadataStore::publish(ImagePtr after, Offset applied) {
    if (follower_) {
        // The records are committed: a log that cannot be made now is that partition's trouble.
        auto followed = co_await follower_(followed_, after);
        if (!followed) log_lines_.error("metadata not followed", {{"error", followed.error()}});
        unfollowed_ = !followed;
        followed_ = after;
    }
    published_ = std::move(after);
    applied_ = applied;
    look_at_role();
    settle_committed();
    changed_.notify_all();
}

// Whether it took any time.
Task<bool> MetadataStore::snapshot_if_due() {
    if (unsnapshotted_ < snapshot_bytes_ || failed_ || applied_ == Offset(0)) co_return false;
    unsnapshotted_ = 0;
    auto batches = metadata_batches(published_->to_records(), world_.wall());
    if (!batches) {
        log_lines_.error("no metadata snapshot", {{"error", batches.error()}});
        co_return false;
    }
    const Status written = co_await quorum_.write_snapshot(applied_, *std::move(batches));
    if (written) {
        log_lines_.info("metadata snapshot written", {{"offset", applied_}});
    } else if (!written.error().is_stopped()) {
        log_lines_.warning("no metadata snapshot", {{"error", written.error()}});
    }
    co_return true;
}

void MetadataStore::follow_again() {
    unfollowed_ = true;
    quorum_.changed().notify_all();
}

}  // namespace sealane::broker
