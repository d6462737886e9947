// Recovery points of all logs in one file (Kafka's recovery-point-offset-checkpoint: one sync for
// ten thousand partitions), the clean stop note, and removing what was deleted.

#include "broker/log/log_directory_inner.hpp"
#include "broker/log/segment_name.hpp"

#include <vector>

namespace sealane::broker {

using runtime::Task;

namespace {
constexpr std::string_view kRecoveryPointsFile = "recovery-point-offset-checkpoint";
constexpr std::string_view kHighWatermarksFile = "replication-offset-checkpoint";
constexpr std::string_view kCleanStopFile = ".kafka_cleanshutdown";
constexpr std::uint64_t kMaxTextFile = 64U << 20U;
}  // namespace

Task<Status> LogDirectory::Inner::write_offsets(
    std::string_view name, OffsetCheckpoint next, OffsetCheckpoint& known
) {
    if (next == known) co_return Status{};
    SEALANE_CO_CHECK(co_await runtime::write_file_atomically(
        world.files(), path(name), BufferSlice::copy_of(encode_offset_checkpoint(next))
    ));
    known = std::move(next);
    co_return Status{};
}

Task<Status> LogDirectory::Inner::read_offsets(std::string_view name, OffsetCheckpoint& into) {
    const std::string file = path(name);
    const auto text = co_await runtime::read_file(world.files(), file, kMaxTextFile);
    if (!text) {
        if (text.error().code() == ErrorCode::kNotFound) co_return Status{};
        co_return fail(text.error());
    }
    auto decoded = decode_offset_checkpoint(text->text());
    if (decoded) {
        into = *std::move(decoded);
        co_return Status{};
    }
    log.warning("ignoring a damaged file", {{"file", file}, {"cause", decoded.error()}});
    co_return Status{};
}

Task<Status> LogDirectory::Inner::write_checkpoint(OffsetCheckpoint points) {
    return write_offsets(kRecoveryPointsFile, std::move(points), recovery_points);
}

Task<Status> LogDirectory::Inner::write_high_watermarks() {
    if (!current_high_watermarks) co_return Status{};
    co_return co_await write_offsets(
        kHighWatermarksFile, current_high_watermarks(), high_watermarks
    );
}

// A hint only: leaders find the high watermark again.
Task<Status> LogDirectory::Inner::read_high_watermarks() {
    return read_offsets(kHighWatermarksFile, high_watermarks);
}

// The promise about its records goes: a log that is made again under this name is empty.
Task<Status> LogDirectory::Inner::forget(TopicPartition partition) {
    OffsetCheckpoint marks = high_watermarks;
    marks.erase(partition);
    SEALANE_CO_CHECK(co_await write_offsets(kHighWatermarksFile, std::move(marks), high_watermarks)
    );
    OffsetCheckpoint points = recovery_points;
    points.erase(partition);
    SEALANE_CO_CHECK(co_await write_promises());
    co_return co_await write_checkpoint(std::move(points));
}

Task<Status> LogDirectory::Inner::checkpoint() {
    if (closed) co_return fail(Error::stopped());
    OffsetCheckpoint points;
    // The holder of the turn is the only one that changes `logs`.
    for (const auto& [partition, partition_log] : logs) {
        if (partition_log->needs_checkpoint()) {
            if (const auto point = co_await partition_log->prepare_checkpoint(); point) {
                points.emplace(partition, *point);
                continue;
            }
        }
        // Offline or unchanged: what was promised stays promised.
        const auto known = recovery_points.find(partition);
        if (known != recovery_points.end()) points.insert(*known);
    }
    for (const auto& [partition, cause] : failed) {
        const auto known = recovery_points.find(partition);
        if (known != recovery_points.end()) points.insert(*known);
    }
    SEALANE_CO_CHECK(co_await write_checkpoint(std::move(points)));
    if (config.promise_interval > Duration::zero()) SEALANE_CO_CHECK(co_await write_promises());
    for (const auto& [partition, partition_log] : logs) {
        SEALANE_CO_CHECK(co_await partition_log->note_checkpointed());
    }
    co_return co_await write_high_watermarks();
}

Task<void> LogDirectory::Inner::keep_checkpointing() {
    while (co_await tasks.sleep(config.checkpoint_interval)) {
        const auto turn = co_await turns.take();
        if (const auto done = co_await checkpoint(); !done) {
            // A full disk: the old checkpoint stays true, a restart scans more.
            ++checkpoint_failures;
            log.warning("no checkpoint", {{"directory", config.path}, {"cause", done.error()}});
        }
        co_await remove_due(world.now());
    }
}

Task<Result<std::string>> LogDirectory::Inner::rename_aside(
    std::string directory, std::string_view kind
) {
    const std::string suffix = "." + world.random_uuid().to_string() + std::string(kind);
    // Directory names have at most 255 characters: a long topic name gives way.
    constexpr std::size_t kMaxName = 255;
    std::string name = directory.substr(directory.rfind('/') + 1);
    name.resize(std::min(name.size(), kMaxName - suffix.size()));
    const std::string target = path(name + suffix);
    SEALANE_CO_CHECK(co_await world.files().rename(std::move(directory), target));
    SEALANE_CO_CHECK(co_await world.files().sync_directory(config.path));
    co_return target;
}

Task<Status> LogDirectory::Inner::set_aside_deleted(std::string directory, Duration delay) {
    SEALANE_CO_TRY(
        const std::string target,
        co_await rename_aside(std::move(directory), kDeletedDirectorySuffix)
    );
    deleted.push_back({target, world.now() + delay});
    co_return Status{};
}

Task<void> LogDirectory::Inner::remove_due(Instant now) {
    for (std::size_t i = 0; i < deleted.size();) {
        if (deleted[i].remove_at > now) {
            ++i;
            continue;
        }
        const std::string gone = std::move(deleted[i].path);
        deleted.erase(deleted.begin() + static_cast<std::ptrdiff_t>(i));
        if (const auto removed = co_await world.files().remove_tree(gone); !removed) {
            log.warning("cannot remove", {{"path", gone}, {"cause", removed.error()}});
        }
    }
    for (const auto& [partition, partition_log] : logs) {
        if (!partition_log->has_deleted_files()) continue;
        if (const auto removed = co_await partition_log->remove_deleted_files(now); !removed) {
            log.warning(
                "cannot remove deleted segments",
                {{"partition", partition.to_string()}, {"cause", removed.error()}}
            );
        }
    }
}

Task<void> LogDirectory::Inner::close_some(std::vector<PartitionLog*>& left, Closing& closing) {
    while (!left.empty()) {
        PartitionLog* partition_log = left.back();
        left.pop_back();
        const TopicPartition partition = partition_log->topic_partition();
        const auto done = co_await partition_log->close();
        if (done) {
            closing.points.emplace(partition, partition_log->trusted_end());
            continue;
        }
        const auto known = recovery_points.find(partition);
        if (known != recovery_points.end()) closing.points.insert(*known);
        if (closing.result) closing.result = fail(done.error().in(partition.to_string()));
    }
}

Task<Status> LogDirectory::Inner::close_all() {
    Closing closing;
    std::vector<PartitionLog*> left;
    for (const auto& [partition, partition_log] : logs) left.push_back(partition_log.get());
    runtime::TaskGroup closers(world);
    for (std::size_t i = 0; i < std::max<std::size_t>(config.open_parallelism, 1); ++i) {
        closers.spawn([this, &left, &closing] { return close_some(left, closing); });
    }
    co_await closers.join();
    for (const auto& [partition, cause] : failed) {
        const auto known = recovery_points.find(partition);
        if (known != recovery_points.end()) closing.points.insert(*known);
        if (closing.result) closing.result = fail(cause);
    }
    SEALANE_CO_CHECK(co_await write_checkpoint(std::move(closing.points)));
    if (const auto kept = co_await write_high_watermarks(); !kept && closing.result) {
        closing.result = kept;
    }
    // Without the note every log is checked at the next start: right when one did not close.
    if (!closing.result) co_return closing.result;
    co_return co_await runtime::write_file_atomically(
        world.files(),
        path(kCleanStopFile),
        BufferSlice::copy_of(as_bytes(encode_clean_stop(broker_epoch, identity.directory_id)))
    );
}

}  // namespace sealane::broker
