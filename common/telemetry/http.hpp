#pragma once
// The little of HTTP/1.1 (RFC 9112) that admin pages need: a strict request parser and response
// writer, and a GET for the command line and tests. Boost.Beast's parser does the work in http.cpp
// and is seen nowhere else.

#include "common/runtime/network.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace sealane::telemetry {

struct HttpRequest {
    std::string method;  // "GET" or "HEAD"
    std::string path;    // percent-decoded, begins with '/', without the query
    std::string query;   // after '?', as sent
    bool keep_alive = true;
    // The value of `name` in the query ("a=1&b=2"), percent-decoded; empty when absent.
    [[nodiscard]] std::string parameter(std::string_view name) const;
};

struct HttpResponse {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
};
// A JSON page.
[[nodiscard]] HttpResponse json_response(std::string body, int status = 200);

inline constexpr std::size_t kHttpHeadMax = 8 * 1024;

// Sans-I/O: bytes in, requests out. Pipelined requests stay inside until asked for.
class HttpRequestParser {
 public:
    HttpRequestParser();
    ~HttpRequestParser();
    HttpRequestParser(const HttpRequestParser&) = delete;
    HttpRequestParser& operator=(const HttpRequestParser&) = delete;

    void append(std::string_view bytes);
    // True when bytes of an unfinished request wait.
    [[nodiscard]] bool has_bytes() const { return !pending_.empty(); }
    enum class Outcome { kNeedMore, kRequest, kBad };
    // kBad is final: `rejection` holds the answer to send before closing.
    [[nodiscard]] Outcome next(HttpRequest& request, HttpResponse& rejection);

 private:
    std::string pending_;
};

// Head and body; no body for HEAD.
[[nodiscard]] std::string format_http_response(
    const HttpResponse& response, const HttpRequest& request
);

// GET `target` ("/metrics?x=1") over a connection of its own. Bodies above `body_max` are refused
// with kOutOfBounds. Any status is a success here.
[[nodiscard]] runtime::Task<Result<HttpResponse>> http_get(
    runtime::Network& network,
    runtime::Endpoint to,
    std::string target,
    Instant deadline,
    std::size_t body_max = 16 * 1024 * 1024
);

}  // namespace sealane::telemetry
