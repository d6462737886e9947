// DescribeConfigs, AlterConfigs, IncrementalAlterConfigs and ListConfigResources in every version.

#include "broker/api/configs/config_decisions.hpp"
#include "broker/api/topic_creation.hpp"
#include "tests/unit/broker/api/groups/broker_in_memory.hpp"

#include <algorithm>

namespace sealane::broker {
namespace {

using namespace kafka;
using Described = DescribeConfigsResponse::DescribeConfigsResourceResult;

class ConfigApis : public BrokerInMemory {
 protected:
    ConfigApis() {
        run([this]() -> runtime::Task<void> {
            NewTopic topic;
            topic.name = "t";
            topic.configs = {{"retention.ms", "1000"}};
            const Status made = co_await ensure_topic(broker_->services(), topic);
            EXPECT_TRUE(made);
        });
    }
    DescribeConfigsResponse::DescribeConfigsResult describe(
        std::int16_t version, std::int8_t type, std::string name, std::vector<std::string> keys = {}
    ) {
        DescribeConfigsRequest request;
        auto& resource = request.resources.emplace_back();
        resource.resource_type = type;
        resource.resource_name = std::move(name);
        resource.configuration_keys.reset();
        if (!keys.empty()) resource.configuration_keys = std::move(keys);
        if (version >= 1) request.include_synonyms = true;
        if (version >= 3) request.include_documentation = true;
        return ask(request, version).results.at(0);
    }
    Described key(const std::string& name) {
        return describe(4, kTopicResource, "t", {name}).configs.at(0);
    }
    ErrorCode edit(
        std::string name, std::int8_t kind, std::optional<std::string> value, bool dry = false
    ) {
        IncrementalAlterConfigsRequest request;
        request.validate_only = dry;
        auto& resource = request.resources.emplace_back();
        resource.resource_type = kTopicResource;
        resource.resource_name = "t";
        resource.configs.push_back({std::move(name), kind, std::move(value)});
        const auto first = ask(request, 1).responses.at(0).error_code;
        return first;
    }
};

TEST_F(ConfigApis, TopicKeysHaveValueSourceAndSynonyms) {
    for (std::int16_t version = 0; version <= 4; ++version) {
        const auto result = describe(version, kTopicResource, "t");
        EXPECT_EQ(result.error_code, ErrorCode::kNone);
        EXPECT_EQ(result.configs.size(), topic_config_keys().size());
        const auto at = std::ranges::find(result.configs, "retention.ms", &Described::name);
        ASSERT_NE(at, result.configs.end());
        EXPECT_EQ(at->value, "1000");
        EXPECT_FALSE(at->read_only);
        EXPECT_FALSE(at->is_default);
        if (version < 1) continue;
        EXPECT_EQ(at->config_source, 1);
        ASSERT_EQ(at->synonyms.size(), 2U);
        EXPECT_EQ(at->synonyms[1].name, "log.retention.ms");
        EXPECT_EQ(at->synonyms[1].value, "604800000");
        EXPECT_EQ(at->synonyms[1].source, 5);
        if (version < 3) continue;
        EXPECT_EQ(at->config_type, 5);
        EXPECT_FALSE(at->documentation.value_or("").empty());
    }
    EXPECT_EQ(key("cleanup.policy").config_source, 5);
}

TEST_F(ConfigApis, BrokerIsDescribedByItsNumberOnly) {
    const auto result = describe(4, kBrokerResource, "7");
    EXPECT_EQ(result.error_code, ErrorCode::kNone);
    const auto at = std::ranges::find(result.configs, "log.dir", &Described::name);
    ASSERT_NE(at, result.configs.end());
    EXPECT_EQ(at->value, "/data");
    EXPECT_TRUE(at->read_only);
    EXPECT_EQ(describe(4, kBrokerResource, "8").error_code, ErrorCode::kInvalidRequest);
    EXPECT_EQ(describe(4, kBrokerResource, "").error_code, ErrorCode::kNone);
    EXPECT_EQ(describe(4, kTopicResource, "x").error_code, ErrorCode::kUnknownTopicOrPartition);
    EXPECT_EQ(describe(4, kTopicResource, "..").error_code, ErrorCode::kInvalidTopicException);
    EXPECT_EQ(describe(4, 9, "x").error_code, ErrorCode::kInvalidRequest);
}

TEST_F(ConfigApis, IncrementalEditsSetDeleteAppendAndSubtract) {
    EXPECT_EQ(edit("retention.ms", 0, "2000"), ErrorCode::kNone);
    EXPECT_EQ(key("retention.ms").value, "2000");
    EXPECT_EQ(edit("retention.ms", 1, std::nullopt), ErrorCode::kNone);
    EXPECT_EQ(key("retention.ms").config_source, 5);
    EXPECT_EQ(edit("cleanup.policy", 2, "compact"), ErrorCode::kNone);
    EXPECT_EQ(key("cleanup.policy").value, "delete,compact");
    EXPECT_EQ(edit("cleanup.policy", 3, "delete"), ErrorCode::kNone);
    EXPECT_EQ(key("cleanup.policy").value, "compact");
    EXPECT_EQ(edit("retention.ms", 0, "5", true), ErrorCode::kNone);
    EXPECT_EQ(key("retention.ms").config_source, 5) << "only validated";
}

TEST_F(ConfigApis, WrongEditsAreRefused) {
    EXPECT_EQ(edit("no.such.key", 0, "1"), ErrorCode::kInvalidConfig);
    EXPECT_EQ(edit("retention.ms", 0, "soon"), ErrorCode::kInvalidConfig);
    EXPECT_EQ(edit("retention.ms", 0, "soon", true), ErrorCode::kInvalidConfig);
    EXPECT_EQ(edit("retention.ms", 0, std::nullopt), ErrorCode::kInvalidRequest);
    EXPECT_EQ(edit("retention.ms", 2, "1"), ErrorCode::kInvalidConfig);
    EXPECT_EQ(edit("retention.ms", 7, "1"), ErrorCode::kInvalidRequest);
    IncrementalAlterConfigsRequest request;
    request.resources.push_back({kTopicResource, "t", {{"retention.ms", 0, "1"}}});
    request.resources.push_back({kTopicResource, "t", {{"retention.ms", 0, "2"}}});
    request.resources.push_back({kBrokerResource, "7", {{"log.dir", 0, "/x"}}});
    request.resources.push_back({kTopicResource, "x", {{"retention.ms", 0, "2"}}});
    const auto responses = ask(request, 0).responses;
    EXPECT_EQ(responses.at(0).error_code, ErrorCode::kNone);
    EXPECT_EQ(responses.at(1).error_code, ErrorCode::kInvalidRequest);
    EXPECT_EQ(responses.at(2).error_code, ErrorCode::kInvalidConfig);
    EXPECT_EQ(responses.at(3).error_code, ErrorCode::kUnknownTopicOrPartition);
    EXPECT_EQ(key("retention.ms").value, "1");
}

TEST_F(ConfigApis, WhatIsSetAtRunTimeIsShownBeforeTheFiles) {
    IncrementalAlterConfigsRequest request;
    request.resources.push_back(
        {kBrokerResource, "", {{"log.segment.bytes", 0, "4096"}, {"max.connections", 0, "20"}}}
    );
    request.resources.push_back({kBrokerResource, "7", {{"max.connections", 0, "30"}}});
    for (const auto& response : ask(request, 0).responses)
        EXPECT_EQ(response.error_code, ErrorCode::kNone) << *response.error_message;
    const auto all = describe(4, kBrokerResource, "").configs;
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "log.segment.bytes");
    EXPECT_EQ(all[0].config_source, 3);
    const auto here = describe(4, kBrokerResource, "7").configs;
    const auto at = std::ranges::find(here, "max.connections", &Described::name);
    ASSERT_NE(at, here.end());
    EXPECT_EQ(at->value, "30");
    EXPECT_FALSE(at->read_only);
    EXPECT_EQ(at->config_source, 2);
    ASSERT_EQ(at->synonyms.size(), 3U);
    EXPECT_EQ(at->synonyms[1].value, "20");
    EXPECT_EQ(at->synonyms[1].source, 3);
    EXPECT_EQ(key("segment.bytes").value, "4096");
    EXPECT_EQ(key("segment.bytes").config_source, 3);
}

TEST_F(ConfigApis, AlterConfigsReplacesEverything) {
    for (std::int16_t version = 0; version <= 2; ++version) {
        EXPECT_EQ(edit("retention.ms", 0, "2000"), ErrorCode::kNone);
        AlterConfigsRequest request;
        request.resources.push_back({kTopicResource, "t", {{"segment.bytes", "2048"}}});
        EXPECT_EQ(ask(request, version).responses.at(0).error_code, ErrorCode::kNone);
        EXPECT_EQ(key("segment.bytes").value, "2048");
        EXPECT_EQ(key("retention.ms").config_source, 5);
    }
}

TEST_F(ConfigApis, ResourcesAreListedByType) {
    EXPECT_TRUE(ask(ListConfigResourcesRequest{}, 0).config_resources.empty());
    EXPECT_EQ(ask(ListConfigResourcesRequest{}, 1).config_resources.size(), 2U);
    ListConfigResourcesRequest brokers;
    brokers.resource_types = {kBrokerResource};
    const auto listed = ask(brokers, 1).config_resources;
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed[0].resource_name, "7");
}

}  // namespace
}  // namespace sealane::broker
