#include "common/telemetry/log_sink.hpp"

#include "common/telemetry/memory_log.hpp"

#include <gtest/gtest.h>

namespace sealane::telemetry {
namespace {

using runtime::Log;
using runtime::LogLevel;

// A sink into memory under a clock of the test's own.
struct Captured {
    std::int64_t now_ns = 1'769'860'800'123'000'000;
    std::vector<std::string> lines;
    LogOptions options() {
        LogOptions made;
        made.write_line = [this](std::string_view line) { lines.emplace_back(line); };
        made.wall_ns = [this] { return now_ns; };
        return made;
    }
};

TEST(LogSink, WritesOneLineOfFields) {
    Captured captured;
    SpdlogSink sink(captured.options());
    Log(sink, "broker.log").info("segment rolled", {{"topic", "t"}, {"offset", Offset{7}}});
    ASSERT_EQ(captured.lines.size(), 1U);
    EXPECT_EQ(
        captured.lines[0],
        "2026-01-31T12:00:00.123Z INFO  broker.log segment rolled topic=t offset=7"
    );
}

TEST(LogSink, QuotesSoThatNoValueForgesALineOrAField) {
    Captured captured;
    SpdlogSink sink(captured.options());
    Log(sink, "m").warning(
        "e",
        {{"a", "x y"}, {"b", "q\"=\\"}, {"c", "1\n2\x01"}, {"d", ""}, {"e", std::string(9000, 'z')}}
    );
    const std::string& line = captured.lines.at(0);
    EXPECT_NE(line.find(R"(a="x y" b="q\"=\\" c="1\n2\u0001" d="" e="zz)"), std::string::npos)
        << line;
    EXPECT_NE(line.find("...(9000 bytes)"), std::string::npos);
    EXPECT_LT(line.size(), 4300U);
}

TEST(LogSink, WritesJson) {
    Captured captured;
    LogOptions options = captured.options();
    options.format = LogFormat::kJson;
    SpdlogSink sink(std::move(options));
    Log(sink, "m").error("it \"broke\"", {{"error", Error(ErrorCode::kIo, "disk")}});
    EXPECT_EQ(
        captured.lines.at(0),
        R"({"at":"2026-01-31T12:00:00.123Z","level":"error","module":"m","event":"it \"broke\"",)"
        R"("error":")" +
            Error(ErrorCode::kIo, "disk").to_string() + R"("})"
    );
}

TEST(LogSink, LevelsFollowTheLongestModulePrefix) {
    Captured captured;
    LogOptions options = captured.options();
    ASSERT_TRUE(parse_log_levels("warning,broker=info,broker.log=debug", options));
    SpdlogSink sink(std::move(options));
    EXPECT_FALSE(sink.enabled(LogLevel::kInfo, "mirror"));
    EXPECT_TRUE(sink.enabled(LogLevel::kInfo, "broker.api"));
    EXPECT_TRUE(sink.enabled(LogLevel::kDebug, "broker.log.recovery"));
    EXPECT_FALSE(sink.enabled(LogLevel::kDebug, "broker.logical"));
    sink.set_level("", LogLevel::kDebug);
    EXPECT_TRUE(sink.enabled(LogLevel::kDebug, "mirror"));
    sink.set_level("broker.log", LogLevel::kError);
    EXPECT_FALSE(sink.enabled(LogLevel::kWarning, "broker.log"));
}

TEST(LogSink, NamesTheLevelsItKnows) {
    LogOptions options;
    const Status status = parse_log_levels("info,x=loud", options);
    ASSERT_FALSE(status);
    EXPECT_NE(status.error().detail().find("debug, info, warning, error"), std::string::npos);
}

TEST(LogSink, AStormIsSuppressedAndCounted) {
    Captured captured;
    LogOptions options = captured.options();
    options.lines_per_second = 3;
    SpdlogSink sink(std::move(options));
    const Log log(sink, "m");
    for (int i = 0; i < 100; ++i) log.info("storm", {{"i", i}});
    log.info("another");  // other call sites are not silenced
    EXPECT_EQ(captured.lines.size(), 4U);
    captured.now_ns += 1'000'000'000;
    log.info("storm", {{"i", 100}});
    EXPECT_TRUE(captured.lines.back().ends_with("storm i=100 suppressed=97"))
        << captured.lines.back();
    EXPECT_EQ(sink.suppressed_total(), 97U);
    log.info("storm", {{"i", 101}});
    EXPECT_TRUE(captured.lines.back().ends_with("storm i=101"));
}

TEST(MemoryLog, KeepsLinesAsData) {
    MemoryLogSink sink(LogLevel::kInfo, 2);
    const Log log(sink, "m");
    log.debug("unseen");
    log.info("one");
    log.error("two", {{"k", "v"}});
    log.error("two", {{"k", "w"}});
    EXPECT_EQ(sink.lines().size(), 2U);
    EXPECT_EQ(sink.count("two"), 2U);
    EXPECT_EQ(sink.lines().back().field("k"), "w");
    EXPECT_EQ(sink.lines().back().to_string(), "m: two k=w");
    EXPECT_EQ(sink.count_at_least(LogLevel::kWarning), 2U);
}

}  // namespace
}  // namespace sealane::telemetry
