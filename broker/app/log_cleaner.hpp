#pragma once
// LogCleaner: compacts the logs of topics with cleanup.policy=compact on this node, leaders and
// followers alike, the dirtiest first, one at a time. Each replica does so on its own; what a
// cleaning may touch is below the high watermark, so replicas never disagree on latest values.

#include "broker/config/broker_config.hpp"
#include "broker/replication/partition_table.hpp"
#include "common/runtime/metrics.hpp"
#include "common/runtime/task_group.hpp"

#include <map>

namespace sealane::broker {

class LogCleaner final : public runtime::MetricSource {
 public:
    LogCleaner(runtime::World& world, const CleanerConfig& config, PartitionTable& partitions);
    void start();
    [[nodiscard]] runtime::Task<void> stop() { return tasks_.stop_and_join(); }
    // Cleans the dirtiest log that is due. False: none is.
    [[nodiscard]] runtime::Task<bool> clean_one();
    void collect(runtime::MetricSink& sink) const override;

 private:
    // Logs that could not be cleaned: damaged, or a batch that cannot be read. Not tried again
    // until the replica is another one.
    struct Uncleanable {
        std::weak_ptr<Partition> partition;
        Error cause;
    };
    [[nodiscard]] runtime::Task<void> run();
    [[nodiscard]] runtime::Task<PartitionPtr> dirtiest();
    [[nodiscard]] runtime::Task<bool> pace(std::uint64_t bytes);
    void note_result(const CleaningResult& result);
    void note_failure(const PartitionPtr& partition, const Error& cause);

    runtime::World& world_;
    const CleanerConfig& config_;
    PartitionTable& partitions_;
    runtime::Log log_;
    std::map<TopicPartition, Uncleanable> uncleanable_;
    std::uint64_t cleanings_ = 0;
    std::uint64_t read_bytes_ = 0;
    std::uint64_t written_bytes_ = 0;
    std::uint64_t dropped_records_ = 0;
    double largest_ratio_ = 0;  // when it looked last
    WallTime last_run_;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker
