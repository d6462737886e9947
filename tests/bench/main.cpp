// sealane-bench: one measurement against running brokers, printed as one line of JSON.
// tests/bench/run starts the brokers and calls it; by hand:
//
//     sealane-bench --bootstrap=127.0.0.1:9092 --topic=t create
//     sealane-bench --bootstrap=127.0.0.1:9092 --topic=t --acks=1 produce-batches

#include "common/runtime_asio/asio_world.hpp"
#include "common/runtime_asio/stderr_log_sink.hpp"
#include "tests/bench/connections.hpp"
#include "tests/bench/groups.hpp"
#include "tests/bench/load.hpp"

#include <gflags/gflags.h>

#include <cstdio>
#include <sstream>

DEFINE_string(bootstrap, "", "host:port,... of the brokers");
DEFINE_string(target_bootstrap, "", "end-to-end: the mirror's target");
DEFINE_string(tls_ca, "", "authority of the broker; with it TLS is used");
DEFINE_string(tls_cert, "", "this client's certificate");
DEFINE_string(tls_key, "", "and its key");
DEFINE_string(target_tls_ca, "", "the same for the target");
DEFINE_string(target_tls_cert, "", "");
DEFINE_string(target_tls_key, "", "");
DEFINE_string(topic, "bench", "topic");
DEFINE_int32(topics, 1, "create: how many");
DEFINE_int32(partitions, 1, "of the topic");
DEFINE_int32(replicas, -1, "create: of each partition; -1: the broker's default");
DEFINE_string(flush, "synced", "create: synced or os; empty: not said");
DEFINE_int32(acks, -1, "-1 (all), 1");
DEFINE_uint64(record_bytes, 1024, "bytes of a value");
DEFINE_uint64(batch_bytes, 65536, "bytes of a batch before compression");
DEFINE_uint64(request_batches, 1, "produce-batches: batches of one request");
DEFINE_uint64(in_flight, 8, "produce-batches: requests to each leader not yet answered");
DEFINE_bool(lz4, false, "compress batches with lz4");
DEFINE_int64(total_mb, 256, "produce: megabytes of values");
DEFINE_int32(rate, 1000, "latency: records a second");
DEFINE_double(seconds, 5, "latency: how long");
DEFINE_int64(records, 0, "await: how many");
DEFINE_double(patience, 300, "await: seconds");
DEFINE_string(sasl_user, "", "with it PLAIN is used, over TLS");
DEFINE_string(sasl_secret_file, "", "its password, mode 0600");
DEFINE_int32(connections, 1000, "hold-connections: how many");
DEFINE_int32(acls, 1000, "create-acls: entries about others");
DEFINE_int32(groups, 1000, "commit-offsets, fetch-offsets: how many");
DEFINE_int32(members, 100, "rebalance: of the group, and one more that comes and goes");
DEFINE_int32(rounds, 5, "rebalance: how often");
DEFINE_int32(heartbeat_ms, 3000, "rebalance: of each member; 0: as the broker says");

