// sealane-mirror: reads flags and the file, makes the real World, runs the link halves of one
// security domain until it is asked to stop. Exit codes: 0 stopped as asked, 1 could not start, 2
// wrong flags or configuration.

#include "common/runtime_asio/asio_world.hpp"
#include "common/telemetry/admin_server.hpp"
#include "common/telemetry/log_sink.hpp"
#include "common/telemetry/metric_registry.hpp"
#include "mirror/app/config_file.hpp"
#include "mirror/app/mirror.hpp"

#include <gflags/gflags.h>

#include <cstdio>
#include <fstream>
#include <malloc.h>
#include <sstream>

DEFINE_string(config, "", "the mirror's YAML file");
DEFINE_bool(check_config, false, "check the file and end");
DEFINE_string(log_level, "info", "level, also by module: info,mirror.link=debug");
DEFINE_bool(log_json, false, "log lines as JSON");
DECLARE_bool(help);

namespace {

using namespace sealane;
using runtime::Task;

constexpr int kStopped = 0;
constexpr int kFailed = 1;
constexpr int kWrongUse = 2;
constexpr const char* kVersion = "0.1.0";
// Blocks of large fetches and frames come and go: give them back to the system rarely.
constexpr int kKeepBytes = 256 * 1024 * 1024;

int complain(const Error& error, int code) {
    std::fprintf(stderr, "sealane-mirror: %s\n", error.to_string().c_str());
    return code;
}

Result<mirror::MirrorConfig> read_config() {
    if (FLAGS_config.empty())
        return fail(ErrorCode::kBadConfig, "--config=FILE is needed; --help shows all flags");
    std::ifstream file(FLAGS_config, std::ios::binary);
    if (!file) return fail(ErrorCode::kBadConfig, "cannot read " + FLAGS_config);
    std::ostringstream text;
    text << file.rdbuf();
    return mirror::parse_config(text.str(), FLAGS_config);
}

void add_pages(telemetry::AdminServer& admin, const mirror::Mirror& mirror) {
    admin.handle("/status", [&mirror](const telemetry::HttpRequest&) {
        return telemetry::json_response(mirror::status_json(mirror.status()));
    });
    admin.handle("/links", [&mirror](const telemetry::HttpRequest&) {
        return telemetry::json_response(mirror::links_json(mirror.status().links));
    });
    admin.handle("/gaps", [&mirror](const telemetry::HttpRequest&) {
        return telemetry::json_response(mirror::gaps_json(mirror.gaps()));
    });
    admin.add_readiness_check("serving", [&mirror]() -> Status {
        if (mirror.serving()) return {};
        return fail(ErrorCode::kBusy, "not serving yet, or stopping");
    });
}

Task<int> serve(
    runtime::World& world, const mirror::MirrorConfig& config, asio_runtime::StopSignal& stop
) {
    mirror::Mirror mirror(world, config);
    telemetry::MetricRegistry metrics;
    const telemetry::ProcessMetrics process({"sealane-mirror", kVersion, ""});
    metrics.add(process);
    metrics.add(mirror.metrics());
    telemetry::AdminOptions options;
    if (config.admin_address) options.address = *config.admin_address;
    telemetry::AdminServer admin(world, metrics, options);
    add_pages(admin, mirror);
    std::string line = "ready domain=" + config.domain;
    Status started{};
    if (config.admin_address) {
        const auto bound = co_await admin.start();
        if (bound) line += " admin=" + bound->to_string();
        if (!bound) started = fail(bound.error().in("admin.address"));
    }
    if (started) started = co_await mirror.start();
    int code = kStopped;
    if (started) {
        std::printf("%s\n", line.c_str());
        std::fflush(stdout);
        co_await stop.wait();
        world.log("mirror").info("stopping");
    } else {
        code = complain(
            started.error(), started.error().code() == ErrorCode::kBadConfig ? kWrongUse : kFailed
        );
    }
    co_await mirror.stop();
    co_await admin.stop();
    co_return code;
}

}  // namespace

int main(int argc, char** argv) {
    gflags::SetUsageMessage("the link halves of one domain\n  sealane-mirror --config=FILE");
    gflags::SetVersionString(kVersion);
    gflags::ParseCommandLineNonHelpFlags(&argc, &argv, true);
    if (FLAGS_help) {
        gflags::ShowUsageWithFlagsRestrict(argv[0], "mirror/app/main");
        return kStopped;
    }
    gflags::HandleCommandLineHelpFlags();
    if (argc > 1) {
        const std::string unexpected = std::string("unexpected argument: ") + argv[1];
        return complain(Error(ErrorCode::kBadConfig, unexpected), kWrongUse);
    }
    const auto config = read_config();
    if (!config) return complain(config.error(), kWrongUse);
    telemetry::LogOptions log_options;
    if (auto levels = telemetry::parse_log_levels(FLAGS_log_level, log_options); !levels)
        return complain(levels.error(), kWrongUse);
    log_options.format = FLAGS_log_json ? telemetry::LogFormat::kJson : telemetry::LogFormat::kText;
    if (FLAGS_check_config) {
        std::printf("%s is good\n", FLAGS_config.c_str());
        return kStopped;
    }
    mallopt(M_MMAP_THRESHOLD, kKeepBytes);
    mallopt(M_TRIM_THRESHOLD, kKeepBytes);
    telemetry::SpdlogSink sink(log_options);
    asio_runtime::AsioWorld world(sink);
    return world.run([&world, &config](asio_runtime::StopSignal& stop) {
        return serve(world, *config, stop);
    });
}
