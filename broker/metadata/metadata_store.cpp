#include "broker/metadata/metadata_store.hpp"

#include "common/kafka/records/batch_cursor.hpp"
#include "common/kafka/records/record_batch_builder.hpp"
#include "common/kafka/records/record_reader.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {

// With one voter there are no elections; Raft will count these.
constexpr LeaderEpoch kQuorumEpoch{1};
constexpr std::size_t kReplayBytes = 1U << 20U;
constexpr Duration kSyncDeadline = std::chrono::minutes(1);
constexpr Duration kFollowAgain = std::chrono::seconds(2);

Result<BufferSlice> batch_of(const std::vector<MetadataRecord>& records, WallTime now) {
    kafka::RecordBatchBuilder builder(kafka::BatchOptions{});
    for (const MetadataRecord& record : records) {
        SEALANE_TRY(const BufferSlice value, encode_metadata_record(record));
        (void)builder.add(now, std::nullopt, value.view());
    }
    SEALANE_TRY(const kafka::RecordBatch batch, std::move(builder).build());
    return batch.bytes();
}

Status apply_batch(Image& image, const kafka::RecordBatch& batch) {
    if (batch->is_control()) return {};
    SEALANE_TRY(auto reader, kafka::RecordReader::open(batch));
    for (;;) {
        SEALANE_TRY(const auto record, reader.next());
        if (!record) return {};
        if (!record->value) return fail(ErrorCode::kCorrupt, "metadata record without a value");
        SEALANE_TRY(const auto change, decode_metadata_record(*record->value));
        if (change) SEALANE_CHECK(image.apply(*change));
    }
}

}  // namespace

MetadataStore::MetadataStore(runtime::World& world)
    : world_(world),
      log_lines_(world.log("broker.metadata")),
      published_(std::make_shared<const Image>()),
      newest_(published_),
      work_(world.waits()),
      settled_(world.waits()),
      changed_(world.waits()),
      tasks_(world) {}

Task<Status> MetadataStore::open(PartitionLog& log) {
    log_ = &log;
    if (log_->offline_cause()) co_return fail(log_->offline_cause()->in("metadata log"));
    co_return co_await replay();
}

Task<Status> MetadataStore::replay() {
    auto image = std::make_shared<Image>();
    Offset next = log_->log_start_offset();
    while (next < log_->end_offset()) {
        LogRead request;
        request.from = next;
        request.max_bytes = kReplayBytes;
        request.up_to = log_->end_offset();
        SEALANE_CO_TRY(const LogReadOutcome read, co_await log_->read(request));
        if (read.records.empty()) break;
        kafka::BatchCursor cursor(read.records.joined(), kafka::Truncation::kIsError);
        for (;;) {
            SEALANE_CO_TRY(const auto batch, cursor.next());
            if (!batch) break;
            auto applied = apply_batch(*image, *batch);
            if (!applied) {
                co_return fail(
                    applied.error().in("offset " + std::to_string((*batch)->base_offset().value))
                );
            }
        }
        next = read.next_offset;
    }
    log_lines_.info(
        "metadata loaded",
        {{"offset", next},
         {"topics", image->topics().size()},
         {"partitions", image->partition_count()}}
    );
    published_ = newest_ = std::move(image);
    co_return Status{};
}

void MetadataStore::start(Follower follower) {
    follower_ = std::move(follower);
    tasks_.on_stop([this] {
        work_.notify_all();
        settled_.notify_all();
    });
    tasks_.spawn([this]() -> Task<void> { co_await commit_loop(); });
}

Task<void> MetadataStore::stop() {
    co_await tasks_.stop_and_join();
    while (!proposed_.empty()) {
        *proposed_.front().outcome = Status(fail(Error::stopped()));
        proposed_.pop_front();
    }
    settled_.notify_all();
}

Task<Status> MetadataStore::change(Decider decide) {
    if (failed_) co_return fail(ErrorCode::kKafkaStorageError, failed_->to_string());
    if (tasks_.stopping()) co_return fail(Error::stopped());
    SEALANE_CO_TRY(std::vector<MetadataRecord> records, decide(*newest_));
    if (records.empty()) co_return Status{};
    auto after = std::make_shared<Image>(*newest_);
    for (const MetadataRecord& record : records) SEALANE_CO_CHECK(after->apply(record));
    auto outcome = std::make_shared<std::optional<Status>>();
    newest_ = after;
    proposed_.push_back(
        Proposal{.records = std::move(records), .after = std::move(after), .outcome = outcome}
    );
    work_.notify_all();
    while (!outcome->has_value()) {
        (void)co_await settled_.wait_until(Instant::never());
        if (!outcome->has_value() && tasks_.stopping()) co_return fail(Error::stopped());
    }
    co_return **outcome;
}

Task<void> MetadataStore::commit_loop() {
    while (!tasks_.stopping()) {
        if (proposed_.empty()) {
            const bool waited_out = !co_await work_.wait_until(
                unfollowed_ ? world_.now() + kFollowAgain : Instant::never()
            );
            if (waited_out && unfollowed_ && !tasks_.stopping()) co_await publish(published_);
            continue;
        }
        std::deque<Proposal> group;
        group.swap(proposed_);
        const Committed done = failed_ ? Committed{0, fail(*failed_)} : co_await commit(group);
        if (done.count > 0) co_await publish(group[done.count - 1].after);
        for (std::size_t i = 0; i < done.count; ++i) *group[i].outcome = Status{};
        group.erase(group.begin(), group.begin() + static_cast<std::ptrdiff_t>(done.count));
        if (!done.status) refuse(std::move(group), done.status.error());
        settled_.notify_all();
    }
}

Task<void> MetadataStore::publish(ImagePtr after) {
    // The records are durable: a log that cannot be made now is that partition's trouble.
    auto followed = co_await follower_(published_, after);
    if (!followed) log_lines_.error("metadata not followed", {{"error", followed.error()}});
    unfollowed_ = !followed;
    published_ = std::move(after);
    changed_.notify_all();
}

void MetadataStore::follow_again() {
    unfollowed_ = true;
    work_.notify_all();
}

// What was decided since rests on the refused changes and is refused with them. A full disk passes;
// after anything else nobody knows what the log holds.
void MetadataStore::refuse(std::deque<Proposal> group, const Error& cause) {
    const bool passes = cause.code() == ErrorCode::kNoSpace && !log_->offline_cause();
    if (!failed_ && !passes) {
        failed_ = cause;
        log_lines_.error("metadata log failed: changes are refused", {{"error", cause}});
    }
    while (!proposed_.empty()) {
        group.push_back(std::move(proposed_.front()));
        proposed_.pop_front();
    }
    for (const Proposal& proposal : group)
        *proposal.outcome = Status(fail(ErrorCode::kKafkaStorageError, cause.to_string()));
    newest_ = published_;
}

Task<MetadataStore::Committed> MetadataStore::commit(const std::deque<Proposal>& group) {
    Committed done;
    for (const Proposal& proposal : group) {
        auto batch = batch_of(proposal.records, world_.wall());
        if (!batch) {
            done.status = fail(batch.error());
            break;
        }
        const auto appended =
            co_await log_->append(*std::move(batch), kQuorumEpoch, AppendOrigin::kCoordinator);
        if (!appended) {
            done.status = fail(appended.error());
            break;
        }
        ++done.count;
    }
    if (done.count == 0) co_return done;
    const Status synced =
        co_await log_->wait_synced(log_->end_offset(), world_.now() + kSyncDeadline);
    if (!synced) done = {0, synced};
    co_return done;
}

}  // namespace sealane::broker
