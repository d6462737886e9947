#include "common/telemetry/http.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <optional>

namespace sealane::telemetry {

namespace {

namespace http = boost::beast::http;

std::string_view reason_of(int status) {
    const auto text = http::obsolete_reason(static_cast<http::status>(status));
    return {text.data(), text.size()};
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Nothing when a percent sign is not followed by two hex digits, or decodes to NUL.
std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (text.size() - i < 3) return std::nullopt;
        const int high = hex_value(text[i + 1]);
        const int low = hex_value(text[i + 2]);
        if (high < 0 || low < 0 || high + low == 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

HttpResponse rejected(int status, std::string why) {
    return {status, "text/plain", why + "\n"};
}

using Head = http::request_parser<http::empty_body>;

// Checks what the parser let through and fills `request`; else the answer that refuses it.
std::optional<HttpResponse> check_request(const Head& head, HttpRequest& request) {
    const auto& message = head.get();
    request.method = std::string(message.method_string());
    request.keep_alive = message.keep_alive();
    if (message.method() != http::verb::get && message.method() != http::verb::head)
        return rejected(405, "only GET and HEAD are served here");
    const bool has_body =
        message.chunked() || (head.content_length() && *head.content_length() > 0);
    if (has_body) return rejected(413, "requests have no body here");
    if (message.version() >= 11 && message.count(http::field::host) != 1)
        return rejected(400, "exactly one Host header is needed");
    const std::string_view target(message.target().data(), message.target().size());
    const auto question = target.find('?');
    auto path = percent_decoded(target.substr(0, question));
    if (!path || !path->starts_with('/')) return rejected(400, "the path is not valid");
    request.path = *std::move(path);
    request.query = question == std::string_view::npos ? "" : target.substr(question + 1);
    return std::nullopt;
}

}  // namespace

std::string HttpRequest::parameter(std::string_view name) const {
    std::string_view rest = query;
    while (!rest.empty()) {
        const auto end = rest.find('&');
        const std::string_view pair = rest.substr(0, end);
        const auto equals = pair.find('=');
        if (pair.substr(0, equals) == name) {
            if (equals == std::string_view::npos) return {};
            return percent_decoded(pair.substr(equals + 1)).value_or("");
        }
        rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    }
    return {};
}

HttpResponse json_response(std::string body, int status) {
    return {status, "application/json", std::move(body)};
}

HttpRequestParser::HttpRequestParser() = default;
HttpRequestParser::~HttpRequestParser() = default;

void HttpRequestParser::append(std::string_view bytes) {
    pending_.append(bytes);
}

HttpRequestParser::Outcome HttpRequestParser::next(HttpRequest& request, HttpResponse& rejection) {
    const auto end = pending_.find("\r\n\r\n");
    if (end == std::string::npos || end + 4 > kHttpHeadMax) {
        if (end == std::string::npos && pending_.size() < kHttpHeadMax) return Outcome::kNeedMore;
        rejection = rejected(431, "the request head is too large");
        return Outcome::kBad;
    }
    Head head;
    head.eager(false);
    head.header_limit(kHttpHeadMax);
    boost::beast::error_code error;
    head.put(boost::asio::buffer(pending_.data(), end + 4), error);
    if (error || !head.is_header_done()) {
        rejection = rejected(400, "not an HTTP request");
        return Outcome::kBad;
    }
    pending_.erase(0, end + 4);
    if (auto refused = check_request(head, request)) {
        rejection = *std::move(refused);
        return Outcome::kBad;
    }
    return Outcome::kRequest;
}

std::string format_http_response(const HttpResponse& response, const HttpRequest& request) {
    std::string text = "HTTP/1.1 " + std::to_string(response.status) + " ";
    text += reason_of(response.status);
    text += "\r\nContent-Type: " + response.content_type;
    text += "\r\nContent-Length: " + std::to_string(response.body.size());
    text += "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff";
    if (response.status == 405) text += "\r\nAllow: GET, HEAD";
    text += request.keep_alive ? "\r\nConnection: keep-alive" : "\r\nConnection: close";
    text += "\r\n\r\n";
    if (request.method != "HEAD") text += response.body;
    return text;
}

runtime::Task<Result<HttpResponse>> http_get(
    runtime::Network& network,
    runtime::Endpoint to,
    std::string target,
    Instant deadline,
    std::size_t body_max
) {
    const std::string host = to.is_unix() ? "localhost" : to.to_string();
    SEALANE_CO_TRY(auto stream, co_await network.connect(to, std::nullopt, deadline));
    const std::string request =
        "GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
    SEALANE_CO_CHECK(co_await stream->write(BufferSlice::copy_of(request), deadline));

    http::response_parser<http::string_body> parser;
    parser.eager(true);
    parser.header_limit(kHttpHeadMax);
    parser.body_limit(body_max);
    std::string pending;
    MutableBuffer block(16 * 1024);
    while (!parser.is_done()) {
        boost::beast::error_code error;
        const auto read = co_await stream->read_some(block.view(), deadline);
        if (read) {
            pending.append(as_text(block.view()).substr(0, *read));
            const std::size_t used = parser.put(boost::asio::buffer(pending), error);
            pending.erase(0, used);
        } else if (read.error().code() == ErrorCode::kEndOfStream) {
            parser.put_eof(error);
            if (!error && !parser.is_done()) error = http::error::partial_message;
        } else {
            co_return fail(read.error());
        }
        if (error == http::error::body_limit)
            co_return fail(ErrorCode::kOutOfBounds, "the answer is larger than allowed");
        if (error && error != http::error::need_more)
            co_return fail(ErrorCode::kMalformed, "not an HTTP answer: " + error.message());
    }
    stream->close();
    const auto& message = parser.get();
    co_return HttpResponse{
        static_cast<int>(message.result_int()),
        std::string(message[http::field::content_type]),
        message.body(),
    };
}

}  // namespace sealane::telemetry
