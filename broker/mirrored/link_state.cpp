#include "broker/mirrored/link_state.hpp"

#include "common/kafka/codec/instantiate.hpp"

#include <algorithm>

template struct sealane::kafka::MessageCodec<sealane::broker::LinkState>;

namespace sealane::broker {
namespace {

constexpr std::int16_t kVersion = 0;

using Request = kafka::AlterMirrorLinkRequest;
using Response = kafka::AlterMirrorLinkResponse;

Result<MetadataRecord> record_of(const LinkState& link) {
    SEALANE_TRY(BufferSlice value, kafka::encode(link, kVersion));
    return ExtensionRecord{std::string(kLinkFamily), link.name, std::move(value)};
}

LinkDecision refuse(ErrorCode code, std::string why, const LinkState* link) {
    LinkDecision decision;
    decision.answer.error_code = code;
    decision.answer.error_message = std::move(why);
    if (link != nullptr) {
        decision.answer.link_state = link->state;
        decision.answer.link_epoch = link->epoch;
    }
    return decision;
}

// `changed` as the answer and, when it differs from `before`, as the record.
LinkDecision accept(const LinkState* before, const LinkState& changed) {
    LinkDecision decision;
    decision.answer.link_state = changed.state;
    decision.answer.link_epoch = changed.epoch;
    if (before != nullptr && *before == changed) return decision;
    auto record = record_of(changed);
    if (!record) return refuse(record.error().code(), record.error().detail(), before);
    decision.records.push_back(*std::move(record));
    return decision;
}

LinkDecision upsert(const LinkState* link, const Request& request) {
    const bool known_kind =
        request.kind == kafka::kReplicaLink || request.kind == kafka::kAggregateLink;
    if (request.link_name.empty() || request.source_cluster_id.empty() || !known_kind)
        return refuse(
            ErrorCode::kInvalidRequest, "a link needs a name, a kind and a source cluster id", link
        );
    if (link == nullptr) {
        LinkState made;
        made.name = request.link_name;
        made.kind = request.kind;
        made.source_cluster_id = request.source_cluster_id;
        return accept(nullptr, made);
    }
    if (link->kind != request.kind)
        return refuse(ErrorCode::kInvalidRequest, "the link exists with the other kind", link);
    if (link->source_cluster_id != request.source_cluster_id)
        return refuse(
            ErrorCode::kInconsistentClusterId,
            "the link exists with source cluster " + link->source_cluster_id + ", not " +
                request.source_cluster_id,
            link
        );
    return accept(link, *link);
}

// A promotion that was asked for with the epoch before it: the answer to the first try was lost.
bool is_repeated_promotion(const LinkState& link, const Request& request) {
    if (request.operation != kafka::kLinkPromote) return false;
    if (link.state == kafka::kLinkPromoting) return request.expected_epoch == link.epoch - 1;
    return link.state == kafka::kLinkPromoted && request.expected_epoch == link.epoch - 2;
}

LinkDecision move_to(const LinkState& link, std::int8_t state, bool allowed) {
    if (link.state == state) return accept(&link, link);
    if (!allowed)
        return refuse(
            ErrorCode::kInvalidRequest, "not possible in the link's present state", &link
        );
    LinkState changed = link;
    changed.state = state;
    ++changed.epoch;
    return accept(&link, changed);
}

// Why `topic` cannot be bound; kNone when it can or is already.
std::pair<ErrorCode, std::string> check_pin(
    const Image& image,
    const LinkTable& links,
    const LinkState& link,
    const kafka::MirrorLinkTopic& topic
) {
    if (const Status name = check_topic_name(topic.target_topic); !name)
        return {name.error().code(), name.error().detail()};
    if (topic.source_topic_id.is_zero())
        return {ErrorCode::kInvalidRequest, "the source gives no topic id"};
    const auto bound =
        std::ranges::find(link.topics, topic.source_topic, &kafka::MirrorLinkTopic::source_topic);
    if (bound != link.topics.end()) {
        if (*bound == topic) return {ErrorCode::kNone, {}};
        if (bound->source_topic_id != topic.source_topic_id)
            return {
                ErrorCode::kInconsistentTopicId,
                "bound to topic id " + bound->source_topic_id.to_string() + ", the source has " +
                    topic.source_topic_id.to_string() + " now"
            };
        return {ErrorCode::kInvalidRequest, "bound to target topic " + bound->target_topic};
    }
    for (const auto& [name, other] : links.links()) {
        if (other.state == kafka::kLinkPromoted) continue;
        const bool exclusive =
            link.kind == kafka::kReplicaLink || other.kind == kafka::kReplicaLink;
        const bool same = std::ranges::any_of(other.topics, [&](const auto& its) {
            return its.target_topic == topic.target_topic;
        });
        if (exclusive && same)
            return {ErrorCode::kPolicyViolation, "the topic is filled by link " + name};
    }
    const auto existing = image.topic(topic.target_topic);
    if (link.kind == kafka::kReplicaLink && existing != nullptr)
        return {
            ErrorCode::kTopicAlreadyExists,
            "a topic that exists cannot become a replica: delete it or exclude it from the link"
        };
    return {ErrorCode::kNone, {}};
}

LinkDecision pin(
    const Image& image, const LinkTable& links, const LinkState& link, const Request& request
) {
    LinkState changed = link;
    std::vector<Response::TopicResult> results;
    for (const kafka::MirrorLinkTopic& topic : request.topics) {
        auto [code, why] = check_pin(image, links, changed, topic);
        Response::TopicResult result;
        result.source_topic = topic.source_topic;
        result.error_code = code;
        if (code != ErrorCode::kNone) result.error_message = std::move(why);
        const bool is_new = std::ranges::find(changed.topics, topic) == changed.topics.end();
        if (code == ErrorCode::kNone && is_new) changed.topics.push_back(topic);
        results.push_back(std::move(result));
    }
    std::ranges::sort(changed.topics, {}, &kafka::MirrorLinkTopic::source_topic);
    LinkDecision decision = accept(&link, changed);
    decision.answer.topics = std::move(results);
    return decision;
}

LinkDecision unpin(const LinkState& link, const Request& request) {
    LinkState changed = link;
    std::erase_if(changed.topics, [&](const kafka::MirrorLinkTopic& bound) {
        return std::ranges::find(
                   request.topics, bound.source_topic, &kafka::MirrorLinkTopic::source_topic
               ) != request.topics.end();
    });
    if (changed.topics != link.topics) ++changed.epoch;
    return accept(&link, changed);
}

LinkDecision remove(const LinkState& link) {
    if (link.state != kafka::kLinkPaused && link.state != kafka::kLinkPromoted)
        return refuse(ErrorCode::kInvalidRequest, "pause or promote the link first", &link);
    LinkDecision decision;
    decision.records.push_back(ExtensionRecord{std::string(kLinkFamily), link.name, std::nullopt});
    return decision;
}

}  // namespace

LinkTable LinkTable::of(const Image& image) {
    LinkTable table;
    for (const auto& [name, value] : image.extensions(kLinkFamily)) {
        auto link = kafka::decode<LinkState>(value, kVersion);
        if (!link) {
            table.damaged_.push_back(name + ": " + link.error().to_string());
            continue;
        }
        const bool closed =
            link->kind == kafka::kReplicaLink && link->state != kafka::kLinkPromoted;
        if (closed)
            for (const auto& topic : link->topics) table.read_only_[topic.target_topic] = name;
        table.links_.emplace(name, *std::move(link));
    }
    return table;
}

const LinkState* LinkTable::find(std::string_view link) const {
    const auto found = links_.find(link);
    return found == links_.end() ? nullptr : &found->second;
}

const LinkState* LinkTable::owner_of(std::string_view target_topic) const {
    const auto found = read_only_.find(target_topic);
    return found == read_only_.end() ? nullptr : find(found->second);
}

bool LinkTable::is_filled(std::string_view target_topic) const {
    const LinkState* owner = owner_of(target_topic);
    return owner != nullptr && owner->state != kafka::kLinkPromoting;
}

const LinkTable& LinkView::at(const std::shared_ptr<const Image>& image) {
    if (image != image_) {
        table_ = LinkTable::of(*image);
        image_ = image;
    }
    return table_;
}

LinkDecision decide_link(const Image& image, const Request& request) {
    const LinkTable links = LinkTable::of(image);
    const LinkState* link = links.find(request.link_name);
    const bool expected = link == nullptr || request.expected_epoch < 0 ||
                          request.expected_epoch == link->epoch ||
                          is_repeated_promotion(*link, request);
    if (!expected)
        return refuse(
            ErrorCode::kFencedStateEpoch, "the link's epoch is " + std::to_string(link->epoch), link
        );
    if (request.operation == kafka::kLinkUpsert) return upsert(link, request);
    if (link == nullptr)
        return refuse(ErrorCode::kResourceNotFound, "no link of this name", nullptr);
    const bool open = link->state == kafka::kLinkRunning || link->state == kafka::kLinkPaused ||
                      link->state == kafka::kLinkBroken;
    switch (request.operation) {
        case kafka::kLinkPause:
            return move_to(*link, kafka::kLinkPaused, open);
        case kafka::kLinkResume:
            return move_to(*link, kafka::kLinkRunning, open);
        case kafka::kLinkPromote:
            if (link->kind != kafka::kReplicaLink)
                return refuse(
                    ErrorCode::kInvalidRequest, "topics of an aggregate link are open already", link
                );
            if (link->state == kafka::kLinkPromoted) return accept(link, *link);
            return move_to(*link, kafka::kLinkPromoting, open);
        case kafka::kLinkPinTopics:
            if (!open) return refuse(ErrorCode::kInvalidRequest, "the link is promoted", link);
            return pin(image, links, *link, request);
        case kafka::kLinkUnpinTopics:
            return unpin(*link, request);
        case kafka::kLinkDelete:
            return remove(*link);
        default:
            return refuse(ErrorCode::kInvalidRequest, "unknown operation", link);
    }
}

std::optional<MetadataRecord> finish_promotion(const Image& image, std::string_view name) {
    const LinkTable links = LinkTable::of(image);
    const LinkState* link = links.find(name);
    if (link == nullptr || link->state != kafka::kLinkPromoting) return std::nullopt;
    LinkState changed = *link;
    changed.state = kafka::kLinkPromoted;
    ++changed.epoch;
    auto record = record_of(changed);
    if (!record) return std::nullopt;
    return *std::move(record);
}

}  // namespace sealane::broker
