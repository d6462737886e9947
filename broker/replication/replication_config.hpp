#pragma once
// What replication is told from outside: its settings, and the ports through which it asks the
// controller. Plain data.

#include "broker/metadata/image.hpp"
#include "common/kafka/messages/brokers.hpp"
#include "common/runtime/task.hpp"

#include <functional>
#include <string>

namespace sealane::broker {

struct ReplicationConfig {
    std::string directory;        // of the logs; where FullDisk tries whether there is room
    Duration lag_max = 5s;        // replica.lag.time.max.ms
    Duration fetch_wait = 500ms;  // replica.fetch.wait.max.ms
    std::int32_t fetch_max_bytes = 8 * 1024 * 1024;            // of one partition
    std::int32_t fetch_response_max_bytes = 32 * 1024 * 1024;  // of one answer
    std::int64_t throttle_bytes = 0;  // a second, of replicas that catch up; 0: no limit
    Duration scrub_interval = std::chrono::hours(7 * 24);  // of a whole pass; zero: never
    std::int64_t scrub_bytes = 4 * 1024 * 1024;            // a second, at most
};

struct ReplicationPorts {
    // To the active controller, wherever it is; one try or several, but it ends. The answer's own
    // errors are read here.
    std::function<runtime::Task<Result<kafka::AlterPartitionResponse>>(kafka::AlterPartitionRequest
    )>
        alter_partition;
    // The replica on this node has lost records (AssignReplicasToDirs, directory id LOST). Success:
    // the controller has it; the image will show another leader where there is one.
    std::function<runtime::Task<Status>(TopicPartition, Uuid topic)> report_lost;
    // The same replica begins anew in this node's directory (AssignReplicasToDirs with its id).
    std::function<runtime::Task<Status>(TopicPartition, Uuid topic)> report_found;
    // The room on the disk that is the metadata's, should it have been used. kNoSpace.
    std::function<runtime::Task<Status>()> keep_reserve;
    // Of this node's registration now; kNoBrokerEpoch before there is one.
    std::function<BrokerEpoch()> broker_epoch;
};

}  // namespace sealane::broker
