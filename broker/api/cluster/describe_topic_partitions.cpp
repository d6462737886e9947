// DescribeTopicPartitions (KIP-966): topics page by page, with eligible leader replicas, which
// Metadata does not tell.

#include "broker/api/cluster/cluster_handlers.hpp"
#include "broker/api/cluster_view.hpp"
#include "common/kafka/messages/metadata.hpp"

#include <algorithm>
#include <set>

namespace sealane::broker {

using kafka::DescribeTopicPartitionsRequest;
using kafka::DescribeTopicPartitionsResponse;
using runtime::Task;
using Topic = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponseTopic;
using Row = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponsePartition;

namespace {

constexpr std::size_t kMostPartitions = 2000;  // max.request.partition.size.limit

Row describe(const Image& image, const PartitionState& state, std::size_t index) {
    Row row;
    row.partition_index = PartitionId(static_cast<std::int32_t>(index));
    row.leader_id = is_alive(image, state.leader) ? state.leader : kNoBroker;
    if (row.leader_id == kNoBroker) row.error_code = ErrorCode::kLeaderNotAvailable;
    row.leader_epoch = state.leader_epoch;
    row.replica_nodes = state.replicas;
    row.isr_nodes = state.isr;
    row.eligible_leader_replicas = state.elr;
    row.last_known_elr = state.last_known_elr;
    for (const BrokerId replica : state.replicas) {
        if (!is_alive(image, replica)) row.offline_replicas.push_back(replica);
    }
    return row;
}

class Page {
 public:
    Page(const Image& image, const DescribeTopicPartitionsRequest& request)
        : image_(image),
          request_(request),
          room_(std::clamp<std::size_t>(
              static_cast<std::size_t>(std::max(request.response_partition_limit, 1)),
              1,
              kMostPartitions
          )) {}

    DescribeTopicPartitionsResponse fill() {
        std::set<std::string, std::less<>> names;
        for (const auto& topic : request_.topics) names.insert(topic.name);
        if (names.empty()) {
            for (const auto& [name, topic] : image_.topics()) names.insert(name);
        }
        for (const std::string& name : names) {
            if (request_.cursor && name < request_.cursor->topic_name) continue;
            if (!add(name)) break;
        }
        return std::move(response_);
    }

 private:
    // False: the page is full, and the cursor says where the next one begins.
    bool add(const std::string& name) {
        if (room_ == 0) {
            turn_page(name, 0);
            return false;
        }
        Topic& answer = response_.topics.emplace_back();
        answer.name = name;
        const Image::TopicPtr topic = image_.topic(name);
        if (topic == nullptr) {
            answer.error_code = check_topic_name(name) ? ErrorCode::kUnknownTopicOrPartition
                                                       : ErrorCode::kInvalidTopicException;
            return true;
        }
        answer.topic_id = topic->id;
        answer.is_internal = is_internal_topic(name);
        const bool resumed = request_.cursor && request_.cursor->topic_name == name;
        const auto first = static_cast<std::size_t>(
            resumed ? std::max(request_.cursor->partition_index.value, 0) : 0
        );
        for (std::size_t i = first; i < topic->partitions.size(); ++i) {
            if (room_ == 0) {
                turn_page(name, i);
                return false;
            }
            answer.partitions.push_back(describe(image_, topic->partitions[i], i));
            --room_;
        }
        return true;
    }
    void turn_page(const std::string& name, std::size_t partition) {
        DescribeTopicPartitionsResponse::Cursor cursor;
        cursor.topic_name = name;
        cursor.partition_index = PartitionId(static_cast<std::int32_t>(partition));
        response_.next_cursor = std::move(cursor);
    }

    const Image& image_;
    const DescribeTopicPartitionsRequest& request_;
    std::size_t room_;
    DescribeTopicPartitionsResponse response_;
};

}  // namespace

void add_describe_topic_partitions(ApiRegistry& registry, Services& services) {
    registry.add<DescribeTopicPartitionsRequest>(
        {0, 0},
        [&services](
            RequestContext, DescribeTopicPartitionsRequest request
        ) -> Task<Reply<DescribeTopicPartitionsResponse>> {
            const MetadataStore::ImagePtr image = services.metadata.image();
            co_return Page(*image, request).fill();
        }
    );
}

}  // namespace sealane::broker
