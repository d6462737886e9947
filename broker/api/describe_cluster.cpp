// DescribeCluster (KIP-700) and DescribeLogDirs (KIP-113, KIP-827).

#include "broker/api/cluster_view.hpp"
#include "broker/api/error_map.hpp"
#include "broker/api/handlers.hpp"
#include "broker/api/services.hpp"
#include "common/kafka/messages/cluster.hpp"

#include <set>

namespace sealane::broker {

using kafka::DescribeClusterRequest;
using kafka::DescribeClusterResponse;
using kafka::DescribeLogDirsRequest;
using kafka::DescribeLogDirsResponse;
using runtime::Task;

namespace {

constexpr std::int8_t kBrokers = 1;
constexpr std::int8_t kControllers = 2;
// create, alter, describe, cluster_action, describe_configs, alter_configs, idempotent_write.
constexpr std::int32_t kAllClusterOperations = 0b0001'1111'1010'0000;

DescribeClusterResponse describe_cluster(
    const Services& services, const RequestContext& context, const DescribeClusterRequest& request
) {
    DescribeClusterResponse response;
    response.endpoint_type = request.endpoint_type;
    if (request.endpoint_type != kBrokers) {
        response.error_code = request.endpoint_type == kControllers
                                  ? ErrorCode::kMismatchedEndpointType
                                  : ErrorCode::kUnsupportedEndpointType;
        return response;
    }
    response.cluster_id = services.cluster_id;
    if (request.include_cluster_authorized_operations) {
        response.cluster_authorized_operations = kAllClusterOperations;
    }
    const MetadataStore::ImagePtr image = services.metadata.image();
    response.controller_id =
        controller_for_clients(*image, services.active_controller(), services.config.node_id);
    for (const auto& [id, state] : image->brokers()) {
        const BrokerState::Listener* listener = listener_of(state, context.listener);
        if (listener == nullptr || (state.fenced && !request.include_fenced_brokers)) continue;
        auto& broker = response.brokers.emplace_back();
        broker.broker_id = id;
        broker.host = listener->host;
        broker.port = listener->port;
        broker.rack = state.rack;
        broker.is_fenced = state.fenced;
    }
    return response;
}

// The partitions asked for; empty: all.
std::set<TopicPartition> wanted_partitions(const DescribeLogDirsRequest& request) {
    std::set<TopicPartition> wanted;
    if (!request.topics) return wanted;
    for (const auto& topic : *request.topics) {
        for (const PartitionId partition : topic.partitions) {
            wanted.insert(TopicPartition{topic.topic, partition});
        }
    }
    return wanted;
}

Task<Reply<DescribeLogDirsResponse>> describe_log_dirs(
    Services& services, DescribeLogDirsRequest request
) {
    DescribeLogDirsResponse response;
    const std::string path = services.config.log_dir;
    const auto total = co_await services.world.files().total_bytes(path);
    const auto free = co_await services.world.files().free_bytes(path);
    auto& directory = response.results.emplace_back();
    directory.log_dir = path;
    if (total) directory.total_bytes = static_cast<std::int64_t>(*total);
    if (free) directory.usable_bytes = static_cast<std::int64_t>(*free);
    const std::set<TopicPartition> wanted = wanted_partitions(request);
    for (const auto& [id, partition] : services.partitions.all()) {
        if (request.topics && !wanted.contains(id)) continue;
        if (directory.topics.empty() || directory.topics.back().name != id.topic) {
            directory.topics.emplace_back().name = id.topic;
        }
        auto& row = directory.topics.back().partitions.emplace_back();
        row.partition_index = id.partition;
        row.partition_size = static_cast<std::int64_t>(partition->log().size_bytes());
    }
    co_return response;
}

}  // namespace

void add_describe_cluster(ApiRegistry& registry, Services& services) {
    registry.add<DescribeClusterRequest>(
        {0, 2},
        [&services](
            RequestContext context, DescribeClusterRequest request
        ) -> Task<Reply<DescribeClusterResponse>> {
            co_return describe_cluster(services, context, request);
        }
    );
}

void add_describe_log_dirs(ApiRegistry& registry, Services& services) {
    registry.add<DescribeLogDirsRequest>(
        {0, 5},
        [&services](RequestContext /*context*/, DescribeLogDirsRequest request) {
            return describe_log_dirs(services, std::move(request));
        }
    );
}

}  // namespace sealane::broker
