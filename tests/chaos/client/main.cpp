// sealane-chaos-client: our own client under faults. tests/chaos/run starts it; SIGTERM ends it.
//
//     sealane-chaos-client --bootstrap=H:P,... --topic=t --partitions=6 --history=FILE --name=own
//     write

#include "common/runtime_asio/asio_world.hpp"
#include "common/runtime_asio/stderr_log_sink.hpp"
#include "tests/chaos/client/parts.hpp"

#include <gflags/gflags.h>

#include <cstdio>
#include <sstream>

DEFINE_string(bootstrap, "", "host:port,... of the brokers");
DEFINE_string(topic, "chaos", "topic");
DEFINE_int32(partitions, 1, "of the topic");
DEFINE_string(group, "", "join: the group");
DEFINE_string(name, "own", "the process in the history");
DEFINE_string(history, "", "file that the history is appended to");
DEFINE_int32(rate, 1000, "write: records a second");

namespace {

using namespace sealane;

Result<chaos::Options> options_from_flags() {
    chaos::Options options;
    std::istringstream list(FLAGS_bootstrap);
    for (std::string one; std::getline(list, one, ',');) {
        SEALANE_TRY(options.access.bootstrap.emplace_back(), runtime::Endpoint::parse(one));
    }
    options.access.client_id = FLAGS_name;
    // As short as the other clients have them: a broker that is cut off does not say so.
    options.access.connect_timeout = 1500ms;
    options.access.request_timeout = 2s;
    options.access.reconnect_backoff_longest = 500ms;
    options.access.retry_backoff_longest = 500ms;
    options.access.unknown_topic_grace = 60s;
    options.topic = FLAGS_topic;
    options.group = FLAGS_group;
    options.name = FLAGS_name;
    options.history = FLAGS_history;
    options.partitions = FLAGS_partitions;
    options.rate = FLAGS_rate;
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    gflags::SetUsageMessage("a client under faults\n  sealane-chaos-client FLAGS write|read|join");
    gflags::ParseCommandLineFlags(&argc, &argv, true);
    const std::string what = argc == 2 ? argv[1] : "";
    const auto options = options_from_flags();
    if (!options || (what != "write" && what != "read" && what != "join")) {
        std::fprintf(stderr, "sealane-chaos-client: write, read or join, and --bootstrap\n");
        return 64;
    }
    asio_runtime::StderrLogSink sink(runtime::LogLevel::kWarning);
    asio_runtime::AsioWorld world(sink);
    return world.run([&](chaos::Stop& stop) -> runtime::Task<int> {
        if (what == "write") return chaos::write(world, stop, *options);
        if (what == "read") return chaos::read(world, stop, *options);
        return chaos::join(world, stop, *options);
    });
}
