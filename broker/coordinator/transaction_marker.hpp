#pragma once
// The control batch that ends a transaction in one partition (KIP-98), as it is appended.

#include "broker/coordinator/shard_types.hpp"
#include "common/base/result.hpp"

namespace sealane::broker {

[[nodiscard]] Result<ShardAppend> encode_marker(const TransactionEnd& end, WallTime wall);

}  // namespace sealane::broker
