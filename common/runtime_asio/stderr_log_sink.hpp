#pragma once
// The plainest LogSink: one line an event on standard error. For tools and tests; daemons use
// common/telemetry.

#include "common/runtime/log.hpp"

namespace sealane::asio_runtime {

class StderrLogSink final : public runtime::LogSink {
 public:
    explicit StderrLogSink(runtime::LogLevel least = runtime::LogLevel::kInfo) : least_(least) {}
    void write(
        runtime::LogLevel level,
        std::string_view module,
        std::string_view event,
        std::span<const runtime::LogField> fields
    ) override;
    [[nodiscard]] bool enabled(runtime::LogLevel level, std::string_view) const override {
        return level >= least_;
    }

 private:
    runtime::LogLevel least_;
};

}  // namespace sealane::asio_runtime
