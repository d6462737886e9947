#include "broker/api/configs/config_decisions.hpp"

#include "broker/metadata/dynamic_config.hpp"

#include <algorithm>
#include <set>

namespace sealane::broker {
namespace {

using Synonym = kafka::DescribeConfigsResponse::DescribeConfigsSynonym;

constexpr std::int8_t number(ConfigSource source) {
    return static_cast<std::int8_t>(source);
}

bool wanted(const DescribeOptions& options, std::string_view key) {
    return options.keys.empty() || std::ranges::find(options.keys, key) != options.keys.end();
}

Synonym synonym(std::string_view name, std::string value, ConfigSource source) {
    Synonym made;
    made.name = name;
    made.value = std::move(value);
    made.source = number(source);
    return made;
}

void add_override(
    std::vector<Synonym>& chain,
    const ConfigOverrides& overrides,
    std::string_view key,
    ConfigSource source
) {
    const auto found = overrides.find(key);
    if (found != overrides.end()) chain.push_back(synonym(key, found->second, source));
}

// The first of the chain is what holds; the chain itself is shown on request.
DescribedConfig shown(std::string_view name, std::vector<Synonym> chain, bool with_chain) {
    DescribedConfig config;
    config.name = name;
    config.value = chain.front().value;
    config.config_source = chain.front().source;
    config.is_default = config.config_source == number(ConfigSource::kDefault);
    if (with_chain) config.synonyms = std::move(chain);
    config.documentation.reset();
    return config;
}

std::vector<std::string> items(std::string_view list) {
    std::vector<std::string> found;
    while (!list.empty()) {
        const auto comma = list.find(',');
        std::string_view item = list.substr(0, comma);
        while (item.starts_with(' ')) item.remove_prefix(1);
        while (item.ends_with(' ')) item.remove_suffix(1);
        if (!item.empty()) found.emplace_back(item);
        list = comma == std::string_view::npos ? "" : list.substr(comma + 1);
    }
    return found;
}

std::string joined(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& item : list) text += (text.empty() ? "" : ",") + item;
    return text;
}

// Append or subtract on a list key, from the override or else the default.
Result<std::string> changed_list(const ConfigOverrides& before, const ConfigEdit& edit) {
    const TopicConfigKey* key = find_topic_config_key(edit.key);
    if (key == nullptr || key->type != ConfigType::kList) {
        return fail(
            ErrorCode::kInvalidConfig,
            "Can't append to or subtract from " + edit.key + ": it is not a list"
        );
    }
    const auto old = before.find(edit.key);
    auto list = items(old == before.end() ? key->default_text : std::string_view(old->second));
    const bool append = edit.kind == static_cast<std::int8_t>(ConfigEdit::Kind::kAppend);
    for (const std::string& item : items(*edit.value)) {
        std::erase(list, item);
        if (append) list.push_back(item);
    }
    return joined(list);
}

Result<std::optional<std::string>> edited_value(
    const ConfigOverrides& before, const ConfigEdit& edit
) {
    using Kind = ConfigEdit::Kind;
    if (edit.kind < 0 || edit.kind > static_cast<std::int8_t>(Kind::kSubtract))
        return fail(ErrorCode::kInvalidRequest, "Unknown operation for " + edit.key);
    const auto kind = static_cast<Kind>(edit.kind);
    if (kind == Kind::kDelete) return std::optional<std::string>();
    if (!edit.value)
        return fail(ErrorCode::kInvalidRequest, "Null value not supported for " + edit.key);
    if (kind == Kind::kSet) return edit.value;
    SEALANE_TRY(std::string list, changed_list(before, edit));
    return std::optional<std::string>(std::move(list));
}

std::unexpected<Error> twice(const std::string& key) {
    return fail(ErrorCode::kInvalidRequest, "Duplicate config key " + key);
}

}  // namespace

std::vector<DescribedConfig> describe_topic_configs(
    const ConfigLayers& layers, const ConfigOverrides& overrides, const DescribeOptions& options
) {
    std::vector<DescribedConfig> configs;
    for (const TopicConfigKey& key : topic_config_keys()) {
        if (!wanted(options, key.name)) continue;
        const std::string_view broker_key =
            key.broker_synonym.empty() ? key.name : key.broker_synonym;
        std::vector<Synonym> chain;
        add_override(chain, overrides, key.name, ConfigSource::kTopic);
        add_override(chain, layers.everywhere, broker_key, ConfigSource::kAllBrokers);
        std::string here = config_text(layers.file.topic_defaults, key.name);
        if (here != key.default_text)
            chain.push_back(synonym(broker_key, std::move(here), ConfigSource::kStaticBroker));
        chain.push_back(synonym(broker_key, std::string(key.default_text), ConfigSource::kDefault));
        DescribedConfig config = shown(key.name, std::move(chain), options.synonyms);
        config.config_type = static_cast<std::int8_t>(key.type);
        if (options.documentation) config.documentation = key.documentation;
        configs.push_back(std::move(config));
    }
    return configs;
}

std::vector<DescribedConfig> describe_broker_configs(
    const ConfigLayers& layers, const DescribeOptions& options
) {
    std::vector<DescribedConfig> configs;
    for (BrokerSetting& setting : broker_settings(layers.file)) {
        if (!wanted(options, setting.name)) continue;
        std::vector<Synonym> chain;
        add_override(chain, layers.own, setting.name, ConfigSource::kBroker);
        add_override(chain, layers.everywhere, setting.name, ConfigSource::kAllBrokers);
        if (setting.value != setting.default_text)
            chain.push_back(synonym(setting.name, setting.value, ConfigSource::kStaticBroker));
        chain.push_back(synonym(setting.name, setting.default_text, ConfigSource::kDefault));
        DescribedConfig described = shown(setting.name, std::move(chain), options.synonyms);
        described.read_only = !is_dynamic(setting.name);
        described.config_type = static_cast<std::int8_t>(setting.type);
        if (options.documentation) described.documentation = std::move(setting.documentation);
        configs.push_back(std::move(described));
    }
    return configs;
}

std::vector<DescribedConfig> describe_all_brokers(
    const ConfigLayers& layers, const DescribeOptions& options
) {
    const ConfigOverrides none;
    const ConfigLayers shared{.file = layers.file, .everywhere = layers.everywhere, .own = none};
    std::vector<DescribedConfig> configs;
    for (DescribedConfig& config : describe_broker_configs(shared, options)) {
        if (config.config_source == number(ConfigSource::kAllBrokers))
            configs.push_back(std::move(config));
    }
    return configs;
}

Result<ConfigChanges> edited(const ConfigOverrides& before, const std::vector<ConfigEdit>& edits) {
    ConfigChanges changes;
    for (const ConfigEdit& edit : edits) {
        SEALANE_TRY(auto value, edited_value(before, edit));
        if (!changes.emplace(edit.key, std::move(value)).second) return twice(edit.key);
    }
    return changes;
}

Result<ConfigChanges> replaced(
    const ConfigOverrides& before, const std::vector<ConfigEdit>& values
) {
    ConfigChanges changes;
    for (const ConfigEdit& value : values) {
        if (!value.value)
            return fail(ErrorCode::kInvalidRequest, "Null value not supported for " + value.key);
        if (!changes.emplace(value.key, value.value).second) return twice(value.key);
    }
    for (const auto& [key, value] : before) changes.emplace(key, std::nullopt);
    return changes;
}

}  // namespace sealane::broker
