#pragma once
// What the handlers of the private mirror APIs share. Shells: they ask the deciders of this folder
// and act on partitions and the metadata log.

#include "broker/api/reply.hpp"
#include "broker/api/request_context.hpp"
#include "broker/api/services.hpp"
#include "broker/mirrored/appends_under_way.hpp"
#include "broker/mirrored/link_state.hpp"
#include "broker/mirrored/origin_index.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace sealane::broker {

// One link's promotion as the active controller goes about it. Whoever asks for it waits for the
// same one.
struct Promotion {
    explicit Promotion(runtime::WaitQueue& waits) : changed(waits) {}
    bool running = true;
    // Where the partitions were opened, once they are.
    std::optional<std::vector<kafka::AlterMirrorLinkResponse::PromotedPartition>> done;
    Error trouble{ErrorCode::kNone};  // why it is not done yet
    runtime::Event changed;
};

struct MirrorServices {
    explicit MirrorServices(Services& services)
        : broker(services), appends(services.world.waits()) {}

    Services& broker;
    LinkView links;
    AppendsUnderWay appends;
    std::map<std::string, std::shared_ptr<Promotion>, std::less<>> promotions;

    [[nodiscard]] const LinkTable& table() { return links.at(broker.metadata.image()); }
    // The partition if this node leads it: kUnknownTopicOrPartition, kNotLeaderOrFollower.
    [[nodiscard]] Result<PartitionPtr> led(std::string_view topic, PartitionId partition) const;
};

// One function per API; `mirror` outlives every call.
[[nodiscard]] runtime::Task<Reply<kafka::MirrorPositionsResponse>> mirror_positions(
    MirrorServices& mirror, kafka::MirrorPositionsRequest request
);
[[nodiscard]] runtime::Task<Reply<kafka::MirrorAppendResponse>> mirror_append(
    MirrorServices& mirror, kafka::MirrorAppendRequest request
);
[[nodiscard]] runtime::Task<Reply<kafka::MirrorLinksResponse>> mirror_links(
    MirrorServices& mirror, kafka::MirrorLinksRequest request
);
[[nodiscard]] runtime::Task<Reply<kafka::AlterMirrorLinkResponse>> alter_mirror_link(
    MirrorServices& mirror, kafka::AlterMirrorLinkRequest request
);
[[nodiscard]] runtime::Task<Reply<kafka::MirrorTranslateResponse>> mirror_translate(
    MirrorServices& mirror, kafka::MirrorTranslateRequest request
);
[[nodiscard]] runtime::Task<Reply<kafka::PartitionDigestResponse>> partition_digest(
    MirrorServices& mirror, kafka::PartitionDigestRequest request
);
[[nodiscard]] runtime::Task<Reply<kafka::MirrorRunsResponse>> mirror_runs(
    MirrorServices& mirror, kafka::MirrorRunsRequest request
);
// At a leader: ends the filling of its partitions of a link that is promoting.
[[nodiscard]] runtime::Task<kafka::MirrorPromoteResponse> mirror_promote(
    MirrorServices& mirror, kafka::MirrorPromoteRequest request
);

// At the active controller: promotes a link in state promoting, for as long as that takes and this
// node is the controller. The one that runs already, if it does.
[[nodiscard]] std::shared_ptr<Promotion> begin_promotion(MirrorServices& mirror, std::string link);
// Goes on with every promotion that a crash or a change of controller interrupted. Does nothing
// where this node is not the active controller.
void resume_promotions(MirrorServices& mirror);

}  // namespace sealane::broker
