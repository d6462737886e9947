#pragma once
// Requests and responses as they travel: int32 size, header, body. This is the one place that
// knows which header version goes with which version of a body (KIP-482): flexible versions have
// headers with tags, except that the header of an ApiVersions response never has them (KIP-511).

#include "common/kafka/messages/headers.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace sealane::kafka {

[[nodiscard]] std::int16_t request_header_version(std::int16_t api_key, std::int16_t api_version);
[[nodiscard]] std::int16_t response_header_version(std::int16_t api_key, std::int16_t api_version);

// Decodes the header at the start of a request (without its size) and moves `frame` to the body.
// Works for versions and keys that are not in kApis too, so that they can be answered or refused.
[[nodiscard]] Result<RequestHeader> take_request_header(BufferSlice& frame);

// Decodes the header of the response to (key, version) and moves `frame` to the body.
[[nodiscard]] Result<ResponseHeader> take_response_header(
    BufferSlice& frame, ApiKey key, std::int16_t api_version
);

// The header of a response as bytes.
struct ResponseHeaderBytes {
    std::array<std::byte, 5> bytes{};
    std::size_t size = 0;
    [[nodiscard]] ByteView view() const { return ByteView(bytes).first(size); }
};
[[nodiscard]] ResponseHeaderBytes response_header_bytes(
    std::int16_t api_key, std::int16_t api_version, std::int32_t correlation_id
);

// Who sends a request.
struct RequestTag {
    std::int32_t correlation_id = 0;
    std::optional<std::string> client_id;
};

[[nodiscard]] Result<BufferSlice> request_header_bytes(
    std::int16_t api_key, std::int16_t api_version, const RequestTag& tag
);

// A whole request, size included; large record batches are referenced, not copied.
template <class Request>
[[nodiscard]] Result<BufferChain> frame_request(
    const Request& request, std::int16_t version, const RequestTag& tag
) {
    SEALANE_TRY(
        const BufferSlice header, request_header_bytes(Request::kSchema.number, version, tag)
    );
    return encode_framed(header.view(), request, version);
}

// A whole response, size included; large record batches are referenced, not copied.
template <class Response>
[[nodiscard]] Result<BufferChain> frame_response(
    const Response& response, std::int16_t version, std::int32_t correlation_id
) {
    const ResponseHeaderBytes header =
        response_header_bytes(Response::kSchema.number, version, correlation_id);
    return encode_framed(header.view(), response, version);
}

}  // namespace sealane::kafka
