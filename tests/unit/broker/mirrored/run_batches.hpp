#pragma once
// Batches as a source stores them, and the bytes that a target appends for them.

#include "broker/mirrored/append_bytes.hpp"
#include "common/kafka/records/batch_cursor.hpp"
#include "common/kafka/records/batch_patch.hpp"
#include "common/kafka/records/record_batch_builder.hpp"

#include <gtest/gtest.h>

namespace sealane::broker::testing {

inline kafka::MirrorOrigin origin_of(const std::string& cluster, std::int32_t partition = 0) {
    kafka::MirrorOrigin origin;
    origin.cluster_id = cluster;
    origin.topic_id.bytes[0] = static_cast<std::uint8_t>(cluster.size());
    origin.topic_name = "log";
    origin.partition_index = PartitionId(partition);
    return origin;
}

// One batch of `count` records at `base`, as from an idempotent producer.
inline kafka::RecordBatch source_batch(Offset base, std::int32_t count, LeaderEpoch epoch = {}) {
    kafka::BatchOptions options;
    options.base_offset = base;
    options.leader_epoch = epoch;
    options.producer_id = ProducerId(77);
    options.producer_epoch = ProducerEpoch(1);
    options.base_sequence = 0;
    kafka::RecordBatchBuilder builder(options);
    for (std::int32_t i = 0; i < count; ++i) {
        const std::string text = "record " + std::to_string(base.value + i);
        EXPECT_TRUE(builder.add(kafka::text_record(std::nullopt, text, WallTime{1000})));
    }
    auto batch = std::move(builder).build();
    EXPECT_TRUE(batch.has_value());
    return *batch;
}

inline BufferSlice joined(const std::vector<kafka::RecordBatch>& batches) {
    BufferChain chain;
    for (const auto& batch : batches) chain.append(batch.bytes());
    return chain.joined();
}

// A run of batches with the given record counts, beginning at `base`.
inline kafka::MirrorAppendRequest::Run run_of(
    Offset base, const std::vector<std::int32_t>& counts, LeaderEpoch epoch = {}
) {
    kafka::MirrorAppendRequest::Run run;
    run.expected_source_offset = base;
    run.source_base_offset = base;
    std::vector<kafka::RecordBatch> batches;
    for (const std::int32_t count : counts) {
        batches.push_back(source_batch(base, count, epoch));
        base = base + count;
    }
    run.records = joined(batches);
    return run;
}

inline BufferSlice append_bytes_of(
    const kafka::MirrorOrigin& origin, std::vector<kafka::MirrorAppendRequest::Run> runs
) {
    kafka::MirrorAppendRequest::Partition partition;
    partition.origin = origin;
    partition.runs = std::move(runs);
    const auto bytes = aggregate_bytes({"seoul->korea", partition, WallTime{5}, 1U << 20U});
    EXPECT_TRUE(bytes.has_value()) << bytes.error().to_string();
    return *bytes;
}

// `bytes` with offsets from `base` on, batch by batch: what the log makes of an append.
inline std::vector<kafka::RecordBatch> assigned(const BufferSlice& bytes, Offset base) {
    std::vector<kafka::RecordBatch> out;
    for (const auto& batch : *kafka::split_batches(bytes, kafka::Truncation::kIsError)) {
        MutableBuffer copy = kafka::mutable_copy(batch->bytes());
        kafka::assign_offsets(copy.view(), base, LeaderEpoch(3));
        out.push_back(*kafka::RecordBatch::parse(std::move(copy).freeze()));
        base = out.back()->next_offset();
    }
    return out;
}

}  // namespace sealane::broker::testing
