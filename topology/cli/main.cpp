// sealane: parse the command line, make the real World, run one command.

#include "common/runtime_asio/asio_world.hpp"
#include "common/telemetry/log_sink.hpp"
#include "topology/cli/command.hpp"
#include "topology/cli/help.hpp"
#include "topology/cli/output.hpp"
#include "topology/cli/parse.hpp"

#include <exception>
#include <string>
#include <vector>

namespace sealane::topology {
namespace {

int print_help(const std::vector<std::string>& words) {
    const std::string text = help_text(words);
    if (text.empty()) {
        print_error({ErrorCode::kBadConfig, "no such command; see: sealane help"});
        return static_cast<int>(ExitCode::kUsage);
    }
    print(text);
    return 0;
}

int run_command(const ParsedLine& line) {
    telemetry::LogOptions options;
    options.level =
        line.invocation.enabled("verbose") ? runtime::LogLevel::kInfo : runtime::LogLevel::kError;
    telemetry::SpdlogSink sink(std::move(options));
    asio_runtime::AsioWorld world(sink);
    return world.run([&](asio_runtime::StopSignal& stop) -> runtime::Task<int> {
        CommandContext context{world, line.invocation, [&stop] { return stop.requested(); }};
        const ExitCode code = co_await line.command->body(context);
        co_return static_cast<int>(stop.requested() ? ExitCode::kInterrupted : code);
    });
}

}  // namespace
}  // namespace sealane::topology

int main(int argc, char** argv) {
    using namespace sealane::topology;
    try {
        const std::vector<std::string> words(argv + 1, argv + argc);
        const auto line = parse_line(words);
        if (!line) {
            print_error(line.error());
            return static_cast<int>(ExitCode::kUsage);
        }
        if (line->command == nullptr) return print_help(line->help_words);
        return run_command(*line);
    } catch (const std::exception& failure) {
        print_error({sealane::ErrorCode::kUnknownServerError, failure.what()});
        return static_cast<int>(ExitCode::kFailed);
    }
}
