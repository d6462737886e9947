// Metadata: brokers, topics, leaders; creates topics on demand. Endpoints are those of the listener
// that the request came in on.

#include "common/kafka/messages/metadata.hpp"

#include "broker/api/cluster_view.hpp"
#include "broker/api/error_map.hpp"
#include "broker/api/handlers.hpp"
#include "broker/api/topic_creation.hpp"
#include "broker/peers/peers.hpp"

#include <algorithm>

namespace sealane::broker {

using kafka::MetadataRequest;
using kafka::MetadataResponse;
using runtime::Task;
using ResponseTopic = MetadataResponse::MetadataResponseTopic;
using ResponsePartition = MetadataResponse::MetadataResponsePartition;

namespace {

constexpr kafka::ApiKey kApi = kafka::ApiKey::kMetadata;
// describe, read, write, create, delete, alter and the rest: there are no ACLs yet.
constexpr std::int32_t kAllTopicOperations = 0b0000'1101'1111'1000;
constexpr std::int32_t kAllClusterOperations = 0b0001'1111'1011'0000;
constexpr std::int16_t kListenerNotFoundSince = 6;
// Clients that lose a leader ask at once who leads now, and some then not again for a second.
constexpr Duration kNewsPatience = 1s;

class MetadataAnswer {
 public:
    MetadataAnswer(
        Services& services, const RequestContext& context, const MetadataRequest& request
    )
        : services_(services), context_(context), request_(request) {}

    Task<MetadataResponse> make() {
        MetadataResponse response;
        add_cluster(response);
        const bool all =
            !request_.topics || (context_.api_version == 0 && request_.topics->empty());
        if (all) {
            const MetadataStore::ImagePtr image = services_.metadata.image();
            for (const auto& [name, topic] : image->topics()) {
                response.topics.push_back(describe_topic(*topic));
            }
            co_return response;
        }
        for (const auto& asked : *request_.topics) {
            response.topics.push_back(co_await answer(asked));
        }
        co_return response;
    }

 private:
    void add_cluster(MetadataResponse& response) const {
        response.cluster_id = services_.cluster_id;
        if (request_.include_cluster_authorized_operations) {
            response.cluster_authorized_operations = kAllClusterOperations;
        }
        const MetadataStore::ImagePtr image = services_.metadata.image();
        for (const auto& [id, state] : image->brokers()) {
            if (state.fenced) continue;
            const BrokerState::Listener* listener = listener_of(state, context_.listener);
            if (listener == nullptr) continue;
            MetadataResponse::MetadataResponseBroker broker;
            broker.node_id = id;
            broker.host = listener->host;
            broker.port = listener->port;
            broker.rack = state.rack;
            response.brokers.push_back(std::move(broker));
        }
        response.controller_id =
            controller_for_clients(*image, services_.active_controller(), services_.config.node_id);
    }

    ResponsePartition describe(
        const Image& image, const std::string& topic, const PartitionState& state, std::size_t index
    ) const {
        ResponsePartition partition;
        partition.partition_index = PartitionId(static_cast<std::int32_t>(index));
        partition.replica_nodes = state.replicas;
        partition.isr_nodes = state.isr;
        partition.leader_epoch = state.leader_epoch;
        partition.leader_id = kNoBroker;
        for (const BrokerId replica : state.replicas) {
            if (!is_alive(image, replica)) partition.offline_replicas.push_back(replica);
        }
        const TopicPartition id{topic, partition.partition_index};
        const bool opening = state.leader == services_.config.node_id &&
                             services_.partitions.find(id) == nullptr;  // or the disk is full
        if (state.leader == kNoBroker || !is_alive(image, state.leader) || opening) {
            partition.error_code = ErrorCode::kLeaderNotAvailable;
        } else if (listener_of(*image.broker(state.leader), context_.listener) == nullptr) {
            partition.error_code = context_.api_version >= kListenerNotFoundSince
                                       ? ErrorCode::kListenerNotFound
                                       : ErrorCode::kLeaderNotAvailable;
        } else {
            partition.leader_id = state.leader;
        }
        return partition;
    }

    ResponseTopic describe_topic(const TopicState& topic) const {
        ResponseTopic result;
        result.name = topic.name;
        result.topic_id = topic.id;
        result.is_internal = is_internal_topic(topic.name);
        if (request_.include_topic_authorized_operations) {
            result.topic_authorized_operations = kAllTopicOperations;
        }
        const MetadataStore::ImagePtr image = services_.metadata.image();
        for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
            result.partitions.push_back(describe(*image, topic.name, topic.partitions[i], i));
        }
        return result;
    }

    ResponseTopic failure(const MetadataRequest::MetadataRequestTopic& asked, ErrorCode code)
        const {
        ResponseTopic result;
        result.name = asked.name;
        if (!result.name && context_.api_version < 12) result.name = "";
        result.topic_id = asked.topic_id;
        result.is_internal = asked.name && is_internal_topic(*asked.name);
        result.error_code = wire_code(code, kApi, context_.api_version);
        return result;
    }

    Task<ResponseTopic> answer(const MetadataRequest::MetadataRequestTopic& asked) {
        // Java's consumer, when it asks for the topics of a server-side pattern, leaves the name
        // empty instead of null.
        const bool by_id =
            !asked.name.has_value() || (asked.name->empty() && !asked.topic_id.is_zero());
        // Ids may be asked for from version 12 on, and never together with a name.
        if (by_id ? context_.api_version < 12 : !asked.topic_id.is_zero()) {
            co_return failure(asked, ErrorCode::kInvalidRequest);
        }
        const MetadataStore::ImagePtr image = services_.metadata.image();
        const Image::TopicPtr topic =
            by_id ? image->topic(asked.topic_id) : image->topic(*asked.name);
        if (topic != nullptr) co_return describe_topic(*topic);
        if (by_id) co_return failure(asked, ErrorCode::kUnknownTopicId);
        if (const auto legal = check_topic_name(*asked.name); !legal) {
            co_return failure(asked, legal.error().code());
        }
        if (!request_.allow_auto_topic_creation || !services_.config.auto_create_topics) {
            co_return failure(asked, ErrorCode::kUnknownTopicOrPartition);
        }
        NewTopic created;
        created.name = *asked.name;
        created.partitions = -1;
        const Status done = co_await ensure_topic(services_, std::move(created));
        if (!done) co_return failure(asked, done.error().code());
        const Image::TopicPtr made = services_.metadata.image()->topic(*asked.name);
        if (made == nullptr) co_return failure(asked, ErrorCode::kLeaderNotAvailable);
        co_return describe_topic(*made);
    }

    Services& services_;
    const RequestContext& context_;
    const MetadataRequest& request_;
};

}  // namespace

void add_metadata(ApiRegistry& registry, Services& services) {
    registry.add<MetadataRequest>(
        {0, 13},
        [&services](
            RequestContext context, MetadataRequest request
        ) -> Task<Reply<MetadataResponse>> {
            co_await services.peers.wait_for_vanished(kNewsPatience, [&services](BrokerId broker) {
                return services.metadata.image()->is_active(broker);
            });
            MetadataAnswer answer(services, context, request);
            co_return co_await answer.make();
        }
    );
}

}  // namespace sealane::broker
