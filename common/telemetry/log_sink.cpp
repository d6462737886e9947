#include "common/telemetry/log_sink.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <chrono>

namespace sealane::telemetry {

namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::size_t kCallSitesMax = 4096;  // events are literals; this bounds a mistake

std::int64_t system_clock_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch()
    )
        .count();
}

bool is_prefix_of_module(std::string_view prefix, std::string_view module) {
    return module.starts_with(prefix) &&
           (module.size() == prefix.size() || module[prefix.size()] == '.');
}

}  // namespace

// How much a call site has written in its current second.
struct SpdlogSink::Allowance {
    std::int64_t second = 0;
    std::uint32_t written = 0;
    std::uint64_t suppressed = 0;
};

struct SpdlogSink::Output {
    // stderr is locked per line by spdlog and flushed at once: a line written is a line seen.
    spdlog::logger logger{"sealane", std::make_shared<spdlog::sinks::stderr_sink_st>()};
};

SpdlogSink::SpdlogSink(LogOptions options)
    : options_(std::move(options)), output_(std::make_unique<Output>()) {
    output_->logger.set_pattern("%v");
    output_->logger.set_level(spdlog::level::trace);
    output_->logger.flush_on(spdlog::level::trace);
    if (!options_.wall_ns) options_.wall_ns = system_clock_ns;
}

SpdlogSink::~SpdlogSink() = default;

SpdlogSink::Allowance& SpdlogSink::allowance_of(std::string_view module, std::string_view event) {
    std::string site;
    site.reserve(module.size() + 1 + event.size());
    site.append(module).append("\n").append(event);
    const auto found = allowances_.find(site);
    if (found != allowances_.end()) return found->second;
    if (allowances_.size() >= kCallSitesMax) site = "\n";  // all further ones share one allowance
    return allowances_[site];
}

void SpdlogSink::write(
    runtime::LogLevel level,
    std::string_view module,
    std::string_view event,
    std::span<const runtime::LogField> fields
) {
    const std::int64_t now = options_.wall_ns();
    Allowance& allowance = allowance_of(module, event);
    const std::int64_t second = now / kSecondNs;
    if (allowance.second != second) {
        allowance.second = second;
        allowance.written = 0;
    }
    const std::uint32_t factor = level == runtime::LogLevel::kError ? 10 : 1;
    if (options_.lines_per_second > 0 && allowance.written >= options_.lines_per_second * factor) {
        ++allowance.suppressed;
        ++suppressed_total_;
        return;
    }
    ++allowance.written;
    const std::uint64_t suppressed = std::exchange(allowance.suppressed, 0);
    const std::string line =
        format_log_line({now, level, module, event, fields, suppressed}, options_.format);
    if (options_.write_line) {
        options_.write_line(line);
    } else {
        output_->logger.log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
    }
}

bool SpdlogSink::enabled(runtime::LogLevel level, std::string_view module) const {
    const runtime::LogLevel* least = &options_.level;
    std::size_t longest = 0;
    for (const auto& [prefix, module_level] : options_.module_levels) {
        if (prefix.size() < longest || !is_prefix_of_module(prefix, module)) continue;
        longest = prefix.size();
        least = &module_level;
    }
    return level >= *least;
}

void SpdlogSink::set_level(std::string_view module, runtime::LogLevel level) {
    if (module.empty()) {
        options_.level = level;
    } else {
        options_.module_levels.insert_or_assign(std::string(module), level);
    }
}

}  // namespace sealane::telemetry
