// The private APIs that only read: positions, links, translation, runs, digests.

#include "broker/mirrored/mirror_services.hpp"

#include <algorithm>

namespace sealane::broker {
namespace {

using runtime::Task;

constexpr std::size_t kMostRuns = 10'000;

const OriginMap* map_of(Partition& partition) {
    const auto* index = partition.state<OriginIndex>();
    return index == nullptr ? nullptr : &index->map();
}

kafka::MirrorPositionsResponse::Partition position_of(
    MirrorServices& mirror, const std::string& topic, PartitionId index
) {
    kafka::MirrorPositionsResponse::Partition answer;
    answer.partition_index = index;
    const auto led = mirror.led(topic, index);
    if (!led) {
        answer.error_code = led.error().code();
        return answer;
    }
    const PartitionPtr& partition = *led;
    answer.log_start_offset = partition->log_start();
    answer.log_end_offset = partition->log_end();
    answer.high_watermark = partition->high_watermark();
    // Of the last record; this broker's own newer epochs mean nothing to the source.
    if (partition->log_end() > Offset(0))
        answer.last_leader_epoch = partition->log().epochs().epoch_at(partition->log_end() - 1);
    const OriginMap* map = map_of(*partition);
    if (map == nullptr) return answer;
    for (const auto& [origin, position] : map->positions()) {
        kafka::MirrorPositionsResponse::OriginPosition one;
        one.origin = origin;
        one.next_source_offset = position.next;
        one.last_source_epoch = position.last_epoch;
        answer.origins.push_back(std::move(one));
    }
    return answer;
}

}  // namespace

Task<Reply<kafka::MirrorPositionsResponse>> mirror_positions(
    MirrorServices& mirror, kafka::MirrorPositionsRequest request
) {
    kafka::MirrorPositionsResponse response;
    response.cluster_id = mirror.broker.cluster_id;
    const LinkState* link = mirror.table().find(request.link_name);
    if (link == nullptr) {
        response.error_code = ErrorCode::kResourceNotFound;
        response.error_message = "no link of this name";
        co_return response;
    }
    response.link_state = link->state;
    response.link_epoch = link->epoch;
    for (const auto& topic : request.topics) {
        kafka::MirrorPositionsResponse::Topic answer;
        answer.name = topic.name;
        for (const PartitionId index : topic.partition_indexes)
            answer.partitions.push_back(position_of(mirror, topic.name, index));
        response.topics.push_back(std::move(answer));
    }
    co_return response;
}

Task<Reply<kafka::MirrorLinksResponse>> mirror_links(
    MirrorServices& mirror, kafka::MirrorLinksRequest request
) {
    kafka::MirrorLinksResponse response;
    response.cluster_id = mirror.broker.cluster_id;
    for (const auto& [name, link] : mirror.table().links()) {
        if (request.link_name && *request.link_name != name) continue;
        kafka::MirrorLinksResponse::Link answer;
        answer.name = name;
        answer.kind = link.kind;
        answer.state = link.state;
        answer.epoch = link.epoch;
        answer.source_cluster_id = link.source_cluster_id;
        answer.topics = link.topics;
        response.links.push_back(std::move(answer));
    }
    co_return response;
}

Task<Reply<kafka::MirrorTranslateResponse>> mirror_translate(
    MirrorServices& mirror, kafka::MirrorTranslateRequest request
) {
    kafka::MirrorTranslateResponse response;
    const auto led = mirror.led(request.topic_name, request.partition_index);
    const OriginMap* map = led ? map_of(**led) : nullptr;
    if (map == nullptr) {
        response.error_code = led ? ErrorCode::kUnknownTopicOrPartition : led.error().code();
        co_return response;
    }
    response.high_watermark = (*led)->high_watermark();
    for (const auto& query : request.to_target) {
        kafka::MirrorTranslateResponse::ToTarget answer;
        for (const Offset source : query.source_offsets)
            answer.target_offsets.push_back(map->to_target(query.origin, source).value_or(kNoOffset)
            );
        response.to_target.push_back(std::move(answer));
    }
    for (const Offset target : request.to_source) {
        kafka::MirrorTranslateResponse::ToSource answer;
        if (const auto source = map->to_source(target)) {
            answer.origin = source->origin;
            answer.source_offset = source->offset;
        }
        response.to_source.push_back(std::move(answer));
    }
    co_return response;
}

Task<Reply<kafka::MirrorRunsResponse>> mirror_runs(
    MirrorServices& mirror, kafka::MirrorRunsRequest request
) {
    kafka::MirrorRunsResponse response;
    const auto led = mirror.led(request.topic_name, request.partition_index);
    const OriginMap* map = led ? map_of(**led) : nullptr;
    if (map == nullptr) {
        response.error_code = led ? ErrorCode::kUnknownTopicOrPartition : led.error().code();
        co_return response;
    }
    const auto asked = static_cast<std::size_t>(std::max(0, request.max_runs));
    const auto* origin = request.origin ? &*request.origin : nullptr;
    for (const auto& found :
         map->runs_from(origin, request.from_offset, std::min(asked, kMostRuns))) {
        auto known = std::ranges::find(response.origins, found.origin);
        if (known == response.origins.end()) known = response.origins.insert(known, found.origin);
        kafka::MirrorRunsResponse::Run run;
        run.origin_index = static_cast<std::int32_t>(known - response.origins.begin());
        run.source_base_offset = found.run.source_base;
        run.source_end_offset = found.run.source_end();
        run.target_base_offset = found.run.target_base;
        run.hole_reason = found.run.hole_reason;
        run.hole_base_offset = found.run.hole_base;
        response.runs.push_back(run);
    }
    co_return response;
}

Task<Reply<kafka::PartitionDigestResponse>> partition_digest(
    MirrorServices& mirror, kafka::PartitionDigestRequest request
) {
    kafka::PartitionDigestResponse response;
    const auto led = mirror.led(request.topic_name, request.partition_index);
    if (!led) {
        response.error_code = led.error().code();
        response.error_message = led.error().detail();
        co_return response;
    }
    const PartitionPtr& partition = *led;
    response.log_start_offset = partition->log_start();
    response.high_watermark = partition->high_watermark();
    const Offset end = std::min(request.end_offset, partition->high_watermark());
    const auto digest = co_await partition->log().digest_of_range(request.start_offset, end);
    if (!digest) {
        const ErrorCode code = digest.error().code();
        response.error_code = is_wire_code(code) ? code : ErrorCode::kKafkaStorageError;
        response.error_message = digest.error().detail();
        co_return response;
    }
    // Looked up after the digest: it is raised before anything is rewritten.
    response.rewritten_to = partition->log().rewritten_end();
    response.digest = BufferSlice::copy_of(std::as_bytes(std::span(digest->hash)));
    response.first_offset = digest->first_offset;
    response.next_offset = digest->next_offset;
    response.batch_count = static_cast<std::int64_t>(digest->batches);
    response.byte_count = static_cast<std::int64_t>(digest->bytes);
    co_return response;
}

}  // namespace sealane::broker
