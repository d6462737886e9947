// AssignReplicasToDirs (KIP-858): a broker says where its replicas are; the directory id LOST says
// that a replica's log is damaged or gone. All of one request are one decision, as far as they are
// good.

#include "broker/api/cluster/cluster_handlers.hpp"
#include "common/kafka/messages/brokers.hpp"

namespace sealane::broker {

using kafka::AssignReplicasToDirsRequest;
using kafka::AssignReplicasToDirsResponse;
using runtime::Task;

namespace {

Result<Records> decide(
    const Image& image,
    const ClusterPolicy& policy,
    const AssignReplicasToDirsRequest& request,
    AssignReplicasToDirsResponse& response
) {
    Records all;
    response = {};
    for (const auto& directory : request.directories) {
        auto& directory_answer = response.directories.emplace_back();
        directory_answer.id = directory.id;
        for (const auto& topic : directory.topics) {
            auto& topic_answer = directory_answer.topics.emplace_back();
            topic_answer.topic_id = topic.topic_id;
            for (const auto& partition : topic.partitions) {
                auto& answer = topic_answer.partitions.emplace_back();
                answer.partition_index = partition.partition_index;
                auto records = assign_directory(
                    image,
                    policy,
                    ReplicaDirectory{
                        .broker = request.broker_id,
                        .epoch = request.broker_epoch,
                        .topic = topic.topic_id,
                        .partition = partition.partition_index,
                        .directory = directory.id,
                    }
                );
                if (!records) {
                    answer.error_code = wire_code(records.error());
                    continue;
                }
                for (MetadataRecord& record : *records) all.push_back(std::move(record));
            }
        }
    }
    return all;
}

}  // namespace

void add_assign_replicas_to_dirs(ApiRegistry& registry, Services& services) {
    registry.add_cluster<AssignReplicasToDirsRequest>(
        {0, 0},
        [&services](
            RequestContext, AssignReplicasToDirsRequest request
        ) -> Task<Reply<AssignReplicasToDirsResponse>> {
            AssignReplicasToDirsResponse response;
            const Status done = co_await services.metadata.change([&services,
                                                                   &request,
                                                                   &response](const Image& image) {
                return decide(image, services.controller_duties.policy(image), request, response);
            });
            if (!done) {
                response = {};
                response.error_code = wire_code(done.error());
            }
            co_return response;
        }
    );
}

}  // namespace sealane::broker
