#pragma once
// LogDirectory: one data directory (Kafka's log.dir) and the logs in it. Holds the directory lock,
// checks meta.properties, opens every partition with bounded parallelism, keeps the checkpoints
// (recovery points, log starts, clean stop) and removes deleted partitions. Formats: README.md.

#include "broker/log/partition_log.hpp"
#include "common/runtime/metrics.hpp"

#include <functional>
#include <map>

namespace sealane::broker {

struct LogDirectoryConfig {
    std::string path;
    BrokerId node_id{1};
    // The cluster to belong to. Zero: whatever meta.properties says, a new id when it is absent.
    Uuid cluster_id;
    LogConfig default_log;
    std::size_t open_parallelism = 8;
    std::size_t max_open_files = 1024;
    std::size_t tail_cache_bytes = 64U << 20U;
    std::size_t tail_cache_bytes_per_log = 4U << 20U;
    Duration checkpoint_interval = 5s;
    Duration promise_interval = 200ms;  // of the file that says what is durable; zero: never
};

// What to open a partition with; asked once for every directory found.
struct LogSettings {
    LogConfig config;
    std::vector<LogState*> states;
};
using LogSettingsOf = std::function<LogSettings(const TopicPartition&, const Uuid& topic_id)>;

class LogDirectory : public runtime::MetricSource {
 public:
    LogDirectory(runtime::World& world, LogDirectoryConfig config);
    ~LogDirectory() override;

    // Locks, checks and opens everything there. kLocked: another process has it. kBadConfig: it
    // belongs to another cluster or node (the text says which and how to mend it). One log that
    // cannot be opened does not fail the others: failed() lists it.
    [[nodiscard]] runtime::Task<Status> open(LogSettingsOf settings_of);
    // The log of a partition; null when it is not here.
    [[nodiscard]] PartitionLog* find(const TopicPartition& partition);
    // Makes the directory and an empty log. kAlreadyExists when it is here with another topic id;
    // the existing log when it is here with the same.
    [[nodiscard]] runtime::Task<Result<PartitionLog*>> create(
        TopicPartition partition, Uuid topic_id, LogSettings settings
    );
    // Tries once more to open a log of failed(): a full disk, or one that could not read, may be
    // better now. kUnknownTopicOrPartition when it is none of them; else why it still does not
    // open.
    [[nodiscard]] runtime::Task<Result<PartitionLog*>> reopen(
        TopicPartition partition, LogSettings settings
    );
    // Closes the log and renames its directory to `-delete`; the files go after
    // file.delete.delay.ms. kUnknownTopicOrPartition when it is not here.
    [[nodiscard]] runtime::Task<Status> remove(TopicPartition partition);
    // Takes a damaged log out of use: its directory is kept as `<topic>-<p>.<id>-damaged`, and
    // create() may make an empty one. Returns where it is now. kUnknownTopicOrPartition.
    [[nodiscard]] runtime::Task<Result<std::string>> set_aside(TopicPartition partition);
    // High watermarks to keep with the checkpoints (Kafka's replication-offset-checkpoint); asked
    // whenever one is written. Without it, or while it says nothing, no such file is written.
    using HighWatermarks = std::map<TopicPartition, Offset>;
    void set_high_watermarks(std::function<HighWatermarks()> current);
    // As of the last checkpoint; nothing when there was none.
    [[nodiscard]] std::optional<Offset> high_watermark(const TopicPartition& partition) const;
    // Writes recovery points and log starts now (also done every checkpoint_interval).
    [[nodiscard]] runtime::Task<Status> checkpoint();
    // Closes all logs and notes the clean stop.
    [[nodiscard]] runtime::Task<Status> close();

    // Whether the last process closed every log, and the broker epoch that it noted (-1: none).
    [[nodiscard]] bool was_clean() const;
    [[nodiscard]] std::int64_t previous_broker_epoch() const;
    // What a clean stop shall note: the epoch of this broker's registration.
    void set_broker_epoch(std::int64_t epoch);

    [[nodiscard]] const Uuid& cluster_id() const;
    [[nodiscard]] const Uuid& directory_id() const;
    [[nodiscard]] const std::map<TopicPartition, std::unique_ptr<PartitionLog>>& logs() const;
    [[nodiscard]] const std::map<TopicPartition, Error>& failed() const;
    [[nodiscard]] std::uint64_t size_bytes() const;
    void collect(runtime::MetricSink& sink) const override;

 private:
    struct Inner;
    std::unique_ptr<Inner> inner_;
};

}  // namespace sealane::broker
