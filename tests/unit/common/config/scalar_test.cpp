#include "common/config/scalar.hpp"

#include <gtest/gtest.h>

namespace sealane::config {
namespace {

TEST(Scalar, ReadsBytesWithBinaryAndDecimalSuffixes) {
    EXPECT_EQ(parse_bytes("1048576").value(), 1048576);
    EXPECT_EQ(parse_bytes("10MiB").value(), 10 * 1024 * 1024);
    EXPECT_EQ(parse_bytes("10 MiB").value(), 10 * 1024 * 1024);
    EXPECT_EQ(parse_bytes("1.5KiB").value(), 1536);
    EXPECT_EQ(parse_bytes("2kB").value(), 2000);
    EXPECT_EQ(parse_bytes("-1").value(), -1);
    EXPECT_FALSE(parse_bytes("10mb"));
    EXPECT_FALSE(parse_bytes(""));
    EXPECT_FALSE(parse_bytes("MiB"));
    EXPECT_FALSE(parse_bytes("1.5"));
    EXPECT_FALSE(parse_bytes("9999999TiB"));
    EXPECT_FALSE(parse_bytes("1..5MiB"));
    EXPECT_FALSE(parse_bytes("1e3KiB"));
}

TEST(Scalar, ReadsDurations) {
    EXPECT_EQ(parse_duration("7d").value(), std::chrono::hours(168));
    EXPECT_EQ(parse_duration("500ms").value(), 500ms);
    EXPECT_EQ(parse_duration("250us").value(), 250us);
    EXPECT_EQ(parse_duration("1.5s").value(), 1500ms);
    EXPECT_EQ(parse_duration("0").value(), 0ms);
    EXPECT_FALSE(parse_duration("5"));
    EXPECT_FALSE(parse_duration("5 parsecs"));
    EXPECT_FALSE(parse_duration("s"));
    EXPECT_FALSE(parse_duration("999999999999d"));
}

TEST(Scalar, ReadsQuantitiesInTheUnitOfTheirKey) {
    EXPECT_EQ(parse_quantity("604800000", Unit::kMillis).value(), 604'800'000);
    EXPECT_EQ(parse_quantity("7d", Unit::kMillis).value(), 604'800'000);
    EXPECT_EQ(parse_quantity("-1", Unit::kMillis).value(), -1);
    EXPECT_EQ(parse_quantity("2h", Unit::kHours).value(), 2);
    EXPECT_FALSE(parse_quantity("30m", Unit::kHours));
    EXPECT_FALSE(parse_quantity("7d", Unit::kNone));
    EXPECT_EQ(parse_quantity("5%", Unit::kPercent).value(), 5);
}

TEST(Scalar, RefusesNumbersThatOtherReadersTakeDifferently) {
    EXPECT_FALSE(parse_int("010"));
    EXPECT_FALSE(parse_int("0x10"));
    EXPECT_FALSE(parse_int("1_000"));
    EXPECT_FALSE(parse_int("+1"));
    EXPECT_FALSE(parse_int("1e3"));
    EXPECT_FALSE(parse_int("99999999999999999999"));
    EXPECT_EQ(parse_int("-9223372036854775808").value(), INT64_MIN);
    EXPECT_FALSE(parse_double("inf"));
    EXPECT_FALSE(parse_double("nan"));
    EXPECT_FALSE(parse_bool("yes"));
}

TEST(Scalar, ReadsAddresses) {
    EXPECT_EQ(parse_host_port("127.0.0.1:9092").value(), (HostPort{"127.0.0.1", 9092}));
    EXPECT_EQ(parse_host_port("[::1]:9092").value(), (HostPort{"::1", 9092}));
    EXPECT_EQ(parse_host_port("[::1]:9092").value().to_string(), "[::1]:9092");
    for (const char* bad :
         {"", ":1", "h", "h:", "h:65536", "h:-1", "::1:9", "[]:1", "a b:1", "h:09"})
        EXPECT_FALSE(parse_host_port(bad)) << bad;
}

TEST(Scalar, FormatsTheShortestTextThatReadsBack) {
    EXPECT_EQ(format_bytes(1 << 30), "1GiB");
    EXPECT_EQ(format_bytes(1000), "1000");
    EXPECT_EQ(format_bytes(1536), "1536");
    EXPECT_EQ(format_bytes(0), "0");
    EXPECT_EQ(format_duration(std::chrono::hours(168)), "7d");
    EXPECT_EQ(format_duration(1500ms), "1500ms");
    EXPECT_EQ(format_duration(0ms), "0");
    for (const std::int64_t n : {1, 999, 1024, 5'000'000, 86'400'000, 123'456'789}) {
        EXPECT_EQ(parse_bytes(format_bytes(n)).value(), n);
        EXPECT_EQ(parse_duration(format_duration(Duration(n))).value(), Duration(n));
    }
}

}  // namespace
}  // namespace sealane::config
