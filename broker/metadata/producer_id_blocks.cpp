#include "broker/metadata/producer_id_blocks.hpp"

namespace sealane::broker {

ProducerIdsDecision allocate_producer_ids(
    const Image& image, const kafka::AllocateProducerIdsRequest& request
) {
    ProducerIdsDecision decision;
    const BrokerState* broker = image.broker(request.broker_id);
    if (broker == nullptr) {
        decision.response.error_code = ErrorCode::kBrokerIdNotRegistered;
        return decision;
    }
    if (broker->epoch != request.broker_epoch) {
        decision.response.error_code = ErrorCode::kStaleBrokerEpoch;
        return decision;
    }
    const std::int64_t first = image.next_producer_id();
    if (first > INT64_MAX - kProducerIdBlock) {
        decision.response.error_code = ErrorCode::kUnknownServerError;
        return decision;
    }
    kafka::ProducerIdsRecord record;
    record.broker_id = request.broker_id;
    record.broker_epoch = request.broker_epoch;
    record.next_producer_id = ProducerId(first + kProducerIdBlock);
    decision.records.emplace_back(record);
    decision.response.producer_id_start = ProducerId(first);
    decision.response.producer_id_len = kProducerIdBlock;
    return decision;
}

Records reserve_producer_ids(const Image& image, std::int64_t first) {
    if (image.next_producer_id() >= first) return {};
    kafka::ProducerIdsRecord record;
    record.broker_id = kNoBroker;
    record.next_producer_id = ProducerId(first);
    return {record};
}

}  // namespace sealane::broker
