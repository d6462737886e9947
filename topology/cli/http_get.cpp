#include "topology/cli/http_get.hpp"

namespace sealane::topology {
namespace {

constexpr std::size_t kBodyMax = 16U << 20U;

}  // namespace

runtime::Task<Result<std::string>> http_get(
    runtime::World& world, std::string address, std::string path, Instant deadline
) {
    SEALANE_CO_TRY(const auto endpoint, runtime::Endpoint::parse(address));
    SEALANE_CO_TRY(auto stream, co_await world.network().connect(endpoint, std::nullopt, deadline));
    const std::string request =
        "GET " + path + " HTTP/1.1\r\nHost: " + address + "\r\nConnection: close\r\n\r\n";
    SEALANE_CO_CHECK(co_await stream->write(BufferSlice::copy_of(request), deadline));
    std::string answer;
    MutableBuffer piece(64U << 10U);
    while (answer.size() < kBodyMax) {
        const auto count = co_await stream->read_some(piece.view(), deadline);
        if (!count) {
            if (count.error().code() == ErrorCode::kEndOfStream) break;
            co_return fail(count.error().in(address));
        }
        answer.append(as_text(ByteView(piece.data(), *count)));
    }
    stream->close();
    const auto body = answer.find("\r\n\r\n");
    if (body == std::string::npos || !answer.starts_with("HTTP/1.1 ")) {
        co_return fail(ErrorCode::kMalformed, address + " does not speak HTTP");
    }
    const std::string status = answer.substr(9, 3);
    if (status != "200")
        co_return fail(ErrorCode::kUnknownServerError, address + path + " answered " + status);
    co_return answer.substr(body + 4);
}

}  // namespace sealane::topology
