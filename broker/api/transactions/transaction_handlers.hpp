#pragma once
// The handlers of the transaction APIs; transaction_apis.cpp registers them. Each turns the wire's
// structs into the coordinator's and back; all decisions are in broker/transactions.

#include "broker/api/error_map.hpp"
#include "broker/api/producer_ids.hpp"
#include "broker/api/registry.hpp"
#include "broker/api/services.hpp"
#include "broker/transactions/transaction_coordinator.hpp"

#include <memory>

namespace sealane::broker {

// What these handlers work with; lives as long as the registry.
struct TransactionServices {
    TransactionServices(
        Services& all, std::unique_ptr<CoordinatorTopic> state_topic, ProducerIds::Allocate allocate
    );
    Services& broker;
    runtime::Log log;
    ProducerIds ids;
    std::unique_ptr<CoordinatorTopic> topic;
    transactions::TransactionCoordinator coordinator;
};
using TransactionServicesPtr = std::shared_ptr<TransactionServices>;

void add_init_producer_id(ApiRegistry& registry, TransactionServicesPtr services);
void add_partitions_to_txn(ApiRegistry& registry, TransactionServicesPtr services);
void add_offsets_to_txn(ApiRegistry& registry, TransactionServicesPtr services);
void add_end_txn(ApiRegistry& registry, TransactionServicesPtr services);
void add_write_txn_markers(ApiRegistry& registry, TransactionServicesPtr services);
void add_describe_transactions(ApiRegistry& registry, TransactionServicesPtr services);
void add_list_transactions(ApiRegistry& registry, TransactionServicesPtr services);
void add_describe_producers(ApiRegistry& registry, TransactionServicesPtr services);

// TransactionPorts::ask.
[[nodiscard]] runtime::Task<TransactionAnswer> ask_coordinator(
    TransactionServicesPtr services, TransactionQuestion question
);

}  // namespace sealane::broker
