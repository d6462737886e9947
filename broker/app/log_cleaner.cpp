#include "broker/app/log_cleaner.hpp"

namespace sealane::broker {

using runtime::Task;

LogCleaner::LogCleaner(
    runtime::World& world, const CleanerConfig& config, PartitionTable& partitions
)
    : world_(world),
      config_(config),
      partitions_(partitions),
      log_(world.log("broker.cleaner")),
      tasks_(world) {}

void LogCleaner::start() {
    if (!config_.enable) return;
    tasks_.spawn([this] { return run(); });
}

Task<void> LogCleaner::run() {
    while (co_await tasks_.sleep(config_.backoff)) {
        bool more = true;
        while (more && !tasks_.stopping()) more = co_await clean_one();
    }
}

Task<PartitionPtr> LogCleaner::dirtiest() {
    std::vector<PartitionPtr> all;
    for (const auto& [id, partition] : partitions_.all()) {
        // Coordinators rewrite their own topics (broker/groups): they know what is live.
        if (!partition->config().cleanup_compact || is_internal_topic(id.topic)) continue;
        const auto failed = uncleanable_.find(id);
        if (failed != uncleanable_.end() && failed->second.partition.lock() == partition) continue;
        all.push_back(partition);
    }
    std::erase_if(uncleanable_, [](const auto& item) { return item.second.partition.expired(); });
    largest_ratio_ = 0;
    PartitionPtr found;
    double ratio = 0;
    for (const PartitionPtr& partition : all) {
        if (tasks_.stopping()) co_return nullptr;
        if (partition->closed() || partition->damage()) continue;
        const auto due =
            co_await partition->log().cleaning_due(world_.wall(), partition->high_watermark());
        if (!due || partition->closed()) continue;
        largest_ratio_ = std::max(largest_ratio_, due->dirty_ratio());
        if (!due->due || (found != nullptr && due->dirty_ratio() <= ratio)) continue;
        found = partition;
        ratio = due->dirty_ratio();
    }
    co_return found;
}

Task<bool> LogCleaner::clean_one() {
    const PartitionPtr partition = co_await dirtiest();
    last_run_ = world_.wall();
    if (partition == nullptr || partition->closed()) co_return false;
    CleaningOrder order;
    order.now = world_.wall();
    order.bound = partition->high_watermark();
    order.map_bytes = static_cast<std::size_t>(config_.dedupe_buffer_bytes);
    order.pace = [this](std::uint64_t bytes) { return pace(bytes); };
    const auto done = co_await partition->log().clean(std::move(order));
    if (!done) {
        note_failure(partition, done.error());
        co_return false;
    }
    note_result(*done);
    if (!done->finished) co_return false;  // somebody took records away: the next round sees
    log_.info(
        "compacted a log",
        {{"partition", partition->id().to_string()},
         {"read_bytes", done->read_bytes},
         {"written_bytes", done->written_bytes},
         {"dropped_records", done->dropped_records},
         {"segments_before", done->segments_before},
         {"segments_after", done->segments_after},
         {"first_dirty_offset", done->first_dirty}}
    );
    co_return true;
}

void LogCleaner::note_result(const CleaningResult& result) {
    if (result.finished) ++cleanings_;
    read_bytes_ += result.read_bytes;
    written_bytes_ += result.written_bytes;
    dropped_records_ += result.dropped_records;
}

void LogCleaner::note_failure(const PartitionPtr& partition, const Error& cause) {
    if (cause.is_stopped() || partition->closed()) return;
    const ErrorCode code = cause.code();
    const bool for_good = code == ErrorCode::kCorrupt || code == ErrorCode::kCorruptMessage ||
                          code == ErrorCode::kOutOfBounds || code == ErrorCode::kNotFound;
    log_.error(
        for_good ? "a log cannot be compacted" : "compaction failed and is tried again",
        {{"partition", partition->id().to_string()}, {"cause", cause}}
    );
    if (for_good) uncleanable_.insert_or_assign(partition->id(), Uncleanable{partition, cause});
    if (code == ErrorCode::kCorrupt) partition->note_damage(cause);
}

Task<bool> LogCleaner::pace(std::uint64_t bytes) {
    // At full speed others still get their turn.
    const double seconds =
        static_cast<double>(bytes) / static_cast<double>(config_.io_bytes_per_second);
    co_return co_await tasks_.sleep(Duration(static_cast<std::int64_t>(seconds * 1e9)));
}

void LogCleaner::collect(runtime::MetricSink& sink) const {
    const auto counter = [&sink](std::string_view name, std::string_view help, auto value) {
        sink.counter(name, help, static_cast<double>(value));
    };
    counter("sealane_cleaner_cleanings_total", "Logs compacted.", cleanings_);
    counter("sealane_cleaner_read_bytes_total", "Bytes that compaction read.", read_bytes_);
    counter(
        "sealane_cleaner_written_bytes_total", "Bytes that compaction wrote again.", written_bytes_
    );
    counter(
        "sealane_cleaner_dropped_records_total",
        "Records that compaction dropped.",
        dropped_records_
    );
    sink.gauge(
        "sealane_cleaner_max_dirty_ratio", "The dirtiest log, when last looked at.", largest_ratio_
    );
    sink.gauge(
        "sealane_cleaner_last_run_seconds",
        "When the cleaner last looked, Unix time.",
        static_cast<double>(last_run_.ms) / 1000
    );
    sink.gauge(
        "sealane_cleaner_uncleanable_partitions",
        "Logs that could not be compacted.",
        static_cast<double>(uncleanable_.size())
    );
}

}  // namespace sealane::broker
