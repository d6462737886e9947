#include "common/client/fetched_records.hpp"

#include "common/kafka/records/control_record.hpp"

#include <algorithm>
#include <set>

namespace sealane::client {
namespace {

using Aborted = std::vector<kafka::FetchResponse::AbortedTransaction>;

// Walks the aborted transactions along with the batches: which producers' transactional batches
// are to be dropped at the moment.
class AbortedProducers {
 public:
    explicit AbortedProducers(Aborted aborted) : aborted_(std::move(aborted)) {
        std::ranges::sort(aborted_, {}, &kafka::FetchResponse::AbortedTransaction::first_offset);
    }
    void reach(Offset offset) {
        while (next_ < aborted_.size() && aborted_[next_].first_offset <= offset)
            dropped_.insert(aborted_[next_++].producer_id);
    }
    [[nodiscard]] bool drops(const kafka::RecordBatchView& batch) const {
        return batch.is_transactional() && dropped_.contains(batch.producer_id());
    }
    void aborted(ProducerId producer) { dropped_.erase(producer); }

 private:
    Aborted aborted_;
    std::size_t next_ = 0;
    std::set<ProducerId> dropped_;
};

// An abort marker ends what its producer's aborted transaction covers.
Status take_control_batch(const kafka::RecordBatch& batch, AbortedProducers& aborted) {
    SEALANE_TRY(const auto records, kafka::read_records(batch));
    for (const kafka::Record& record : records) {
        SEALANE_TRY(const kafka::ControlType type, kafka::control_type_of(record));
        if (type == kafka::ControlType::kAbort) aborted.aborted(batch->producer_id());
    }
    return {};
}

}  // namespace

Result<std::vector<ConsumerRecord>> records_of(
    const FetchedPartition& fetched, Isolation isolation
) {
    const bool committed = isolation == Isolation::kReadCommitted;
    AbortedProducers aborted(committed ? fetched.aborted : Aborted{});
    std::vector<ConsumerRecord> all;
    for (const kafka::RecordBatch& batch : fetched.batches) {
        if (committed) aborted.reach(batch->last_offset());
        if (batch->is_control()) {
            SEALANE_CHECK(take_control_batch(batch, aborted));
            continue;
        }
        if (aborted.drops(batch.view())) continue;
        SEALANE_TRY(auto records, kafka::read_records(batch));
        for (kafka::Record& record : records) {
            if (record.offset < fetched.from) continue;
            all.push_back({fetched.partition, batch->leader_epoch(), std::move(record)});
        }
    }
    return all;
}

}  // namespace sealane::client
