// The private APIs in the registry, AlterMirrorLink, and what the rest of the broker asks about
// mirrored topics.

#include "broker/api/registry.hpp"
#include "broker/mirrored/mirror_services.hpp"

#include <memory>

namespace sealane::broker {
namespace {

using runtime::Task;

// Adds a handler that works on the shared MirrorServices.
template <class Request, class Response>
void serve(
    ApiRegistry& registry,
    const std::shared_ptr<MirrorServices>& mirror,
    Task<Reply<Response>> (*handler)(MirrorServices&, Request)
) {
    registry.add<Request>(
        ServedVersions(0, 0),
        [mirror, handler](RequestContext, Request request) -> Task<Reply<Response>> {
            return handler(*mirror, std::move(request));
        }
    );
}

// Long enough for leaders to be elected and followers to catch up, and shorter than clients wait.
constexpr Duration kPromotionPatience = 25s;

void refuse(kafka::AlterMirrorLinkResponse& response, const Error& error) {
    const ErrorCode code = error.code();
    response.error_code = is_wire_code(code) ? code : ErrorCode::kUnknownServerError;
    response.error_message = error.detail();
}

// Waits for the promotion that `response` began; it goes on when nobody waits any more.
Task<Result<kafka::AlterMirrorLinkResponse>> when_promoted(
    MirrorServices& mirror, std::string link, kafka::AlterMirrorLinkResponse response
) {
    const Instant deadline = mirror.broker.world.now() + kPromotionPatience;
    const std::shared_ptr<Promotion> promotion = begin_promotion(mirror, link);
    while (promotion->running && mirror.broker.world.now() < deadline)
        (void)co_await promotion->changed.wait_until(deadline);
    if (promotion->done) {
        response.promoted = *promotion->done;
    } else if (promotion->running) {
        refuse(
            response,
            Error(
                ErrorCode::kRequestTimedOut,
                "the promotion goes on; it waits for: " + promotion->trouble.to_string()
            )
        );
    } else if (promotion->trouble.code() != ErrorCode::kNone) {
        refuse(response, promotion->trouble);
    }
    if (const LinkState* now = mirror.table().find(link)) {
        response.link_state = now->state;
        response.link_epoch = now->epoch;
    }
    co_return response;
}

Status may_produce(
    LinkView& links, const std::shared_ptr<const Image>& image, std::string_view topic
) {
    const LinkState* owner = links.at(image).owner_of(topic);
    if (owner == nullptr) return {};
    return fail(
        ErrorCode::kPolicyViolation,
        "the topic is a replica filled by link " + owner->name + "; promote the link to write here"
    );
}

}  // namespace

Result<PartitionPtr> MirrorServices::led(std::string_view topic, PartitionId partition) const {
    const std::string name = std::string(topic) + "-" + std::to_string(partition.value);
    const auto known = broker.metadata.image()->topic(topic);
    const auto index = static_cast<std::size_t>(partition.value);
    if (known == nullptr || partition.value < 0 || index >= known->partitions.size())
        return fail(ErrorCode::kUnknownTopicOrPartition, name + " is unknown");
    PartitionPtr found = broker.partitions.find(topic, partition);
    if (found == nullptr || !found->leads() || found->topic_id() != known->id)
        return fail(ErrorCode::kNotLeaderOrFollower, name + " is not led here");
    return found;
}

Task<Reply<kafka::AlterMirrorLinkResponse>> alter_mirror_link(
    MirrorServices& mirror, kafka::AlterMirrorLinkRequest request
) {
    kafka::AlterMirrorLinkResponse response;
    const Status changed = co_await mirror.broker.metadata.change(
        [&response, &request](const Image& image) -> Result<std::vector<MetadataRecord>> {
            LinkDecision decision = decide_link(image, request);
            response = std::move(decision.answer);
            return std::move(decision.records);
        }
    );
    if (!changed) refuse(response, changed.error());
    if (response.error_code != ErrorCode::kNone || request.operation != kafka::kLinkPromote)
        co_return response;
    co_return Reply<kafka::AlterMirrorLinkResponse>::later([&mirror, request, response] {
        return when_promoted(mirror, request.link_name, response);
    });
}

void register_mirror_apis(ApiRegistry& registry, Services& services) {
    auto mirror = std::make_shared<MirrorServices>(services);
    serve(registry, mirror, &mirror_positions);
    serve(registry, mirror, &mirror_append);
    serve(registry, mirror, &mirror_links);
    serve(registry, mirror, &mirror_translate);
    serve(registry, mirror, &partition_digest);
    registry.let_nodes_use(kafka::ApiKey::kPartitionDigest);
    serve(registry, mirror, &mirror_runs);
    registry.add_controller<kafka::AlterMirrorLinkRequest>(
        ServedVersions(0, 0),
        [mirror](RequestContext, kafka::AlterMirrorLinkRequest request) {
            return alter_mirror_link(*mirror, std::move(request));
        }
    );
    registry.add_cluster<kafka::MirrorPromoteRequest>(
        ServedVersions(0, 0),
        [mirror](
            RequestContext, kafka::MirrorPromoteRequest request
        ) -> Task<Reply<kafka::MirrorPromoteResponse>> {
            co_return Reply<kafka::MirrorPromoteResponse>::later(
                [mirror, request]() -> Task<Result<kafka::MirrorPromoteResponse>> {
                    co_return co_await mirror_promote(*mirror, request);
                }
            );
        }
    );
    services.partitions.add_state_factory([](const TopicPartition&) {
        std::vector<std::unique_ptr<LogState>> states;
        states.push_back(std::make_unique<OriginIndex>());
        return states;
    });
    // A view of its own: it is asked for images that are not published yet.
    services.partitions.set_epochs_from_elsewhere([view = std::make_shared<LinkView>()](
                                                      const std::shared_ptr<const Image>& image,
                                                      std::string_view topic
                                                  ) { return view->at(image).is_filled(topic); });
    services.may_produce = [mirror](const Image&, std::string_view topic) {
        return may_produce(mirror->links, mirror->broker.metadata.image(), topic);
    };
    // When the node has started, and whenever it becomes the active controller later.
    services.on_ready.push_back([mirror] { resume_promotions(*mirror); });
    services.on_active.push_back([mirror] { resume_promotions(*mirror); });
}

}  // namespace sealane::broker
