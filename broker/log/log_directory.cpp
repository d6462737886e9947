// One data directory: identity, opening, checkpoints, deletion.

#include "broker/log/log_directory.hpp"

#include "broker/log/checkpoint_text.hpp"
#include "broker/log/file_cache.hpp"
#include "broker/log/log_directory_inner.hpp"
#include "broker/log/segment_name.hpp"
#include "broker/log/tail_cache.hpp"

#include <algorithm>

namespace sealane::broker {

using runtime::Task;

LogDirectory::LogDirectory(runtime::World& world, LogDirectoryConfig config)
    : inner_(std::make_unique<Inner>(world, std::move(config))) {}
LogDirectory::~LogDirectory() = default;

Task<Status> LogDirectory::open(LogSettingsOf settings_of) {
    Inner& in = *inner_;
    auto& fs = in.world.files();
    SEALANE_CO_CHECK(co_await fs.make_directories(in.config.path));
    SEALANE_CO_CHECK(co_await in.take_lock());
    SEALANE_CO_CHECK(co_await in.check_identity());
    SEALANE_CO_CHECK(co_await in.read_checkpoint());
    SEALANE_CO_CHECK(co_await in.open_all(std::move(settings_of)));
    if (in.config.checkpoint_interval > Duration::zero()) {
        in.tasks.spawn([&in] { return in.keep_checkpointing(); });
    }
    if (in.config.promise_interval > Duration::zero()) {
        in.tasks.spawn([&in] { return in.keep_promising(); });
    }
    co_return Status{};
}

PartitionLog* LogDirectory::find(const TopicPartition& partition) {
    const auto found = inner_->logs.find(partition);
    return found == inner_->logs.end() ? nullptr : found->second.get();
}

// Logs of many new partitions are made beside each other: their syncs share the disk's.
Task<Result<PartitionLog*>> LogDirectory::create(
    TopicPartition partition, Uuid topic_id, LogSettings settings
) {
    Inner& in = *inner_;
    LogOpening opening;
    {
        const auto turn = co_await in.turns.take();
        if (in.closed) co_return fail(Error::stopped());
        if (const auto found = in.logs.find(partition); found != in.logs.end()) {
            if (found->second->topic_id() == topic_id) co_return found->second.get();
            co_return fail(
                ErrorCode::kAlreadyExists,
                partition.to_string() + " is here with topic id " +
                    found->second->topic_id().to_string()
            );
        }
        if (const auto found = in.failed.find(partition); found != in.failed.end()) {
            co_return fail(found->second);
        }
        if (!in.creating.insert(partition).second) {
            co_return fail(ErrorCode::kAlreadyExists, partition.to_string() + " is being made");
        }
        opening = in.opening_of(partition, std::move(settings));
        opening.topic_id = topic_id;
        opening.clean_stop = false;
        opening.recovery_point = opening.promised = Offset(0);
    }
    auto log = co_await PartitionLog::open(in.shared(), std::move(opening));
    Status kept;
    if (log) kept = co_await in.world.files().sync_directory(in.config.path);
    const auto turn = co_await in.turns.take();
    in.creating.erase(partition);
    if (!log) co_return fail(log.error());
    SEALANE_CO_CHECK(kept);
    if (in.closed) co_return fail(Error::stopped());
    PartitionLog* created = log->get();
    in.logs.emplace(std::move(partition), *std::move(log));
    co_return created;
}

Task<Result<PartitionLog*>> LogDirectory::reopen(TopicPartition partition, LogSettings settings) {
    Inner& in = *inner_;
    const auto turn = co_await in.turns.take();
    if (in.closed) co_return fail(Error::stopped());
    if (!in.failed.contains(partition)) {
        co_return fail(ErrorCode::kUnknownTopicOrPartition, partition.to_string());
    }
    LogOpening opening = in.opening_of(partition, std::move(settings));
    opening.clean_stop = false;  // the attempt before may have changed something
    auto log = co_await PartitionLog::open(in.shared(), std::move(opening));
    if (!log) {
        in.failed.insert_or_assign(partition, log.error());
        co_return fail(log.error());
    }
    in.failed.erase(partition);
    PartitionLog* opened = log->get();
    in.logs.emplace(std::move(partition), *std::move(log));
    co_return opened;
}

Task<Status> LogDirectory::remove(TopicPartition partition) {
    Inner& in = *inner_;
    const auto turn = co_await in.turns.take();
    const auto found = in.logs.find(partition);
    if (found == in.logs.end()) {
        co_return fail(ErrorCode::kUnknownTopicOrPartition, partition.to_string());
    }
    const std::unique_ptr<PartitionLog> log = std::move(found->second);
    in.logs.erase(found);
    // Its last sync may fail: it is going away all the same.
    if (const auto closed = co_await log->close(); !closed) {
        in.log.warning(
            "a log that is deleted did not close",
            {{"partition", partition.to_string()}, {"cause", closed.error()}}
        );
    }
    SEALANE_CO_CHECK(co_await in.forget(partition));
    const Duration delay = std::chrono::milliseconds(log->config().file_delete_delay_ms);
    co_return co_await in.set_aside_deleted(log->directory(), delay);
}

Task<Result<std::string>> LogDirectory::set_aside(TopicPartition partition) {
    Inner& in = *inner_;
    const auto turn = co_await in.turns.take();
    if (in.closed) co_return fail(Error::stopped());
    const auto found = in.logs.find(partition);
    if (found == in.logs.end() && !in.failed.contains(partition)) {
        co_return fail(ErrorCode::kUnknownTopicOrPartition, partition.to_string());
    }
    if (found != in.logs.end()) {
        const std::unique_ptr<PartitionLog> log = std::move(found->second);
        in.logs.erase(found);
        (void)co_await log->close();  // it is damaged: it may fail
    }
    // Still failed until it is out of the way: nobody may open it again.
    in.failed.insert_or_assign(partition, Error(ErrorCode::kCorrupt, "being moved aside"));
    SEALANE_CO_CHECK(co_await in.forget(partition));
    SEALANE_CO_TRY(
        std::string kept,
        co_await in.rename_aside(in.path(partition.to_string()), kDamagedDirectorySuffix)
    );
    in.failed.erase(partition);
    co_return kept;
}

void LogDirectory::set_high_watermarks(std::function<HighWatermarks()> current) {
    inner_->current_high_watermarks = std::move(current);
}

std::optional<Offset> LogDirectory::high_watermark(const TopicPartition& partition) const {
    const auto found = inner_->high_watermarks.find(partition);
    if (found == inner_->high_watermarks.end()) return std::nullopt;
    return found->second;
}

Task<Status> LogDirectory::checkpoint() {
    const auto turn = co_await inner_->turns.take();
    co_return co_await inner_->checkpoint();
}

Task<Status> LogDirectory::close() {
    Inner& in = *inner_;
    co_await in.tasks.stop_and_join();
    const auto turn = co_await in.turns.take();
    if (in.closed) co_return Status{};
    in.closed = true;
    if (!in.opened) co_return Status{};  // not ours: nothing of it was touched
    Status result = co_await in.close_all();
    in.lock.reset();
    co_return result;
}

bool LogDirectory::was_clean() const {
    return inner_->clean_stop;
}
std::int64_t LogDirectory::previous_broker_epoch() const {
    return inner_->previous_broker_epoch;
}
void LogDirectory::set_broker_epoch(std::int64_t epoch) {
    inner_->broker_epoch = epoch;
}
const Uuid& LogDirectory::cluster_id() const {
    return inner_->identity.cluster_id;
}
const Uuid& LogDirectory::directory_id() const {
    return inner_->identity.directory_id;
}
const std::map<TopicPartition, std::unique_ptr<PartitionLog>>& LogDirectory::logs() const {
    return inner_->logs;
}
const std::map<TopicPartition, Error>& LogDirectory::failed() const {
    return inner_->failed;
}

std::uint64_t LogDirectory::size_bytes() const {
    std::uint64_t total = 0;
    for (const auto& [partition, log] : inner_->logs) total += log->size_bytes();
    return total;
}

}  // namespace sealane::broker
