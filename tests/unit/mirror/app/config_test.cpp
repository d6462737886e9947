#include "mirror/app/config_file.hpp"

#include <gtest/gtest.h>

namespace sealane::mirror {
namespace {

constexpr std::string_view kGood = R"(domain: korea
data.dir: /var/lib/sealane/mirror-korea
admin.address: 127.0.0.1:0
topic.interval.ms: 1000
clusters:
  - name: korea
    bootstrap: ["127.0.0.1:19093"]
    tls: {domain: korea, ca: ca.pem, certificate: c.pem, key: k.pem}
halves:
  - link: seoul->korea
    role: producer
    cluster: korea
    socket: unix:/run/sealane/seoul-korea.sock
    kind: aggregate
    topics: {include: ["*"], exclude: ["__*"]}
    groups: {include: ["*"]}
    queue.bytes: 32MiB
    on.gap: ledger
    group.prefix: "seoul."
)";

std::string with(std::string_view from, std::string_view to) {
    std::string text(kGood);
    text.replace(text.find(from), from.size(), to);
    return text;
}
std::string trouble(const std::string& text) {
    const auto config = parse_config(text, "m.yaml");
    return config ? "" : config.error().detail();
}

TEST(MirrorConfigFile, ReadsEverything) {
    const auto config = parse_config(kGood, "m.yaml");
    ASSERT_TRUE(config) << config.error().to_string();
    EXPECT_EQ(config->domain, "korea");
    EXPECT_EQ(config->topic_interval, 1s);
    ASSERT_EQ(config->halves.size(), 1U);
    const HalfConfig& half = config->halves[0];
    EXPECT_EQ(half.role, HalfRole::kProducer);
    EXPECT_EQ(half.kind, LinkKind::kAggregate);
    EXPECT_EQ(half.on_gap, OnGap::kLedger);
    EXPECT_EQ(half.queue_bytes, 32U << 20U);
    EXPECT_EQ(half.socket.unix_path, "/run/sealane/seoul-korea.sock");
    EXPECT_EQ(config->clusters[0].tls->key_file, "k.pem");
}

TEST(MirrorConfigFile, NamesThePlaceAndTheWayToMend) {
    EXPECT_NE(trouble(with("on.gap", "on.gpa")).find("m.yaml:18"), std::string::npos);
    EXPECT_NE(trouble(with("on.gap", "on.gpa")).find("did you mean 'on.gap'"), std::string::npos);
    EXPECT_NE(trouble(with("role: producer", "role: both")).find("producer"), std::string::npos);
}

TEST(MirrorConfigFile, RefusesWhatCannotWork) {
    EXPECT_NE(trouble(with("cluster: korea", "cluster: tokyo")), "");
    EXPECT_NE(trouble(with("topics: {include: [\"*\"], exclude: [\"__*\"]}", "")), "");
    EXPECT_NE(trouble(with("kind: aggregate", "kind: replica")), "");  // it has a group prefix
    EXPECT_NE(trouble(with("32MiB", "10kB")), "");
    EXPECT_NE(trouble(with("domain: korea\n", "")), "");
}

}  // namespace
}  // namespace sealane::mirror
