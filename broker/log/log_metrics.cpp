// The figures of a data directory's logs, summed: ten thousand partitions are not ten thousand
// series.

#include "broker/log/log_directory_inner.hpp"

namespace sealane::broker {

void LogDirectory::collect(runtime::MetricSink& sink) const {
    LogFigures sum;
    std::uint64_t bytes = 0;
    std::uint64_t segments = 0;
    std::uint64_t offline = inner_->failed.size();
    for (const auto& [partition, log] : inner_->logs) {
        const LogFigures& one = log->figures();
        sum.appends += one.appends;
        sum.appended_batches += one.appended_batches;
        sum.appended_bytes += one.appended_bytes;
        sum.reads += one.reads;
        sum.read_bytes += one.read_bytes;
        sum.tail_hits += one.tail_hits;
        sum.syncs += one.syncs;
        sum.rolls += one.rolls;
        sum.refused_no_space += one.refused_no_space;
        sum.corrupt_reads += one.corrupt_reads;
        sum.recovered_bytes += one.recovered_bytes;
        sum.cut_bytes += one.cut_bytes;
        bytes += log->size_bytes();
        segments += log->segment_count();
        if (log->offline_cause()) ++offline;
    }
    const auto counter = [&sink](
                             std::string_view name, std::string_view help, std::uint64_t value
                         ) { sink.counter(name, help, static_cast<double>(value)); };
    const auto gauge = [&sink](std::string_view name, std::string_view help, std::uint64_t value) {
        sink.gauge(name, help, static_cast<double>(value));
    };
    gauge("sealane_log_partitions", "Logs in the data directory.", inner_->logs.size());
    gauge("sealane_log_offline_partitions", "Logs that refuse appends.", offline);
    gauge("sealane_log_segments", "Segments of all logs.", segments);
    gauge("sealane_log_bytes", "Bytes in the segments of all logs.", bytes);
    gauge(
        "sealane_log_open_files", "Open segment and index files.", inner_->file_cache.open_files()
    );
    gauge(
        "sealane_log_tail_cache_bytes", "Appended bytes kept in memory.", inner_->tail_cache.bytes()
    );
    counter("sealane_log_appends_total", "Appends.", sum.appends);
    counter("sealane_log_appended_batches_total", "Batches appended.", sum.appended_batches);
    counter("sealane_log_appended_bytes_total", "Bytes appended.", sum.appended_bytes);
    counter("sealane_log_reads_total", "Reads.", sum.reads);
    counter("sealane_log_read_bytes_total", "Bytes read.", sum.read_bytes);
    counter("sealane_log_tail_reads_total", "Reads served from memory.", sum.tail_hits);
    counter("sealane_log_syncs_total", "Syncs of segments.", sum.syncs);
    counter("sealane_log_rolls_total", "Segments begun.", sum.rolls);
    counter("sealane_log_no_space_total", "Appends refused by a full disk.", sum.refused_no_space);
    counter("sealane_log_corrupt_reads_total", "Stored batches found damaged.", sum.corrupt_reads);
    counter("sealane_log_recovered_bytes_total", "Bytes checked at start.", sum.recovered_bytes);
    counter("sealane_log_cut_bytes_total", "Torn bytes cut at start.", sum.cut_bytes);
    counter(
        "sealane_log_checkpoint_failures_total",
        "Checkpoints not written.",
        inner_->checkpoint_failures
    );
}

}  // namespace sealane::broker
