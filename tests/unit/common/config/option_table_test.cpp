#include "common/config/option_table.hpp"

#include "common/config/yaml.hpp"

#include <gtest/gtest.h>

namespace sealane::config {
namespace {

struct LogOptions {
    std::int64_t segment_bytes = 1 << 30;
    std::int64_t retention_ms = 604'800'000;
};
struct Options {
    std::int32_t node_id = -1;
    LogOptions log;
    std::string dir = "/var/lib/x";
    bool create = false;
};

OptionTable<Options> table() {
    OptionTable<Options> made;
    made.add(
        "node.id",
        &Options::node_id,
        {.limits = range(0, INT32_MAX), .doc = "Number of this broker.", .required = true}
    );
    made.add(
        "log.segment.bytes",
        [](auto& c) -> auto& { return c.log.segment_bytes; },
        {.limits = bytes(14), .doc = "A segment is closed at this size.", .dynamic = true}
    );
    made.add(
        "log.retention.ms",
        [](auto& c) -> auto& { return c.log.retention_ms; },
        {.limits = millis(-1), .doc = "Records older than this go; -1: never."}
    );
    made.add("log.dir", &Options::dir, {.limits = not_empty(), .doc = "Where data | logs lie."});
    made.add("auto.create.topics.enable", &Options::create, {.doc = "Create on first use."});
    return made;
}

TEST(OptionTable, ReadsAFile) {
    Problems problems("b.yaml");
    const Node root =
        parse_yaml("node.id: 1\nlog.segment.bytes: 1MiB\nlog.retention.ms: -1\n", problems);
    ObjectReader reader(root, problems);
    Options options;
    table().read(reader, options);
    reader.finish();
    ASSERT_TRUE(problems.empty()) << problems.to_string();
    EXPECT_EQ(options.node_id, 1);
    EXPECT_EQ(options.log.segment_bytes, 1 << 20);
    EXPECT_EQ(options.log.retention_ms, -1);
}

TEST(OptionTable, ReportsMissingAndUnknownKeys) {
    Problems problems("b.yaml");
    const Node root = parse_yaml("log.segment.byte: 1MiB\n", problems);
    ObjectReader reader(root, problems);
    Options options;
    table().read(reader, options);
    reader.finish();
    EXPECT_EQ(
        problems.to_string(),
        "b.yaml:1:1: key 'node.id' is missing; add 'node.id:'\n"
        "b.yaml:1:1: unknown key 'log.segment.byte'; did you mean 'log.segment.bytes'?"
    );
}

TEST(OptionTable, SetsAndPrintsSingleOptions) {
    const OptionTable<Options> options_table = table();
    Options options;
    ASSERT_TRUE(options_table.set(options, "log.retention.ms", "1000"));
    EXPECT_EQ(options.log.retention_ms, 1000);
    EXPECT_EQ(options_table.get(options, "log.retention.ms"), "1000");
    EXPECT_EQ(options_table.get(options, "auto.create.topics.enable"), "false");

    const Status unknown = options_table.set(options, "log.retention.m", "1");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code(), ErrorCode::kInvalidConfig);
    EXPECT_NE(unknown.error().detail().find("log.retention.ms"), std::string::npos);
    EXPECT_FALSE(options_table.set(options, "log.retention.ms", "-2"));
    EXPECT_EQ(options.log.retention_ms, 1000);
}

TEST(OptionTable, DocumentsItself) {
    const std::string page = markdown_table(table().docs());
    EXPECT_NE(
        page.find(
            "| `node.id` | whole number | required | 0 to 2147483647 | Number of this broker. |"
        ),
        std::string::npos
    ) << page;
    EXPECT_NE(
        page.find("| `log.segment.bytes` | bytes | `1073741824` | at least 14 |"), std::string::npos
    ) << page;
    EXPECT_NE(page.find("May be changed while it runs."), std::string::npos);
    EXPECT_NE(page.find("Where data \\| logs lie."), std::string::npos);
    EXPECT_NE(page.find("`/var/lib/x`"), std::string::npos);
}

}  // namespace
}  // namespace sealane::config
