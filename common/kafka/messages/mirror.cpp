#include "common/kafka/messages/mirror.hpp"

#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

template struct MessageCodec<MirrorPositionsRequest>;
template struct MessageCodec<MirrorPositionsResponse>;
template struct MessageCodec<MirrorAppendRequest>;
template struct MessageCodec<MirrorAppendResponse>;
template struct MessageCodec<MirrorLinksRequest>;
template struct MessageCodec<MirrorLinksResponse>;
template struct MessageCodec<AlterMirrorLinkRequest>;
template struct MessageCodec<AlterMirrorLinkResponse>;
template struct MessageCodec<MirrorTranslateRequest>;
template struct MessageCodec<MirrorTranslateResponse>;
template struct MessageCodec<PartitionDigestRequest>;
template struct MessageCodec<PartitionDigestResponse>;
template struct MessageCodec<MirrorRunsRequest>;
template struct MessageCodec<MirrorRunsResponse>;
template struct MessageCodec<MirrorPromoteRequest>;
template struct MessageCodec<MirrorPromoteResponse>;

}  // namespace sealane::kafka
