// sealane-broker: reads flags and the file, makes the real World, runs one Broker until it is asked
// to stop. Exit codes: 0 stopped as asked, 1 could not start, 2 wrong flags or configuration.

#include "broker/app/broker.hpp"
#include "broker/app/config_file.hpp"
#include "common/runtime_asio/asio_world.hpp"
#include "common/telemetry/admin_server.hpp"
#include "common/telemetry/log_sink.hpp"
#include "common/telemetry/metric_registry.hpp"

#include <gflags/gflags.h>

#include <cstdio>
#include <fstream>
#include <malloc.h>
#include <sstream>

DEFINE_string(config, "", "the broker's YAML file");
DEFINE_bool(check_config, false, "check the file and end");
DEFINE_bool(config_reference, false, "print every configuration key and end");
DEFINE_string(log_level, "info", "level, also by module: info,broker.log=debug");
DECLARE_bool(help);
DEFINE_bool(log_json, false, "log lines as JSON");

namespace {

using namespace sealane;
using runtime::Task;

constexpr int kStopped = 0;
constexpr int kFailed = 1;
constexpr int kWrongUse = 2;
constexpr const char* kVersion = "0.1.0";
// Blocks of large requests come and go: give them back to the system rarely.
constexpr int kKeepBytes = 256 * 1024 * 1024;

int complain(const Error& error, int code) {
    std::fprintf(stderr, "sealane-broker: %s\n", error.to_string().c_str());
    return code;
}

Result<broker::BrokerConfig> read_config() {
    if (FLAGS_config.empty()) {
        return fail(ErrorCode::kBadConfig, "--config=FILE is needed; --help shows all flags");
    }
    std::ifstream file(FLAGS_config, std::ios::binary);
    if (!file) {
        return fail(ErrorCode::kBadConfig, "cannot read " + FLAGS_config);
    }
    std::ostringstream text;
    text << file.rdbuf();
    return broker::parse_broker_config(text.str(), FLAGS_config);
}

std::string ready_line(const broker::Broker& broker, const broker::BrokerConfig& config) {
    std::string line = "ready";
    for (const auto& listener : config.listeners) {
        line += " listener=" + listener.name;
        line += " address=" + broker.endpoint(listener.name).to_string();
    }
    return line;
}

Task<int> serve(
    runtime::World& world, const broker::BrokerConfig& config, asio_runtime::StopSignal& stop
) {
    broker::Broker broker(world, config);
    telemetry::MetricRegistry metrics;
    const telemetry::ProcessMetrics process({"sealane-broker", kVersion, ""});
    metrics.add(process);
    metrics.add(broker.metrics());
    telemetry::AdminOptions options;
    if (config.admin_address) options.address = *config.admin_address;
    telemetry::AdminServer admin(world, metrics, options);
    admin.add_readiness_check("serving", [&broker]() -> Status {
        if (broker.serving()) return {};
        return fail(ErrorCode::kBusy, "not serving yet, or stopping");
    });
    std::string admin_at;
    Status started{};
    if (config.admin_address) {
        const auto bound = co_await admin.start();
        if (bound) admin_at = " admin=" + bound->to_string();
        if (!bound) started = fail(bound.error().in("admin.address"));
    }
    // A start may wait for the rest of the cluster for as long as it takes.
    stop.on_request([&broker] { broker.interrupt(); });
    if (started) started = co_await broker.start();
    stop.on_request(nullptr);
    int code = kStopped;
    if (started) {
        std::printf("%s%s\n", ready_line(broker, config).c_str(), admin_at.c_str());
        std::fflush(stdout);
        co_await stop.wait();
        world.log("broker").info("stopping");
    } else if (!stop.requested() || !started.error().is_stopped()) {
        code = complain(
            started.error(), started.error().code() == ErrorCode::kBadConfig ? kWrongUse : kFailed
        );
    }
    co_await broker.stop();
    co_await admin.stop();
    co_return code;
}

}  // namespace

int main(int argc, char** argv) {
    gflags::SetUsageMessage("one Kafka-compatible broker\n  sealane-broker --config=FILE");
    gflags::SetVersionString(kVersion);
    gflags::ParseCommandLineNonHelpFlags(&argc, &argv, true);
    if (FLAGS_help) {
        gflags::ShowUsageWithFlagsRestrict(argv[0], "broker/app/main");
        return kStopped;
    }
    gflags::HandleCommandLineHelpFlags();
    if (argc > 1) {
        const std::string unexpected = std::string("unexpected argument: ") + argv[1];
        return complain(Error(ErrorCode::kBadConfig, unexpected), kWrongUse);
    }
    if (FLAGS_config_reference) {
        std::fputs(broker::broker_config_reference().c_str(), stdout);
        return kStopped;
    }
    auto config = read_config();
    if (!config) return complain(config.error(), kWrongUse);
    telemetry::LogOptions log_options;
    if (auto levels = telemetry::parse_log_levels(FLAGS_log_level, log_options); !levels) {
        return complain(levels.error(), kWrongUse);
    }
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
