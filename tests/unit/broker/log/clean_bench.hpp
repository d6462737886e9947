#pragma once
// A compacted log under test: keyed records in, everything out again, and a model of what has to be
// there.

#include "broker/log/key_map.hpp"
#include "tests/unit/broker/log/log_bench.hpp"

#include <map>

namespace sealane::broker {

struct KeyedRecord {
    Offset offset;
    std::string key;
    std::optional<std::string> value;
    friend bool operator==(const KeyedRecord&, const KeyedRecord&) = default;
};

inline LogConfig compacted_log(std::uint32_t segment_bytes = 700) {
    LogConfig config;
    config.compacts = true;
    config.retention_deletes = false;
    config.min_cleanable_dirty_ratio = 0.01;
    config.segment_bytes = segment_bytes;
    config.index_interval_bytes = 150;
    config.file_delete_delay_ms = 0;
    config.delete_retention_ms = 1000;
    return config;
}

class CleanBench : public LogBench {
 public:
    using LogBench::LogBench;

    struct Entry {
        std::string key;
        std::optional<std::string> value;
    };
    // One batch; what it holds is noted in `produced`.
    Status produce(const std::vector<Entry>& entries, kafka::BatchOptions options = {}) {
        kafka::RecordBatchBuilder builder(options);
        for (const Entry& entry : entries) {
            SEALANE_ASSERT(builder.add(kafka::text_record(entry.key, entry.value, world.wall())));
        }
        auto batch = std::move(builder).build();
        SEALANE_ASSERT(batch.has_value());
        SEALANE_TRY(const auto done, append(BufferSlice::copy_of(batch->bytes().view())));
        Offset at = done.base_offset;
        for (const Entry& entry : entries) {
            produced.push_back({at, entry.key, entry.value});
            ++at;
        }
        return {};
    }
    Status produce(const std::string& key, std::optional<std::string> value) {
        return produce({{key, std::move(value)}});
    }
    // What the data directory does every five seconds.
    Status checkpoint() {
        SEALANE_CHECK(sync());
        SEALANE_TRY(point, world.run(log->prepare_checkpoint()));
        return world.run(log->note_checkpointed());
    }
    Result<CleaningResult> clean(std::size_t map_bytes = 1U << 20U) {
        return clean_below(log->end_offset(), map_bytes);
    }
    Result<CleaningResult> clean_below(Offset bound, std::size_t map_bytes = 1U << 20U) {
        CleaningOrder order{world.wall(), bound, map_bytes, {}};
        order.pace = [this](std::uint64_t) -> runtime::Task<bool> {
            co_await world.sleep(Duration::zero());
            co_return !stop;
        };
        return world.run(log->clean(std::move(order)));
    }
    // Rolls, checkpoints and cleans everything.
    Result<CleaningResult> clean_all() {
        SEALANE_CHECK(world.run(log->roll()));
        SEALANE_CHECK(checkpoint());
        return clean();
    }
    Result<std::vector<KeyedRecord>> everything(std::size_t max_bytes = 4096) {
        std::vector<KeyedRecord> records;
        Offset at = log->log_start_offset();
        while (at < log->end_offset()) {
            SEALANE_TRY(const auto got, read(at, max_bytes));
            if (got.records.empty()) return fail(ErrorCode::kCorrupt, "nothing at an offset");
            SEALANE_TRY(
                const auto batches,
                kafka::split_batches(got.records.joined(), kafka::Truncation::kIsError)
            );
            for (const auto& batch : batches) {
                SEALANE_CHECK(batch.view().check_crc());
                if (batch.view().is_control()) continue;
                SEALANE_TRY(const auto some, kafka::read_records(batch));
                for (const auto& record : some) {
                    if (record.offset < at) continue;
                    KeyedRecord& added = records.emplace_back();
                    added.offset = record.offset;
                    added.key = std::string(record.key->text());
                    if (record.value) added.value = std::string(record.value->text());
                }
            }
            if (got.next_offset <= at) return fail(ErrorCode::kCorrupt, "a read stands still");
            at = got.next_offset;
        }
        return records;
    }
    // What is there is what was produced, at its offsets; the latest record of every key is there,
    // or was a delete; from `untouched` on nothing is missing.
    void check(const std::string& where, Offset untouched) {
        const auto there = everything();
        ASSERT_TRUE(there) << where << ": " << there.error().to_string();
        std::map<Offset, KeyedRecord> produced_at;
        std::map<std::string, KeyedRecord> latest;
        for (const KeyedRecord& record : produced) {
            if (record.offset >= log->end_offset()) break;
            produced_at[record.offset] = record;
            latest[record.key] = record;
        }
        std::map<std::string, Offset> found;
        Offset before(-1);
        for (const KeyedRecord& record : *there) {
            EXPECT_GT(record.offset, before) << where;
            before = record.offset;
            EXPECT_EQ(produced_at[record.offset], record) << where;
            found[record.key] = record.offset;
        }
        for (const auto& [name, record] : latest) {
            if (record.offset < log->log_start_offset()) continue;
            if (!record.value && !found.contains(name)) continue;
            EXPECT_EQ(found[name], record.offset) << where << " key " << name;
        }
        for (const auto& [offset, record] : produced_at) {
            if (offset < std::max(untouched, log->log_start_offset())) continue;
            const bool has = std::ranges::find(*there, record) != there->end();
            EXPECT_TRUE(has) << where << " offset " << offset.value;
        }
    }

    std::vector<KeyedRecord> produced;
    bool stop = false;
    Offset point{0};  // the recovery point last written
};

}  // namespace sealane::broker
