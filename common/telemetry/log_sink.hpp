#pragma once
// SpdlogSink: the log sink of the daemons. One line an event, to stderr by default:
//   2026-01-31T12:00:00.123Z INFO broker.log segment rolled topic=t partition=0 size=1048576
// or, as JSON, {"at":"...","level":"info","module":"...","event":"...","topic":"t",...}.
// Levels are set by module prefix at run time. A call site (module and event) that writes more than
// its allowance in a second is silenced for the rest of that second, and the next line says how
// many were suppressed, so that a storm can neither fill a disk nor stall the shard.

#include "common/runtime/log.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace sealane::telemetry {

enum class LogFormat { kText, kJson };

struct LogOptions {
    runtime::LogLevel level = runtime::LogLevel::kInfo;
    // Longest matching prefix wins: {"broker.log", kDebug} also covers "broker.log.recovery".
    std::map<std::string, runtime::LogLevel, std::less<>> module_levels;
    LogFormat format = LogFormat::kText;
    // Lines per second of one (module, event); errors have ten times as many. 0: no limit.
    std::uint32_t lines_per_second = 50;
    // Where lines go; empty: stderr. Each call gets one line without its newline.
    std::function<void(std::string_view line)> write_line;
    // Nanoseconds since the Unix epoch; empty: the system's clock.
    std::function<std::int64_t()> wall_ns;
};

// "info" and the like to a level; kBadConfig names the choices.
[[nodiscard]] Result<runtime::LogLevel> parse_log_level(std::string_view text);
// "info,broker.log=debug": the general level and levels by module, into `options`.
[[nodiscard]] Status parse_log_levels(std::string_view text, LogOptions& options);

// One line for one event. Values with spaces, quotes, '=' or control characters are quoted and
// escaped, so that a line never breaks and never forges a field.
struct LogLine {
    std::int64_t wall_ns = 0;
    runtime::LogLevel level = runtime::LogLevel::kInfo;
    std::string_view module;
    std::string_view event;
    std::span<const runtime::LogField> fields;
    std::uint64_t suppressed = 0;  // written as a field of its own when not zero
};
[[nodiscard]] std::string format_log_line(const LogLine& line, LogFormat format);

class SpdlogSink final : public runtime::LogSink {
 public:
    explicit SpdlogSink(LogOptions options = {});
    ~SpdlogSink() override;

    void write(
        runtime::LogLevel level,
        std::string_view module,
        std::string_view event,
        std::span<const runtime::LogField> fields
    ) override;
    [[nodiscard]] bool enabled(runtime::LogLevel level, std::string_view module) const override;

    // An empty module sets the general level.
    void set_level(std::string_view module, runtime::LogLevel level);
    // All lines suppressed so far.
    [[nodiscard]] std::uint64_t suppressed_total() const { return suppressed_total_; }

 private:
    struct Allowance;
    struct Output;
    [[nodiscard]] Allowance& allowance_of(std::string_view module, std::string_view event);

    LogOptions options_;
    std::unique_ptr<Output> output_;
    std::map<std::string, Allowance, std::less<>> allowances_;
    std::uint64_t suppressed_total_ = 0;
};

}  // namespace sealane::telemetry
