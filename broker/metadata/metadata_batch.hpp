#pragma once
// Metadata records as record batches, and back into an image. Deciders.

#include "broker/metadata/image.hpp"
#include "common/kafka/records/record_batch.hpp"

#include <vector>

namespace sealane::broker {

// One batch: what is decided together is committed together.
[[nodiscard]] Result<BufferSlice> metadata_batch(
    const std::vector<MetadataRecord>& records, WallTime now
);
// Batches of bounded size, for snapshots.
[[nodiscard]] Result<std::vector<BufferSlice>> metadata_batches(
    const std::vector<MetadataRecord>& records, WallTime now
);
// Control batches say nothing about the cluster and are passed over.
[[nodiscard]] Status apply_metadata_batch(Image& image, const kafka::RecordBatch& batch);

}  // namespace sealane::broker
