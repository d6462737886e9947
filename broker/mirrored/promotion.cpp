// Promotion at the active controller: the target topics of a replica link become ordinary topics.
// Appends of the link are fenced (state promoting, decided before this); every partition's leader
// cuts its log to the last stable offset; one batch of metadata ends it (promotion_plan.hpp).

#include "broker/mirrored/mirror_services.hpp"
#include "broker/mirrored/promotion_plan.hpp"
#include "broker/peers/peers.hpp"

#include <algorithm>

namespace sealane::broker {
namespace {

using runtime::Task;
using Promoted = kafka::AlterMirrorLinkResponse::PromotedPartition;
using Request = kafka::MirrorPromoteRequest;
using Response = kafka::MirrorPromoteResponse;

constexpr Duration kLeaderPatience = 5s;
constexpr Duration kAnswerMargin = 1s;  // for the way there and back
constexpr Duration kFirstPause = 50ms;
constexpr Duration kLongestPause = 1s;

Request request_for(const LinkState& link, const std::vector<TopicPartition>& partitions) {
    Request request;
    request.link_name = link.name;
    request.link_epoch = link.epoch;
    request.timeout_ms = static_cast<std::int32_t>(kLeaderPatience / 1ms);
    for (const TopicPartition& id : partitions) {
        if (request.topics.empty() || request.topics.back().name != id.topic)
            request.topics.push_back({id.topic, {}});
        request.topics.back().partition_indexes.push_back(id.partition);
    }
    return request;
}

Result<std::vector<OpenedPartition>> opened_by(const Response& response) {
    if (response.error_code != ErrorCode::kNone)
        return fail(response.error_code, response.error_message.value_or(""));
    std::vector<OpenedPartition> opened;
    for (const Response::Topic& topic : response.topics) {
        for (const Response::Partition& partition : topic.partitions) {
            OpenedPartition one;
            one.id = {topic.name, partition.partition_index};
            if (partition.error_code != ErrorCode::kNone)
                return fail(
                    partition.error_code,
                    one.id.to_string() + ": " + partition.error_message.value_or("")
                );
            one.end = partition.end_offset;
            one.leader_epoch = partition.leader_epoch;
            one.partition_epoch = partition.partition_epoch;
            one.last_record_epoch = partition.last_record_epoch;
            one.next_producer_id = partition.next_producer_id;
            opened.push_back(std::move(one));
        }
    }
    return opened;
}

Task<Result<std::vector<OpenedPartition>>> ask_leader(
    MirrorServices& mirror, BrokerId leader, Request request
) {
    if (leader == mirror.broker.config.node_id)
        co_return opened_by(co_await mirror_promote(mirror, std::move(request)));
    const Instant deadline = mirror.broker.world.now() + kLeaderPatience + kAnswerMargin;
    SEALANE_CO_TRY(
        const Response response,
        co_await mirror.broker.peers.send(leader, PeerLane::kForward, std::move(request), deadline)
    );
    co_return opened_by(response);
}

Task<Result<std::vector<Promoted>>> promote_once(MirrorServices& mirror, std::string name) {
    MetadataStore& metadata = mirror.broker.metadata;
    const auto image = metadata.image();
    SEALANE_CO_TRY(const auto by_leader, partitions_to_open(*image, name));
    const LinkState link = *mirror.table().find(name);
    std::vector<OpenedPartition> opened;
    for (const auto& [leader, partitions] : by_leader) {
        SEALANE_CO_TRY(
            auto some, co_await ask_leader(mirror, leader, request_for(link, partitions))
        );
        for (OpenedPartition& one : some) opened.push_back(std::move(one));
    }
    SEALANE_CO_CHECK(co_await metadata.change([&](const Image& newest) {
        return end_promotion(newest, name, opened);
    }));
    std::vector<Promoted> promoted;
    for (const OpenedPartition& one : opened) {
        const auto topic = metadata.image()->topic(one.id.topic);
        const auto index = static_cast<std::size_t>(one.id.partition.value);
        if (topic == nullptr || index >= topic->partitions.size()) continue;
        const LeaderEpoch epoch = topic->partitions[index].leader_epoch;
        promoted.push_back({one.id.topic, one.id.partition, one.end, epoch});
    }
    co_return promoted;
}

bool is_promoting(MirrorServices& mirror, const std::string& name) {
    const LinkState* link = mirror.table().find(name);
    return link != nullptr && link->state == kafka::kLinkPromoting;
}

// Until it is promoted, or another node is the active controller: that one goes on with it.
Task<void> run_promotion(
    MirrorServices& mirror, std::string name, std::shared_ptr<Promotion> promotion
) {
    Services& broker = mirror.broker;
    runtime::Log log = broker.world.log("mirrored");
    Duration pause = kFirstPause;
    while (!broker.tasks.stopping() && is_promoting(mirror, name)) {
        auto promoted = Result<std::vector<Promoted>>(fail(ErrorCode::kNotController));
        if (broker.metadata.is_active()) promoted = co_await promote_once(mirror, name);
        if (promoted) {
            log.info("promoted", {{"link", name}, {"partitions", promoted->size()}});
            promotion->done = *std::move(promoted);
            break;
        }
        if (promoted.error().to_string() != promotion->trouble.to_string())
            log.info("promotion goes on", {{"link", name}, {"waits_for", promoted.error()}});
        promotion->trouble = promoted.error();
        if (!broker.metadata.is_active()) break;
        // What is missing comes with a change of the metadata, or from a leader in time.
        (void)co_await broker.metadata.changed().wait_until(broker.world.now() + pause);
        pause = std::min(pause * 2, kLongestPause);
    }
    promotion->running = false;
    promotion->changed.notify_all();
}

}  // namespace

std::shared_ptr<Promotion> begin_promotion(MirrorServices& mirror, std::string link) {
    std::shared_ptr<Promotion>& known = mirror.promotions[link];
    if (known != nullptr && known->running) return known;
    // What it led to is told again when the answer to the first try was lost.
    if (known != nullptr && known->done && !is_promoting(mirror, link)) return known;
    const auto promotion = std::make_shared<Promotion>(mirror.broker.world.waits());
    known = promotion;
    if (mirror.broker.tasks.stopping()) {
        promotion->running = false;
        promotion->trouble = Error::stopped();
        return promotion;
    }
    mirror.broker.tasks.spawn([&mirror, link, promotion] {
        return run_promotion(mirror, link, promotion);
    });
    return promotion;
}

void resume_promotions(MirrorServices& mirror) {
    if (!mirror.broker.metadata.is_active()) return;
    std::vector<std::string> names;
    for (const auto& [name, link] : mirror.table().links())
        if (link.state == kafka::kLinkPromoting) names.push_back(name);
    for (const std::string& name : names) (void)begin_promotion(mirror, name);
}

}  // namespace sealane::broker
