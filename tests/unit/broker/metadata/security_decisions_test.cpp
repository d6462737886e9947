// Access control, credentials and quotas in the metadata: decided, kept, and the same after a
// snapshot.

#include "broker/metadata/security_decisions.hpp"

#include "tests/unit/broker/metadata/cluster_image.hpp"

#include <gtest/gtest.h>

namespace sealane::broker {
namespace {

class SecurityDecisionsTest : public testing::Test {
 protected:
    void apply(const Records& records) {
        for (const MetadataRecord& record : records) {
            // As every node reads it.
            const auto bytes = encode_metadata_record(record);
            ASSERT_TRUE(bytes.has_value());
            const auto back = decode_metadata_record(*bytes);
            ASSERT_TRUE(back.has_value() && back->has_value());
            ASSERT_TRUE(image_.apply(**back).has_value());
        }
    }
    kafka::CreateAclsResponse create(const kafka::CreateAclsRequest& request) {
        auto decision = create_acls(image_, request, [this] { return uuid_of(++ids_, 0); });
        apply(decision.records);
        return decision.response;
    }
    static kafka::CreateAclsRequest::AclCreation acl(std::string topic, std::int8_t operation = 3) {
        return {2, std::move(topic), 3, "User:alice", "*", operation, 3};
    }
    Image from_snapshot() {
        Image copy;
        for (const MetadataRecord& record : image_.to_records()) {
            EXPECT_TRUE(copy.apply(record).has_value());
        }
        return copy;
    }
    kafka::AlterUserScramCredentialsResponse alter(
        const kafka::AlterUserScramCredentialsRequest& request
    ) {
        auto decision = alter_scram(image_, request, [](auto, std::string_view salted) {
            return ScramKeys{"stored " + std::string(salted), "server"};
        });
        apply(decision.records);
        return decision.response;
    }
    static kafka::AlterUserScramCredentialsRequest password(
        std::string user, std::int32_t iterations = 4096, std::size_t size = 32
    ) {
        kafka::AlterUserScramCredentialsRequest request;
        auto& one = request.upsertions.emplace_back();
        one.name = std::move(user);
        one.mechanism = 1;
        one.iterations = iterations;
        one.salt = BufferSlice::copy_of("salt");
        one.salted_password = BufferSlice::copy_of(std::string(size, 'x'));
        return request;
    }
    Image image_;
    std::uint8_t ids_ = 0;
};

TEST_F(SecurityDecisionsTest, AclsAreMadeOnce) {
    kafka::CreateAclsRequest request;
    request.creations = {acl("a"), acl("a"), acl(""), acl("b")};
    const auto made = create(request);
    EXPECT_EQ(made.results.at(0).error_code, ErrorCode::kNone);
    EXPECT_EQ(made.results.at(1).error_code, ErrorCode::kNone);
    EXPECT_EQ(made.results.at(2).error_code, ErrorCode::kInvalidRequest);
    EXPECT_EQ(image_.security().acls.entries().size(), 2U);
    create(request);
    EXPECT_EQ(image_.security().acls.entries().size(), 2U);
    EXPECT_EQ(from_snapshot(), image_);
}

TEST_F(SecurityDecisionsTest, OverlappingFiltersRemoveAnEntryOnce) {
    kafka::CreateAclsRequest request;
    request.creations = {acl("a"), acl("a", 4), acl("b")};
    create(request);
    kafka::DeleteAclsRequest remove;
    for (int i = 0; i < 2; ++i) {
        auto& filter = remove.filters.emplace_back();
        filter.resource_type_filter = 2;
        filter.resource_name_filter = "a";
        filter.pattern_type_filter = 3;
        filter.principal_filter.reset();
        filter.host_filter.reset();
        filter.operation = filter.permission_type = 1;
    }
    remove.filters.emplace_back();  // what it asks for is unknown
    const auto decision = delete_acls(image_, remove);
    EXPECT_EQ(decision.records.size(), 2U);
    EXPECT_EQ(decision.response.filter_results.at(0).matching_acls.size(), 2U);
    EXPECT_EQ(decision.response.filter_results.at(2).error_code, ErrorCode::kInvalidRequest);
    apply(decision.records);
    EXPECT_EQ(image_.security().acls.entries().size(), 1U);
}

TEST_F(SecurityDecisionsTest, AnImageThatOthersHoldDoesNotChange) {
    const Image before(image_);
    kafka::CreateAclsRequest request;
    request.creations = {acl("a")};
    create(request);
    EXPECT_TRUE(before.security().acls.entries().empty());
    EXPECT_FALSE(before == image_);
}

TEST_F(SecurityDecisionsTest, ADenialThatIsNotUnderstoodIsNotPassedOver) {
    kafka::AccessControlEntryRecord record;
    record.resource_type = 2;
    record.resource_name = "a";
    record.pattern_type = 3;
    record.principal = "User:alice";
    record.host = "*";
    record.operation = 99;
    record.permission_type = 2;
    EXPECT_FALSE(image_.apply(record).has_value());
    EXPECT_FALSE(image_.apply(kafka::RemoveAccessControlEntryRecord{}).has_value());
}

TEST_F(SecurityDecisionsTest, CredentialsAreCheckedAndKept) {
    EXPECT_EQ(alter(password("alice")).results.at(0).error_code, ErrorCode::kNone);
    const auto* stored = image_.security().credential("alice", identity::ScramMechanism::kSha256);
    ASSERT_NE(stored, nullptr);
    EXPECT_EQ(stored->iterations, 4096);
    EXPECT_EQ(stored->salt, "salt");
    EXPECT_EQ(from_snapshot(), image_);
    for (const auto& wrong :
         {password("", 4096), password("b", 4095), password("b", 16385), password("b", 4096, 31)}) {
        EXPECT_EQ(alter(wrong).results.at(0).error_code, ErrorCode::kUnacceptableCredential);
    }
    auto unknown = password("b");
    unknown.upsertions.at(0).mechanism = 7;
    EXPECT_EQ(alter(unknown).results.at(0).error_code, ErrorCode::kUnsupportedSaslMechanism);
    auto twice = password("b");
    twice.deletions.push_back({"b", 1});
    EXPECT_EQ(alter(twice).results.at(0).error_code, ErrorCode::kDuplicateResource);
    kafka::AlterUserScramCredentialsRequest remove;
    remove.deletions = {{"alice", 1}, {"nobody", 1}};
    const auto removed = alter(remove);
    EXPECT_EQ(removed.results.at(0).error_code, ErrorCode::kNone);
    EXPECT_EQ(removed.results.at(1).error_code, ErrorCode::kResourceNotFound);
    EXPECT_TRUE(image_.security().scram.empty());
}

TEST_F(SecurityDecisionsTest, UsersAreShownWithoutTheirKeys) {
    alter(password("alice", 8192));
    kafka::DescribeUserScramCredentialsRequest asked;
    asked.users->push_back({"alice"});
    asked.users->push_back({"bob"});
    const auto shown = describe_scram(image_, asked);
    EXPECT_EQ(shown.results.at(0).credential_infos.at(0).iterations, 8192);
    EXPECT_EQ(shown.results.at(1).error_code, ErrorCode::kResourceNotFound);
    asked.users->push_back({"alice"});
    EXPECT_EQ(
        describe_scram(image_, asked).results.at(0).error_code, ErrorCode::kDuplicateResource
    );
}

TEST_F(SecurityDecisionsTest, QuotasAreKept) {
    kafka::AlterClientQuotasRequest request;
    auto& entry = request.entries.emplace_back();
    entry.entity = {{"client-id", std::nullopt}, {"user", "u"}};
    entry.ops = {{"producer_byte_rate", 10, false}, {"request_percentage", 0.5, false}};
    const auto decision = alter_quotas(image_, request);
    EXPECT_EQ(decision.response.entries.at(0).error_code, ErrorCode::kNone);
    apply(decision.records);
    EXPECT_EQ(image_.security().quotas.limit("producer_byte_rate", "u", "any")->value, 10);
    EXPECT_EQ(from_snapshot(), image_);
    auto twice = request;
    twice.entries.push_back(entry);
    EXPECT_EQ(
        alter_quotas(image_, twice).response.entries.at(1).error_code, ErrorCode::kInvalidRequest
    );
    request.entries.at(0).ops.at(0).remove = true;
    request.entries.at(0).ops.pop_back();
    apply(alter_quotas(image_, request).records);
    EXPECT_FALSE(image_.security().quotas.limit("producer_byte_rate", "u", "any"));
}

}  // namespace
}  // namespace sealane::broker
