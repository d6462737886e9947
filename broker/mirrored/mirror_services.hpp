#pragma once
// What the handlers of the private mirror APIs share. Shells: they ask the deciders of this folder
// and act on partitions and the metadata log.

#include "broker/api/reply.hpp"
#include "broker/api/request_context.hpp"
#include "broker/api/services.hpp"
#include "broker/mirrored/link_state.hpp"
#include "broker/mirrored/origin_index.hpp"

namespace sealane::broker {

struct MirrorServices {
    Services& broker;
    LinkView links;

    [[nodiscard]] const LinkTable& table() { return links.at(broker.metadata.image()); }
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

// Opens the target topics of a link in state promoting and ends the promotion. Safe to repeat after
// a crash at any point: every step is done only as far as it is missing.
[[nodiscard]] runtime::Task<Result<std::vector<kafka::AlterMirrorLinkResponse::PromotedPartition>>>
promote_link(MirrorServices& mirror, std::string link);

}  // namespace sealane::broker