namespace {

using namespace sealane;
using runtime::Task;

bench::Load load_from_flags() {
    bench::Load load;
    load.topic = FLAGS_topic;
    load.topics = FLAGS_topics;
    load.partitions = FLAGS_partitions;
    load.replicas = static_cast<std::int16_t>(FLAGS_replicas);
    load.flush = FLAGS_flush;
    load.acks = static_cast<std::int16_t>(FLAGS_acks);
    load.record_bytes = FLAGS_record_bytes;
    load.batch_bytes = FLAGS_batch_bytes;
    load.request_batches = FLAGS_request_batches;
    load.in_flight = FLAGS_in_flight;
    load.codec = FLAGS_lz4 ? kafka::Codec::kLz4 : kafka::Codec::kNone;
    load.total_bytes = FLAGS_total_mb * 1'000'000;
    load.rate = FLAGS_rate;
    load.patience = Duration(static_cast<std::int64_t>(FLAGS_patience * 1e9));
    load.duration = Duration(static_cast<std::int64_t>(FLAGS_seconds * 1e9));
    return load;
}

bench::Groups groups_from_flags() {
    bench::Groups load;
    load.topic = FLAGS_topic;
    load.groups = FLAGS_groups;
    load.partitions = FLAGS_partitions;
    load.members = FLAGS_members;
    load.rounds = FLAGS_rounds;
    load.heartbeat = std::chrono::milliseconds(FLAGS_heartbeat_ms);
    return load;
}

Result<client::ClientOptions> access(
    const std::string& bootstrap,
    const std::string& ca,
    const std::string& cert,
    const std::string& key
) {
    client::ClientOptions options;
    options.client_id = "sealane-bench";
    std::istringstream list(bootstrap);
    for (std::string one; std::getline(list, one, ',');) {
        SEALANE_TRY(options.bootstrap.emplace_back(), runtime::Endpoint::parse(one));
    }
    if (!ca.empty()) {
        options.tls = runtime::TlsIdentity{
            .domain = "bench", .ca_file = ca, .certificate_file = cert, .key_file = key
        };
    }
    if (!FLAGS_sasl_user.empty()) {
        options.sasl = client::SaslOptions{
            .mechanism = client::SaslMechanism::kPlain,
            .user = FLAGS_sasl_user,
            .secret_file = FLAGS_sasl_secret_file
        };
    }
    return options;
}

void print(const bench::Report& report) {
    std::printf("%s\n", report.to_json().c_str());
    (void)std::fflush(stdout);
}

Task<Result<bench::Report>> measure(runtime::World& world, std::string what) {
    const bench::Load load = load_from_flags();
    SEALANE_CO_TRY(
        auto source, access(FLAGS_bootstrap, FLAGS_tls_ca, FLAGS_tls_cert, FLAGS_tls_key)
    );
    if (what == "delete") co_return co_await bench::delete_topic(world, source, load);
    if (what == "create-acls") {
        co_return co_await bench::create_acls(world, source, load, FLAGS_acls);
    }
    if (what == "create") co_return co_await bench::create_topics(world, source, load);
    if (what == "produce-batches") co_return co_await bench::produce_batches(world, source, load);
    if (what == "produce-records") co_return co_await bench::produce_records(world, source, load);
    if (what == "latency") co_return co_await bench::produce_latency(world, source, load);
    if (what == "consume-batches") co_return co_await bench::consume(world, source, load, false);
    if (what == "consume-records") co_return co_await bench::consume(world, source, load, true);
    if (what == "await") {
        co_return co_await bench::await_records(world, source, load, FLAGS_records);
    }
    if (what == "end-to-end") {
        SEALANE_CO_TRY(
            auto target,
            access(
                FLAGS_target_bootstrap,
                FLAGS_target_tls_ca,
                FLAGS_target_tls_cert,
                FLAGS_target_tls_key
            )
        );
        co_return co_await bench::end_to_end_latency(world, source, target, load);
    }
    const bench::Groups groups = groups_from_flags();
    if (what == "commit-offsets") co_return co_await bench::commit_offsets(world, source, groups);
    if (what == "fetch-offsets") co_return co_await bench::fetch_offsets(world, source, groups);
    if (what == "rebalance") co_return co_await bench::rebalance_classic(world, source, groups);
    if (what == "rebalance-consumer") {
        co_return co_await bench::rebalance_consumer(world, source, groups);
    }
    if (what == "hold-connections") {
        const bench::Crowd crowd{.connections = FLAGS_connections, .stay = load.duration};
        co_return co_await bench::hold_connections(world, source, crowd, print);
    }
    co_return fail(
        ErrorCode::kBadConfig,
        "'" + what +
            "' is none of create, create-acls, delete, produce-batches, produce-records, latency, "
            "consume-batches, consume-records, await, end-to-end, commit-offsets, fetch-offsets, "
            "rebalance, rebalance-consumer, hold-connections"
    );
}

}  // namespace

int main(int argc, char** argv) {
    gflags::SetUsageMessage("one measurement\n  sealane-bench --bootstrap=HOST:PORT [flags] WHAT");
    gflags::ParseCommandLineFlags(&argc, &argv, true);
    const std::string what = argc == 2 ? argv[1] : "";
    asio_runtime::StderrLogSink sink(runtime::LogLevel::kError);
    asio_runtime::AsioWorld world(sink);
    return world.run([&](asio_runtime::StopSignal&) -> Task<int> {
        const auto report = co_await measure(world, what);
        if (!report) {
            std::fprintf(stderr, "sealane-bench: %s\n", report.error().to_string().c_str());
            co_return 1;
        }
        print(*report);
        co_return 0;
    });
}
