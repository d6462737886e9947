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

// Ends promotions that a crash interrupted, when the partitions are there.
Task<void> resume_promotions(std::shared_ptr<MirrorServices> mirror) {
    std::vector<std::string> names;
    for (const auto& [name, link] : mirror->table().links())
        if (link.state == kafka::kLinkPromoting) names.push_back(name);
    for (const std::string& name : names) {
        const auto promoted = co_await promote_link(*mirror, name);
        auto log = mirror->broker.world.log("mirrored");
        if (promoted) {
            log.info("interrupted promotion finished", {{"link", name}});
        } else if (!promoted.error().is_stopped()) {
            log.error("promotion not finished", {{"link", name}, {"error", promoted.error()}});
        }
    }
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
    if (!changed) {
        response.error_code = is_wire_code(changed.error().code()) ? changed.error().code()
                                                                   : ErrorCode::kUnknownServerError;
        response.error_message = changed.error().detail();
        co_return response;
    }
    if (response.error_code != ErrorCode::kNone || request.operation != kafka::kLinkPromote)
        co_return response;
    auto promoted = co_await promote_link(mirror, request.link_name);
    if (!promoted) {
        response.error_code = is_wire_code(promoted.error().code())
                                  ? promoted.error().code()
                                  : ErrorCode::kUnknownServerError;
        response.error_message = promoted.error().detail();
        co_return response;
    }
    response.promoted = *std::move(promoted);
    if (const LinkState* link = mirror.table().find(request.link_name)) {
        response.link_state = link->state;
        response.link_epoch = link->epoch;
    }
    co_return response;
}

void register_mirror_apis(ApiRegistry& registry, Services& services) {
    auto mirror = std::make_shared<MirrorServices>(services, LinkView());
    serve(registry, mirror, &mirror_positions);
    serve(registry, mirror, &mirror_append);
    serve(registry, mirror, &mirror_links);
    serve(registry, mirror, &alter_mirror_link);
    serve(registry, mirror, &mirror_translate);
    serve(registry, mirror, &partition_digest);
    serve(registry, mirror, &mirror_runs);
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
    services.on_ready.push_back([mirror, &services] {
        services.on_ready.push_back([mirror] {
            mirror->broker.tasks.spawn([mirror] { return resume_promotions(mirror); });
        });
    });
}

}  // namespace sealane::broker
