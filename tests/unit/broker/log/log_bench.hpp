#pragma once
// A log under test with its world: opens it, makes batches, reads everything back.

#include "broker/log/file_cache.hpp"
#include "broker/log/partition_log.hpp"
#include "broker/log/tail_cache.hpp"
#include "common/kafka/records/batch_cursor.hpp"
#include "common/kafka/records/record_batch_builder.hpp"
#include "common/kafka/records/record_reader.hpp"
#include "tests/unit/broker/log/fake_world.hpp"

namespace sealane::broker {

// A batch of `count` records whose values are `text` followed by their number.
inline BufferSlice make_batch(
    std::string_view text, int count = 1, std::int64_t at_ms = FakeWorld::kEpoch
) {
    kafka::RecordBatchBuilder builder({});
    for (int i = 0; i < count; ++i) {
        const std::string value = std::string(text) + "#" + std::to_string(i);
        SEALANE_ASSERT(builder.add(kafka::text_record("k", value, WallTime{at_ms + i})));
    }
    auto batch = std::move(builder).build();
    SEALANE_ASSERT(batch.has_value());
    return BufferSlice::copy_of(batch->bytes().view());
}

// Counts records, so that tests see that apply() is called once for each batch.
class CountingState : public LogState {
 public:
    [[nodiscard]] std::string_view suffix() const override { return "snapshot"; }
    void apply(const kafka::RecordBatchView& batch, AppendOrigin) override {
        EXPECT_LE(next, batch.base_offset());
        next = batch.next_offset();
        records += batch.record_count();
    }
    void clear() override {
        next = Offset(0);
        records = 0;
    }
    [[nodiscard]] BufferSlice snapshot(Offset) const override {
        return BufferSlice::copy_of(std::to_string(next.value) + " " + std::to_string(records));
    }
    [[nodiscard]] Status load(BufferSlice bytes) override {
        ++loads;
        const std::string text(bytes.text());
        const auto space = text.find(' ');
        if (space == std::string::npos) return fail(ErrorCode::kCorrupt, "no snapshot");
        next = Offset(std::stoll(text.substr(0, space)));
        records = std::stoll(text.substr(space + 1));
        return {};
    }
    Offset next{0};
    std::int64_t records = 0;
    int loads = 0;
};

struct StoredRecord {
    Offset offset;
    std::string value;
    friend bool operator==(const StoredRecord&, const StoredRecord&) = default;
};

class LogBench {
 public:
    explicit LogBench(LogConfig with = {}) : config(with) {}
    ~LogBench() { drop(); }

    // Opens as after a crash unless said otherwise.
    Status open(Offset recovery_point = Offset(0), bool clean = false) {
        drop();
        file_cache = std::make_unique<FileCache>(world.files(), 8);
        tail_cache = std::make_unique<TailCache>(1U << 20U, 1U << 16U);
        LogOpening opening;
        opening.directory = "/data/t-0";
        opening.topic_partition = {"t", PartitionId(0)};
        opening.topic_id.bytes[15] = 9;
        opening.config = config;
        opening.recovery_point = recovery_point;
        opening.clean_stop = clean;
        opening.states = {&state};
        auto opened =
            world.run(PartitionLog::open({world, *file_cache, *tail_cache}, std::move(opening)));
        if (!opened) return fail(opened.error());
        log = *std::move(opened);
        return {};
    }
    // The process is gone: nothing more happens.
    void drop() {
        world.drop_all();
        log.reset();
        tail_cache.reset();
        file_cache.reset();
    }
    Result<AppendOutcome> append(BufferSlice batch, LeaderEpoch epoch = LeaderEpoch(1)) {
        return world.run(log->append(std::move(batch), epoch, AppendOrigin::kClient));
    }
    Status sync() { return world.run(log->sync()); }
    Result<LogReadOutcome> read(Offset from, std::size_t max_bytes = 1U << 20U) {
        return world.run(log->read({from, max_bytes, log->end_offset()}));
    }
    // Everything from the log start on, through read().
    Result<std::vector<StoredRecord>> all(std::size_t max_bytes = 4096) {
        std::vector<StoredRecord> records;
        Offset at = log->log_start_offset();
        while (at < log->end_offset()) {
            SEALANE_TRY(const auto got, read(at, max_bytes));
            if (got.records.empty()) break;
            SEALANE_TRY(
                const auto batches,
                kafka::split_batches(got.records.joined(), kafka::Truncation::kIsError)
            );
            for (const auto& batch : batches) {
                SEALANE_CHECK(batch.view().check_crc());
                SEALANE_TRY(const auto read_records, kafka::read_records(batch));
                for (const auto& record : read_records) {
                    if (record.offset < at) continue;
                    records.push_back({record.offset, std::string(record.value->text())});
                }
            }
            at = got.next_offset;
        }
        return records;
    }
    [[nodiscard]] std::string path(std::string_view name) const {
        return "/data/t-0/" + std::string(name);
    }

    FakeWorld world;
    LogConfig config;
    CountingState state;
    std::unique_ptr<FileCache> file_cache;
    std::unique_ptr<TailCache> tail_cache;
    std::unique_ptr<PartitionLog> log;
};

}  // namespace sealane::broker
