// OffsetFetch: one group (to v7) or several (v8), some partitions or all, topics by name or by id
// (v10). A partition without an offset is -1 without an error.

#include "broker/api/groups/group_handlers.hpp"
#include "broker/api/partition_lookup.hpp"
#include "common/kafka/messages/offsets.hpp"

#include <map>

namespace sealane::broker {
namespace {

using groups::CommittedOffset;
using kafka::OffsetFetchRequest;
using kafka::OffsetFetchResponse;
using runtime::Task;
using GroupAnswer = OffsetFetchResponse::OffsetFetchResponseGroup;
using TopicAnswer = OffsetFetchResponse::OffsetFetchResponseTopics;
using PartitionAnswer = OffsetFetchResponse::OffsetFetchResponsePartitions;

constexpr std::int16_t kTopLevelError = 2;
constexpr std::int16_t kSeveralGroups = 8;
constexpr std::int16_t kTopicIds = 10;

// One group's question, in the form that v8 brought.
struct Question {
    OffsetFetchRequest::OffsetFetchRequestGroup group;
    std::int16_t version = 0;
    bool require_stable = false;  // KIP-447: not while a transaction may change it
};

// Who does not say who it is (before v9, administrators) may read.
groups::OffsetReader reader_of(const Question& question) {
    return {question.group.member_id.value_or(""), question.group.member_epoch};
}

PartitionAnswer nothing(PartitionId partition, ErrorCode error = ErrorCode::kNone) {
    PartitionAnswer answer;
    answer.partition_index = partition;
    answer.committed_offset = kNoOffset;
    answer.committed_leader_epoch = kNoLeaderEpoch;
    answer.metadata = "";
    answer.error_code = error;
    return answer;
}

PartitionAnswer found(PartitionId partition, const CommittedOffset& value) {
    PartitionAnswer answer;
    answer.partition_index = partition;
    answer.committed_offset = value.offset;
    answer.committed_leader_epoch = value.leader_epoch;
    answer.metadata = value.metadata;
    return answer;
}

Task<Status> fetch_all(GroupServicesPtr services, Question question, GroupAnswer* answer) {
    SEALANE_CO_TRY(
        const auto all,
        co_await services->coordinator.fetch_all(question.group.group_id, reader_of(question))
    );
    const auto image = services->broker.metadata.image();
    for (const auto& each : all) {
        const std::string& name = each.partition.topic;
        const auto topic = image->topic(name);
        // A deleted topic has no id to answer with.
        if (question.version >= kTopicIds && topic == nullptr) continue;
        if (answer->topics.empty() || answer->topics.back().name != name) {
            TopicAnswer next;
            next.name = name;
            if (topic != nullptr) next.topic_id = topic->id;
            answer->topics.push_back(std::move(next));
        }
        const bool unstable = question.require_stable && each.pending;
        answer->topics.back().partitions.push_back(
            unstable ? nothing(each.partition.partition, ErrorCode::kUnstableOffsetCommit)
                     : found(each.partition.partition, each.value)
        );
    }
    co_return Status{};
}

Task<Status> fetch_some(GroupServicesPtr services, Question question, GroupAnswer* answer) {
    std::vector<TopicPartition> wanted;
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (const auto& topic : *question.group.topics) {
        TopicAnswer next;
        next.name = topic.name;
        next.topic_id = topic.topic_id;
        Result<Image::TopicPtr> by_id = nullptr;
        if (question.version >= kTopicIds)
            by_id = find_topic(services->broker, TopicName{"", topic.topic_id});
        for (const PartitionId partition : topic.partition_indexes) {
            const auto error = by_id ? ErrorCode::kNone : wire_code(by_id.error());
            next.partitions.push_back(nothing(partition, error));
            if (!by_id) continue;
            places.emplace_back(answer->topics.size(), next.partitions.size() - 1);
            wanted.push_back({*by_id != nullptr ? (*by_id)->name : topic.name, partition});
        }
        answer->topics.push_back(std::move(next));
    }
    SEALANE_CO_TRY(
        const auto offsets,
        co_await services->coordinator.fetch_stable(
            question.group.group_id, reader_of(question), std::move(wanted)
        )
    );
    for (std::size_t i = 0; i < offsets.size(); ++i) {
        PartitionAnswer& place = answer->topics[places[i].first].partitions[places[i].second];
        if (question.require_stable && offsets[i].pending) {
            place.error_code = ErrorCode::kUnstableOffsetCommit;
        } else if (offsets[i].committed) {
            place = found(place.partition_index, *offsets[i].committed);
        }
    }
    co_return Status{};
}

Task<GroupAnswer> fetch_group(GroupServicesPtr services, Question question) {
    GroupAnswer answer;
    answer.group_id = question.group.group_id;
    Status done;
    if (question.group.topics) {
        done = co_await fetch_some(services, question, &answer);
    } else {
        done = co_await fetch_all(services, question, &answer);
    }
    if (done) co_return answer;
    answer.error_code = wire_code(done.error());
    if (question.version >= kTopLevelError) {
        answer.topics.clear();
        co_return answer;
    }
    for (TopicAnswer& topic : answer.topics) {
        for (PartitionAnswer& partition : topic.partitions)
            partition.error_code = answer.error_code;
    }
    co_return answer;
}

Question single(OffsetFetchRequest wire, std::int16_t version) {
    Question question;
    question.version = version;
    question.require_stable = wire.require_stable;
    question.group.group_id = std::move(wire.group_id);
    if (!wire.topics) {
        question.group.topics.reset();
        return question;
    }
    question.group.topics.emplace();
    for (auto& topic : *wire.topics) {
        OffsetFetchRequest::OffsetFetchRequestTopics asked;
        asked.name = std::move(topic.name);
        asked.partition_indexes = std::move(topic.partition_indexes);
        question.group.topics->push_back(std::move(asked));
    }
    return question;
}

Task<Reply<OffsetFetchResponse>> offset_fetch(
    GroupServicesPtr services, std::int16_t version, OffsetFetchRequest wire
) {
    OffsetFetchResponse response;
    if (version >= kSeveralGroups) {
        for (auto& group : wire.groups) {
            Question question{std::move(group), version, wire.require_stable};
            response.groups.push_back(co_await fetch_group(services, std::move(question)));
        }
        co_return response;
    }
    GroupAnswer only = co_await fetch_group(services, single(std::move(wire), version));
    response.error_code = only.error_code;
    for (TopicAnswer& topic : only.topics) {
        auto& answer = response.topics.emplace_back();
        answer.name = std::move(topic.name);
        for (PartitionAnswer& from : topic.partitions) {
            auto& to = answer.partitions.emplace_back();
            to.partition_index = from.partition_index;
            to.committed_offset = from.committed_offset;
            to.committed_leader_epoch = from.committed_leader_epoch;
            to.metadata = std::move(from.metadata);
            to.error_code = from.error_code;
        }
    }
    co_return response;
}

}  // namespace

void add_offset_fetch(ApiRegistry& registry, GroupServicesPtr services) {
    registry.add<OffsetFetchRequest>(
        {1, 10},
        [services](
            RequestContext context, OffsetFetchRequest wire
        ) -> Task<Reply<OffsetFetchResponse>> {
            return offset_fetch(services, context.api_version, std::move(wire));
        }
    );
}

}  // namespace sealane::broker
