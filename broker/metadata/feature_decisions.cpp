#include "broker/metadata/feature_decisions.hpp"

#include <algorithm>
#include <set>

namespace sealane::broker {

namespace {

using Update = kafka::UpdateFeaturesRequest::FeatureUpdateKey;

enum class UpgradeType : std::int8_t { kUpgrade = 1, kSafeDowngrade = 2, kUnsafeDowngrade = 3 };

kafka::FeatureLevelRecord record_of(std::string_view name, std::int16_t level) {
    kafka::FeatureLevelRecord record;
    record.name = name;
    record.feature_level = level;
    return record;
}

bool has_level(const BrokerState& broker, std::string_view name, std::int16_t level) {
    return std::ranges::any_of(broker.features, [&](const BrokerState::Feature& feature) {
        return feature.name == name && feature.min <= level && level <= feature.max;
    });
}

Status refused(const Update& update, const std::string& why) {
    return fail(
        ErrorCode::kInvalidUpdateVersion,
        update.feature + " to level " + std::to_string(update.max_version_level) + ": " + why
    );
}

Status check_support(const Image& image, const Update& update) {
    const auto known = std::ranges::find(kKnownFeatures, update.feature, &KnownFeature::name);
    if (known == kKnownFeatures.end()) return refused(update, "no such feature here");
    const std::int16_t level = update.max_version_level;
    if (level < known->min || level > known->max) {
        return refused(
            update,
            "levels go from " + std::to_string(known->min) + " to " + std::to_string(known->max)
        );
    }
    if (level == 0) return {};
    for (const auto& [id, broker] : image.brokers()) {
        if (has_level(broker, update.feature, level)) continue;
        return refused(
            update, "broker " + std::to_string(id.value) + " is too old; upgrade or remove it first"
        );
    }
    return {};
}

Status check_direction(std::int16_t now, const Update& update, UpgradeType type) {
    switch (type) {
        case UpgradeType::kUpgrade:
            if (update.max_version_level >= now) return {};
            return refused(
                update,
                "it is at level " + std::to_string(now) + "; ask for a downgrade (upgrade type 2)"
            );
        case UpgradeType::kSafeDowngrade:
        case UpgradeType::kUnsafeDowngrade:
            if (update.max_version_level <= now) return {};
            return refused(
                update, "it is at level " + std::to_string(now) + "; this is not a downgrade"
            );
    }
    return refused(update, "no such upgrade type");
}

}  // namespace

bool has_level(
    const kafka::BrokerRegistrationRequest& request, std::string_view name, std::int16_t level
) {
    return std::ranges::any_of(request.features, [&](const auto& feature) {
        return feature.name == name && feature.min_supported_version <= level &&
               level <= feature.max_supported_version;
    });
}

std::vector<kafka::FeatureLevelRecord> finalize_features(
    const Image& image, const kafka::BrokerRegistrationRequest& request
) {
    std::vector<kafka::FeatureLevelRecord> records;
    for (const KnownFeature& feature : kKnownFeatures) {
        if (image.features().contains(feature.name)) continue;
        const bool everywhere = std::ranges::all_of(image.brokers(), [&](const auto& each) {
            return each.first == request.broker_id ||
                   has_level(each.second, feature.name, feature.max);
        });
        if (everywhere && has_level(request, feature.name, feature.max)) {
            records.push_back(record_of(feature.name, feature.max));
        }
    }
    return records;
}

Result<std::vector<kafka::FeatureLevelRecord>> update_features(
    const Image& image, const kafka::UpdateFeaturesRequest& request, std::int16_t version
) {
    if (request.feature_updates.empty()) {
        return fail(ErrorCode::kInvalidRequest, "no feature to update");
    }
    std::vector<kafka::FeatureLevelRecord> records;
    std::set<std::string_view> seen;
    for (const Update& update : request.feature_updates) {
        if (!seen.insert(update.feature).second) {
            return fail(ErrorCode::kInvalidRequest, update.feature + " is named twice");
        }
        SEALANE_CHECK(check_support(image, update));
        const std::int16_t now = image.feature_level(update.feature);
        // Before upgrade types, a flag said whether the level may fall (KIP-778).
        auto type = static_cast<UpgradeType>(update.upgrade_type);
        if (version == 0) {
            const bool falls = update.allow_downgrade && update.max_version_level < now;
            type = falls ? UpgradeType::kSafeDowngrade : UpgradeType::kUpgrade;
        }
        SEALANE_CHECK(check_direction(now, update, type));
        if (update.max_version_level == now) continue;
        records.push_back(record_of(update.feature, update.max_version_level));
    }
    return records;
}

}  // namespace sealane::broker
