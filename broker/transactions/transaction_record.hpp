#pragma once
// One record per transactional id in __transaction_state, in Kafka's format (key type 0
// TransactionLogKey, value TransactionLogValue version 1). A record without a value is a tombstone;
// the latest of a key wins.

#include "broker/transactions/transaction_types.hpp"
#include "common/base/result.hpp"

namespace sealane::broker::transactions {

struct EncodedTransaction {
    BufferSlice key;
    std::optional<BufferSlice> value;  // none: tombstone
};
[[nodiscard]] Result<EncodedTransaction> encode_record(const TransactionRecord& record);
// Both versions Kafka writes. Nothing: a record type that is not known here. kMalformed.
[[nodiscard]] Result<std::optional<TransactionRecord>> decode_record(
    const BufferSlice& key, const std::optional<BufferSlice>& value
);
// About how many bytes the record takes in the log.
[[nodiscard]] std::size_t stored_size(const TransactionRecord& record);

}  // namespace sealane::broker::transactions
