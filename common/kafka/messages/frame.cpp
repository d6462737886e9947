#include "common/kafka/messages/frame.hpp"

#include "common/base/endian.hpp"

namespace sealane::kafka {

namespace {
bool is_flexible(std::int16_t api_key, std::int16_t api_version) {
    const std::optional<ApiInfo> api = find_api(api_key);
    return api && api_version >= api->flexible_since;
}
}  // namespace

std::int16_t request_header_version(std::int16_t api_key, std::int16_t api_version) {
    return is_flexible(api_key, api_version) ? 2 : 1;
}

std::int16_t response_header_version(std::int16_t api_key, std::int16_t api_version) {
    if (api_key == static_cast<std::int16_t>(ApiKey::kApiVersions)) return 0;
    return is_flexible(api_key, api_version) ? 1 : 0;
}

Result<RequestHeader> take_request_header(BufferSlice& frame) {
    if (frame.size() < 4) return fail(ErrorCode::kMalformed, "request shorter than its header");
    const auto api_key = load_be<std::int16_t>(frame.data());
    const auto api_version = load_be<std::int16_t>(frame.data() + 2);
    return decode_prefix<RequestHeader>(frame, request_header_version(api_key, api_version));
}

Result<ResponseHeader> take_response_header(
    BufferSlice& frame, ApiKey key, std::int16_t api_version
) {
    const auto number = static_cast<std::int16_t>(key);
    return decode_prefix<ResponseHeader>(frame, response_header_version(number, api_version));
}

ResponseHeaderBytes response_header_bytes(
    std::int16_t api_key, std::int16_t api_version, std::int32_t correlation_id
) {
    ResponseHeaderBytes header;
    store_be(header.bytes.data(), correlation_id);
    // In version 1 an empty tag section follows: one zero byte.
    header.size = response_header_version(api_key, api_version) == 0 ? 4 : 5;
    return header;
}

Result<BufferSlice> request_header_bytes(
    std::int16_t api_key, std::int16_t api_version, const RequestTag& tag
) {
    RequestHeader header;
    header.request_api_key = api_key;
    header.request_api_version = api_version;
    header.correlation_id = tag.correlation_id;
    header.client_id = tag.client_id;
    return encode(header, request_header_version(api_key, api_version));
}

}  // namespace sealane::kafka
