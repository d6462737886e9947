// What is durable, of all logs in one small file, a few times a second. Recovery begins at the
// recovery points, which cost syncs of indexes and are seconds old; but where it may cut, and where
// bytes that are missing are a loss, this file says nearly to the last record.

#include "broker/log/log_directory_inner.hpp"

namespace sealane::broker {

using runtime::Task;

namespace {
constexpr std::string_view kDurableOffsetsFile = "durable-offset-checkpoint";
}  // namespace

// Without it the recovery points still hold.
Task<Status> LogDirectory::Inner::read_promises() {
    return read_offsets(kDurableOffsetsFile, promises);
}

Task<Status> LogDirectory::Inner::write_promises() {
    const auto turn = co_await promise_turns.take();
    OffsetCheckpoint next;
    for (const auto& [partition, partition_log] : logs) {
        next.emplace(partition, partition_log->durable_offset());
    }
    // They are not open, and what was promised of them stays promised.
    for (const auto& [partition, cause] : failed) {
        const auto known = promises.find(partition);
        if (known != promises.end()) next.insert(*known);
    }
    co_return co_await write_offsets(kDurableOffsetsFile, std::move(next), promises);
}

Task<void> LogDirectory::Inner::keep_promising() {
    std::uint64_t seen = 0;
    while (co_await tasks.sleep(config.promise_interval)) {
        // Ten thousand idle logs cost a walk, not a file.
        std::uint64_t now = 0;
        for (const auto& [partition, partition_log] : logs) {
            now = now * 31 + static_cast<std::uint64_t>(partition_log->durable_offset().value);
        }
        if (now == seen) continue;
        // A full disk: what was promised before stays true.
        if (const auto written = co_await write_promises(); written) seen = now;
    }
}

}  // namespace sealane::broker
