#pragma once
// The inside of LogDirectory. Holders of the turn create, remove, checkpoint and close.

#include "broker/log/checkpoint_text.hpp"
#include "broker/log/file_cache.hpp"
#include "broker/log/log_directory.hpp"
#include "broker/log/tail_cache.hpp"
#include "broker/log/turn_lock.hpp"

#include <map>
#include <set>

namespace sealane::broker {

struct LogDirectory::Inner {
    Inner(runtime::World& with, LogDirectoryConfig how);

    runtime::Task<Status> take_lock();
    runtime::Task<Status> check_identity();
    runtime::Task<Status> read_checkpoint();
    runtime::Task<Status> open_all(LogSettingsOf settings_of);
    runtime::Task<void> open_some(const LogSettingsOf& settings_of);
    runtime::Task<void> open_one(TopicPartition partition, const LogSettingsOf& settings_of);
    runtime::Task<Status> checkpoint();
    // Kafka's text files of offsets; `known`: what the file holds. A damaged one is left out.
    runtime::Task<Status> write_offsets(
        std::string_view name, OffsetCheckpoint next, OffsetCheckpoint& known
    );
    runtime::Task<Status> read_offsets(std::string_view name, OffsetCheckpoint& into);
    runtime::Task<Status> write_checkpoint(OffsetCheckpoint points);
    runtime::Task<void> keep_checkpointing();
    runtime::Task<Status> write_high_watermarks();
    runtime::Task<Status> read_high_watermarks();
    runtime::Task<Status> read_promises();
    runtime::Task<Status> write_promises();
    runtime::Task<void> keep_promising();
    runtime::Task<Status> forget(TopicPartition partition);
    runtime::Task<Result<std::string>> rename_aside(std::string directory, std::string_view kind);
    runtime::Task<Status> set_aside_deleted(std::string directory, Duration delay);
    runtime::Task<void> remove_due(Instant now);
    struct Closing {
        Status result;
        OffsetCheckpoint points;
    };
    runtime::Task<Status> close_all();
    runtime::Task<void> close_some(std::vector<PartitionLog*>& left, Closing& closing);

    [[nodiscard]] std::string path(std::string_view name) const {
        return config.path + "/" + std::string(name);
    }
    [[nodiscard]] LogShared shared() { return {world, file_cache, tail_cache}; }
    [[nodiscard]] LogOpening opening_of(const TopicPartition& partition, LogSettings settings);

    runtime::World& world;
    LogDirectoryConfig config;
    runtime::Log log;
    runtime::TaskGroup tasks;
    TurnLock turns;
    TurnLock promise_turns;  // writes of that file
    FileCache file_cache;
    TailCache tail_cache;
    std::unique_ptr<runtime::FileLock> lock;
    DirectoryIdentity identity;
    OffsetCheckpoint recovery_points;  // as in the file
    OffsetCheckpoint high_watermarks;  // as in the file
    OffsetCheckpoint promises;         // as in the file: durable offsets
    std::function<HighWatermarks()> current_high_watermarks;
    bool clean_stop = false;
    std::int64_t previous_broker_epoch = -1;  // of the clean stop
    std::int64_t broker_epoch = -1;           // noted at the next one
    bool opened = false;
    bool closed = false;
    std::vector<TopicPartition> to_open;
    std::map<TopicPartition, std::unique_ptr<PartitionLog>> logs;
    std::map<TopicPartition, Error> failed;
    std::set<TopicPartition> creating;
    struct DeletedDirectory {
        std::string path;
        Instant remove_at;
    };
    std::vector<DeletedDirectory> deleted;
    std::uint64_t checkpoint_failures = 0;
};

}  // namespace sealane::broker
