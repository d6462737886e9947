#pragma once
// What it takes to change access control (KIP-140), SCRAM credentials (KIP-554) and quotas
// (KIP-546): checks against the image, records and answers out. Deciders only;
// MetadataStore::change commits the records.

#include "broker/metadata/image.hpp"
#include "common/kafka/messages/acls.hpp"
#include "common/kafka/messages/quotas.hpp"
#include "common/kafka/messages/sasl.hpp"

#include <functional>

namespace sealane::broker {

template <class Response>
struct SecurityDecision {
    Records records;
    Response response;
};

// `fresh_id` gives the ids of new entries. An entry that is there already is a success.
[[nodiscard]] SecurityDecision<kafka::CreateAclsResponse> create_acls(
    const Image& image,
    const kafka::CreateAclsRequest& request,
    const std::function<Uuid()>& fresh_id
);
[[nodiscard]] SecurityDecision<kafka::DeleteAclsResponse> delete_acls(
    const Image& image, const kafka::DeleteAclsRequest& request
);
// Grouped by pattern, in order. INVALID_REQUEST: a filter that is not understood.
[[nodiscard]] kafka::DescribeAclsResponse describe_acls(
    const Image& image, const kafka::DescribeAclsRequest& request
);

// The keys of a salted password, as the metadata keeps them: StoredKey and ServerKey of RFC 5802.
struct ScramKeys {
    std::string stored_key;
    std::string server_key;
};
using ScramDerivation =
    std::function<ScramKeys(identity::ScramMechanism mechanism, std::string_view salted_password)>;
[[nodiscard]] SecurityDecision<kafka::AlterUserScramCredentialsResponse> alter_scram(
    const Image& image,
    const kafka::AlterUserScramCredentialsRequest& request,
    const ScramDerivation& derive
);
// Mechanisms and iterations, never the keys.
[[nodiscard]] kafka::DescribeUserScramCredentialsResponse describe_scram(
    const Image& image, const kafka::DescribeUserScramCredentialsRequest& request
);

[[nodiscard]] SecurityDecision<kafka::AlterClientQuotasResponse> alter_quotas(
    const Image& image, const kafka::AlterClientQuotasRequest& request
);
[[nodiscard]] kafka::DescribeClientQuotasResponse describe_quotas(
    const Image& image, const kafka::DescribeClientQuotasRequest& request
);

}  // namespace sealane::broker
