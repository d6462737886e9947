#include "common/telemetry/http.hpp"

#include "common/base/rng.hpp"

#include <gtest/gtest.h>

namespace sealane::telemetry {
namespace {

using Outcome = HttpRequestParser::Outcome;

struct Parsed {
    Outcome outcome = Outcome::kNeedMore;
    HttpRequest request;
    HttpResponse rejection;
};

Parsed parse(std::string_view text) {
    HttpRequestParser parser;
    parser.append(text);
    Parsed parsed;
    parsed.outcome = parser.next(parsed.request, parsed.rejection);
    return parsed;
}

TEST(HttpParser, ReadsAGet) {
    const Parsed parsed = parse("GET /links/a%2Db?x=1&y=%20z HTTP/1.1\r\nHost: h\r\n\r\n");
    ASSERT_EQ(parsed.outcome, Outcome::kRequest);
    EXPECT_EQ(parsed.request.method, "GET");
    EXPECT_EQ(parsed.request.path, "/links/a-b");
    EXPECT_EQ(parsed.request.parameter("x"), "1");
    EXPECT_EQ(parsed.request.parameter("y"), " z");
    EXPECT_EQ(parsed.request.parameter("z"), "");
    EXPECT_TRUE(parsed.request.keep_alive);
}

TEST(HttpParser, KeepAliveFollowsVersionAndHeader) {
    EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").request.keep_alive);
    EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").request.keep_alive
    );
}

TEST(HttpParser, TakesBytesOneByOneAndPipelinedRequests) {
    const std::string one = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    const std::string two = "HEAD /b HTTP/1.1\r\nHost: h\r\n\r\n";
    HttpRequestParser parser;
    HttpRequest request;
    HttpResponse rejection;
    for (const char c : one + two.substr(0, two.size() - 1)) {
        parser.append(std::string(1, c));
        if (parser.next(request, rejection) == Outcome::kRequest) EXPECT_EQ(request.path, "/a");
    }
    EXPECT_TRUE(parser.has_bytes());
    parser.append("\n");
    ASSERT_EQ(parser.next(request, rejection), Outcome::kRequest);
    EXPECT_EQ(request.path, "/b");
    EXPECT_EQ(request.method, "HEAD");
    EXPECT_FALSE(parser.has_bytes());
}

TEST(HttpParser, RefusesWhatItDoesNotServe) {
    const auto status = [](std::string_view text) {
        const Parsed parsed = parse(text);
        EXPECT_EQ(parsed.outcome, Outcome::kBad) << text;
        return parsed.rejection.status;
    };
    EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: h\r\n\r\n"), 405);
    EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"), 413);
    EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"), 413);
    EXPECT_EQ(status("GET / HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
    EXPECT_EQ(status("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(status("GET /a%00b HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(status("GET http://x/ HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
    EXPECT_EQ(status("nonsense\r\n\r\n"), 400);
    EXPECT_EQ(status(std::string(9000, 'x')), 431);
    EXPECT_EQ(
        status("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(9000, 'x') + "\r\n\r\n"), 431
    );
    EXPECT_EQ(status("\x16\x03\x01\x02 tls hello\r\n\r\n"), 400);
}

TEST(HttpParser, SurvivesRandomBytes) {
    Rng rng(11);
    const std::string seed =
        "GET /metrics?a=%41 HTTP/1.1\r\nHost: localhost:1\r\nAccept: */*\r\n\r\n";
    for (int round = 0; round < 5000; ++round) {
        std::string text = seed;
        for (int change = 0; change < 4; ++change) {
            text[rng.below(text.size())] = static_cast<char>(rng.below(256));
        }
        (void)parse(text);
    }
}

TEST(HttpResponse, HasHeadAndBody) {
    HttpRequest request;
    request.method = "GET";
    const std::string text = format_http_response(json_response("{}"), request);
    EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")) << text;
    EXPECT_NE(text.find("Content-Length: 2\r\n"), std::string::npos);
    EXPECT_TRUE(text.ends_with("Connection: keep-alive\r\n\r\n{}"));
    request.method = "HEAD";
    request.keep_alive = false;
    EXPECT_TRUE(
        format_http_response(json_response("{}"), request).ends_with("Connection: close\r\n\r\n")
    );
}

}  // namespace
}  // namespace sealane::telemetry
