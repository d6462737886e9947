#pragma once
// Feature levels (KIP-584, KIP-778): which this version of brokers knows, which are finalized when
// a broker registers, and what an operator may change. Deciders only.

#include "broker/metadata/image.hpp"
#include "common/kafka/messages/brokers.hpp"
#include "common/kafka/messages/cluster.hpp"

#include <array>
#include <string_view>

namespace sealane::broker {

struct KnownFeature {
    std::string_view name;
    std::int16_t min = 0;
    std::int16_t max = 0;
};

// What clients look at before they use an epoch for each transaction (KIP-890).
inline constexpr std::string_view kTransactionFeature = "transaction.version";

// Groups of KIP-848; below level 1 their requests are refused, because a coordinator that does not
// know their records would lose them.
inline constexpr std::string_view kGroupFeature = "group.version";
inline constexpr std::int16_t kGroupLevel = 1;

inline constexpr std::array kKnownFeatures{
    KnownFeature{kTransactionFeature, 0, 2},
    KnownFeature{kGroupFeature, 0, kGroupLevel},
};

// Whether the broker that registers can work at this level.
[[nodiscard]] bool has_level(
    const kafka::BrokerRegistrationRequest& request, std::string_view name, std::int16_t level
);

// Features that nobody has decided about and that every broker, with the one that registers, has at
// its newest level here: they get that level. An operator's choice is never overridden, level 0
// too.
[[nodiscard]] std::vector<kafka::FeatureLevelRecord> finalize_features(
    const Image& image, const kafka::BrokerRegistrationRequest& request
);

// UpdateFeatures, all or nothing, in the version that it was asked in. INVALID_UPDATE_VERSION: a
// feature or level that is not known here or to one of the brokers, or a change against the type of
// the update. INVALID_REQUEST: a feature named twice or none at all. No record: nothing changes.
[[nodiscard]] Result<std::vector<kafka::FeatureLevelRecord>> update_features(
    const Image& image, const kafka::UpdateFeaturesRequest& request, std::int16_t version
);

}  // namespace sealane::broker
