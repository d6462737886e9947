// Compaction of one log on a real disk: how fast it reads, and how long it holds the shard at a
// time.
//
//     clean_bench DIRECTORY MEGABYTES KEYS [lz4]      prints one line of JSON

#include "broker/log/file_cache.hpp"
#include "broker/log/partition_log.hpp"
#include "broker/log/tail_cache.hpp"
#include "common/kafka/records/record_batch_builder.hpp"
#include "common/runtime/task_group.hpp"
#include "common/runtime_asio/asio_world.hpp"
#include "common/runtime_asio/stderr_log_sink.hpp"
#include "tests/bench/load.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace sealane::broker {
namespace {

using runtime::Task;

constexpr std::size_t kValueBytes = 1024;
constexpr std::uint32_t kSegmentBytes = 64U << 20U;
constexpr Duration kTick = 200us;

struct Options {
    std::string directory;
    std::int64_t bytes = 0;  // of values
    std::uint64_t keys = 0;
    kafka::Codec codec = kafka::Codec::kNone;
};

// What the log's owner has beside it.
struct Bench {
    Bench(runtime::World& of, Options with)
        : world(of), options(std::move(with)), files(of.files(), 64) {}
    runtime::World& world;
    Options options;
    FileCache files;
    TailCache tail{1U << 20U, 1U << 16U};
    std::unique_ptr<PartitionLog> log;
};

Task<Status> open_log(Bench& bench) {
    LogOpening opening;
    opening.directory = bench.options.directory + "/clean-0";
    opening.topic_partition = {"clean", PartitionId(0)};
    opening.topic_id.bytes[15] = 9;
    opening.config.compacts = true;
    opening.config.retention_deletes = false;
    opening.config.segment_bytes = kSegmentBytes;
    opening.config.min_cleanable_dirty_ratio = 0.01;
    SEALANE_CO_TRY(
        bench.log,
        co_await PartitionLog::open({bench.world, bench.files, bench.tail}, std::move(opening))
    );
    co_return Status{};
}

Task<Status> fill(Bench& bench) {
    Rng rng(1);
    const std::int64_t records = bench.options.bytes / static_cast<std::int64_t>(kValueBytes);
    kafka::BatchOptions how;
    how.codec = bench.options.codec;
    how.size_limit = 64U << 10U;
    for (std::int64_t i = 0; i < records;) {
        kafka::RecordBatchBuilder builder(how);
        for (; i < records; ++i) {
            const std::string key = "key-" + std::to_string(rng.below(bench.options.keys));
            const BufferSlice value = bench::payload(kValueBytes, static_cast<std::uint64_t>(i));
            const auto record = kafka::text_record(key, value.text(), bench.world.wall());
            if (!builder.add(record)) break;
        }
        SEALANE_CO_TRY(const auto batch, std::move(builder).build());
        SEALANE_CO_CHECK(co_await bench.log->append(
            BufferSlice::copy_of(batch.bytes().view()), LeaderEpoch(1), AppendOrigin::kClient
        ));
    }
    // What the data directory does every five seconds: nothing above its checkpoint is cleaned.
    SEALANE_CO_CHECK(co_await bench.log->roll());
    SEALANE_CO_CHECK(co_await bench.log->sync());
    SEALANE_CO_CHECK(co_await bench.log->prepare_checkpoint());
    co_return co_await bench.log->note_checkpointed();
}

// Somebody else on the shard who wants a turn every now and then, and how long each took to come.
Task<void> want_turns(runtime::World& world, const bool& done, bench::Latencies& waits) {
    while (!done) {
        const Instant due = world.now() + kTick;
        co_await world.sleep_until(due);
        waits.add((world.now() - due).count());
    }
}

Task<Result<bench::Report>> clean(Bench& bench) {
    CleaningOrder order;
    order.now = bench.world.wall();
    order.bound = bench.log->end_offset();
    order.pace = [&bench](std::uint64_t) -> Task<bool> {
        co_await bench.world.sleep(Duration::zero());
        co_return true;
    };
    bool done = false;
    bench::Latencies waits;
    runtime::TaskGroup others(bench.world);
    others.spawn([&]() -> Task<void> { co_await want_turns(bench.world, done, waits); });
    const double cpu = bench::own_cpu_seconds();
    const Instant start = bench.world.now();
    auto result = co_await bench.log->clean(std::move(order));
    const double seconds = bench::seconds_of(bench.world.now() - start);
    const double used = bench::own_cpu_seconds() - cpu;
    done = true;
    co_await others.join();
    if (!result) co_return fail(result.error());
    const auto read = static_cast<double>(result->read_bytes);
    bench::Report report;
    report.add("read_bytes", read);
    report.add("written_bytes", static_cast<double>(result->written_bytes));
    report.add("dropped_records", static_cast<double>(result->dropped_records));
    report.add("seconds", seconds);
    report.add("mb_per_s", read / 1e6 / seconds);
    report.add("cpu_s_per_gb", used * 1e9 / read);
    waits.add_to(report, "turn_");
    co_return report;
}

Task<Result<bench::Report>> measure(Bench& bench) {
    SEALANE_CO_CHECK(co_await open_log(bench));
    SEALANE_CO_CHECK(co_await fill(bench));
    auto report = co_await clean(bench);
    SEALANE_CO_CHECK(co_await bench.log->close());
    co_return report;
}

}  // namespace
}  // namespace sealane::broker

int main(int argc, char** argv) {
    using namespace sealane;
    if (argc < 4) {
        std::fprintf(stderr, "clean_bench DIRECTORY MEGABYTES KEYS [lz4]\n");
        return 2;
    }
    broker::Options options;
    options.directory = argv[1];
    options.bytes = std::strtoll(argv[2], nullptr, 10) * 1'000'000;
    options.keys = std::max<std::uint64_t>(std::strtoull(argv[3], nullptr, 10), 1);
    if (argc > 4) options.codec = kafka::Codec::kLz4;
    asio_runtime::StderrLogSink sink(runtime::LogLevel::kError);
    asio_runtime::AsioWorld world(sink);
    return world.run([&](asio_runtime::StopSignal&) -> runtime::Task<int> {
        broker::Bench bench(world, options);
        const auto report = co_await broker::measure(bench);
        if (!report) {
            std::fprintf(stderr, "clean_bench: %s\n", report.error().to_string().c_str());
            co_return 1;
        }
        std::printf("%s\n", report->to_json().c_str());
        co_return 0;
    });
}
