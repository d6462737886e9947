#include "common/config/object_reader.hpp"

#include "common/config/yaml.hpp"

#include <gtest/gtest.h>

namespace sealane::config {

enum class Colour { kRed, kGreen };
constexpr auto config_names(Colour) {
    return std::array{EnumName{Colour::kRed, "red"}, EnumName{Colour::kGreen, "green"}};
}

namespace {

struct Inner {
    std::string name;
    HostPort address;
};
struct Config {
    std::int32_t node_id = -1;
    bool enabled = false;
    std::int64_t segment_bytes = 0;
    Duration timeout{};
    std::optional<std::uint16_t> port;
    std::vector<std::string> names;
    Colour colour = Colour::kRed;
    double ratio = 0;
    std::vector<Inner> listeners;
};

Problems read(std::string_view text, Config& config) {
    Problems problems("c.yaml");
    const Node root = parse_yaml(text, problems);
    ObjectReader r(root, problems);
    r.required("node.id", config.node_id, range(0, INT32_MAX));
    r.optional("enabled", config.enabled);
    r.optional("segment.bytes", config.segment_bytes, bytes(14, 1 << 30));
    r.optional("timeout", config.timeout, millis(1, 60'000));
    r.optional("port", config.port);
    r.optional("names", config.names, not_empty());
    r.optional("colour", config.colour);
    r.optional("ratio", config.ratio, range(0, 1));
    r.each("listeners", [&](ObjectReader& item) {
        Inner inner;
        item.required("name", inner.name, not_empty());
        item.required("address", inner.address);
        config.listeners.push_back(std::move(inner));
    });
    r.finish();
    return problems;
}

TEST(ObjectReader, ReadsEveryKindOfValue) {
    Config config;
    const Problems problems = read(
        "node.id: 3\nenabled: true\nsegment.bytes: 64KiB\ntimeout: 5s\nport: 65535\n"
        "names: [a, b]\ncolour: green\nratio: 0.5\nlisteners:\n- name: x\n  address: 127.0.0.1:0\n",
        config
    );
    ASSERT_TRUE(problems.empty()) << problems.to_string();
    EXPECT_EQ(config.node_id, 3);
    EXPECT_TRUE(config.enabled);
    EXPECT_EQ(config.segment_bytes, 65536);
    EXPECT_EQ(config.timeout, Duration(5s));
    EXPECT_EQ(config.port, 65535);
    EXPECT_EQ(config.names, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(config.colour, Colour::kGreen);
    EXPECT_EQ(config.ratio, 0.5);
    ASSERT_EQ(config.listeners.size(), 1U);
    EXPECT_EQ(config.listeners[0].address, (HostPort{"127.0.0.1", 0}));
}

TEST(ObjectReader, ReportsEverythingWrongAtOnceWithPlaces) {
    Config config;
    const Problems problems = read(
        "node.id: -1\n"
        "enabeld: true\n"
        "segment.bytes: 10\n"
        "timeout: soon\n"
        "port: 65536\n"
        "names: []\n"
        "colour: gren\n"
        "ratio: 2\n"
        "listeners:\n"
        "- name: ''\n"
        "  adress: x:1\n"
        "- 5\n",
        config
    );
    EXPECT_EQ(
        problems.to_string(),
        "c.yaml:1:10: node.id: '-1' is too small; allowed: 0 to 2147483647\n"
        "c.yaml:2:1: unknown key 'enabeld'; did you mean 'enabled'?\n"
        "c.yaml:3:16: segment.bytes: '10' is too small; allowed: 14 to 1GiB\n"
        "c.yaml:4:10: timeout: 'soon' is not a duration; expected a duration such as 500ms, 30s, "
        "12h "
        "or 7d\n"
        "c.yaml:5:7: port: '65536' is too large; allowed: 0 to 65535\n"
        "c.yaml:6:8: names: the list is empty; name at least one\n"
        "c.yaml:7:9: colour: unknown value 'gren'; did you mean 'green'?\n"
        "c.yaml:8:8: ratio: '2' is too large; allowed: 0 to 1\n"
        "c.yaml:10:3: listeners[0]: key 'address' is missing; add 'address:'\n"
        "c.yaml:10:9: listeners[0].name: must not be empty\n"
        "c.yaml:11:3: listeners[0]: unknown key 'adress'; did you mean 'address'?\n"
        "c.yaml:12:3: listeners[1]: expected a mapping of keys, found a value"
    );
}

TEST(ObjectReader, NamesAMissingKeyAndAWrongShape) {
    Config config;
    EXPECT_EQ(read("", config).to_string(), "c.yaml: key 'node.id' is missing; add 'node.id:'");
    EXPECT_EQ(
        read("node.id: [1]\nlisteners: {a: 1}\n", config).to_string(),
        "c.yaml:1:10: node.id: expected whole number, found a list\n"
        "c.yaml:2:12: listeners: expected a list, found a mapping; begin each item with '- '"
    );
}

TEST(ObjectReader, AWrongValueLeavesTheMemberAlone) {
    Config config;
    config.node_id = 9;
    EXPECT_FALSE(read("node.id: x\n", config).empty());
    EXPECT_EQ(config.node_id, 9);
}

TEST(ObjectReader, AKeyInMillisecondsTakesPlainNumbersAndDurations) {
    const auto read_as = [](const std::string& key, const std::string& value) {
        Problems problems("c.yaml");
        const Node root = parse_yaml(key + ": " + value, problems);
        ObjectReader r(root, problems);
        Duration duration{-1};
        r.required(key, duration);
        return problems.empty() ? duration : Duration(-1);
    };
    EXPECT_EQ(read_as("idle.ms", "1500"), Duration(1500ms));
    EXPECT_EQ(read_as("idle.ms", "5m"), Duration(300s));
    EXPECT_EQ(read_as("idle.ms", "-1"), Duration(-1));
    EXPECT_EQ(read_as("idle", "1500"), Duration(-1));
    EXPECT_GT(read_as("idle.ms", "9223372036854775807"), Duration(0));
}

TEST(ObjectReader, HandsOverTheRest) {
    Problems problems("c.yaml");
    const Node root = parse_yaml("a: 1\nb: 2\n", problems);
    ObjectReader r(root, problems);
    int a = 0;
    r.required("a", a);
    std::vector<std::string> keys;
    r.rest([&](const NodeEntry& entry, const std::string& path) {
        keys.push_back(path);
        EXPECT_EQ(entry.value.scalar, "2");
    });
    r.finish();
    EXPECT_EQ(keys, std::vector<std::string>{"b"});
    EXPECT_TRUE(problems.empty());
}

}  // namespace
}  // namespace sealane::config
