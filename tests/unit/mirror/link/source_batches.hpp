#pragma once
// Batches of a source partition, made for tests.

#include "common/kafka/records/batch_cursor.hpp"
#include "common/kafka/records/batch_patch.hpp"
#include "common/kafka/records/mirror_run.hpp"
#include "common/kafka/records/record_batch_builder.hpp"

#include <gtest/gtest.h>

namespace sealane::mirror::testing {

inline kafka::RecordBatch data_batch(
    std::int64_t base, std::int32_t count, bool transactional = false
) {
    kafka::BatchOptions options;
    options.base_offset = Offset(base);
    options.leader_epoch = LeaderEpoch(0);
    options.transactional = transactional;
    if (transactional) {
        options.producer_id = ProducerId(1);
        options.producer_epoch = ProducerEpoch(0);
        options.base_sequence = 0;
    }
    kafka::RecordBatchBuilder builder(options);
    for (std::int32_t i = 0; i < count; ++i)
        EXPECT_TRUE(builder.add(
            kafka::text_record(std::nullopt, "r" + std::to_string(base + i), WallTime{1})
        ));
    return *std::move(builder).build();
}

inline kafka::RecordBatch moved_to(const kafka::RecordBatch& batch, std::int64_t base) {
    MutableBuffer copy = kafka::mutable_copy(batch->bytes());
    kafka::assign_offsets(copy.view(), Offset(base), LeaderEpoch(0));
    return *kafka::RecordBatch::parse(std::move(copy).freeze());
}

// The announcement of a run that `batches` make, as a source that is itself a target stores it.
inline kafka::RecordBatch announcement(
    std::int64_t base, const std::string& cluster, const std::vector<kafka::RecordBatch>& batches
) {
    kafka::MirrorRunRecord run;
    run.link_name = "x";
    run.origin.cluster_id = cluster;
    run.source_last_offset = Offset(100);
    for (const auto& batch : batches)
        run.batch_crcs.push_back(static_cast<std::int32_t>(batch->crc()));
    return moved_to(*kafka::build_run_batch(run, WallTime{1}), base);
}

inline BufferSlice bytes_of(const std::vector<kafka::RecordBatch>& batches) {
    BufferChain chain;
    for (const auto& batch : batches) chain.append(batch.bytes());
    return chain.joined();
}

}  // namespace sealane::mirror::testing
