#include "common/runtime_asio/stderr_log_sink.hpp"

#include <cstdio>
#include <string>

namespace sealane::asio_runtime {
namespace {

std::string_view name_of(runtime::LogLevel level) {
    switch (level) {
        case runtime::LogLevel::kDebug:
            return "debug";
        case runtime::LogLevel::kInfo:
            return "info";
        case runtime::LogLevel::kWarning:
            return "warning";
        case runtime::LogLevel::kError:
            return "error";
    }
    return "unknown";
}

}  // namespace

void StderrLogSink::write(
    runtime::LogLevel level,
    std::string_view module,
    std::string_view event,
    std::span<const runtime::LogField> fields
) {
    std::string line(name_of(level));
    line.append(" ").append(module).append(": ").append(event);
    for (const runtime::LogField& field : fields) {
        line.append(" ").append(field.key).append("=").append(field.value);
    }
    line.push_back('\n');
    (void)std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace sealane::asio_runtime
