#include "broker/api/registry.hpp"

namespace sealane::broker {

void ApiRegistry::add_raw(
    std::int16_t key, ServedVersions versions, bool is_private, RawHandler handler
) {
    ApiEntry entry;
    entry.versions = versions;
    entry.is_private = is_private;
    entry.here = handler;
    entry.handler = std::move(handler);
    const bool fresh = entries_.emplace(key, std::move(entry)).second;
    SEALANE_ASSERT(fresh);
}

ApiEntry* ApiRegistry::unguarded(kafka::ApiKey key) {
    const auto found = entries_.find(static_cast<std::int16_t>(key));
    if (found == entries_.end()) return nullptr;
    SEALANE_ASSERT(!found->second.has_rule);
    return &found->second;
}

std::optional<Error> ApiRegistry::refused_unruled(const RequestContext& context) const {
    const ApiEntry& entry = entries_.at(context.api_key);
    // Open to everybody, or let in by principal already.
    if (entry.has_rule || entry.is_cluster || entry.is_private || context.cluster_action) {
        return std::nullopt;
    }
    return Error(
        ErrorCode::kClusterAuthorizationFailed,
        "API " + std::to_string(context.api_key) + " has no access rule: for super users only"
    );
}

void ApiRegistry::set_detour(Detour detour) {
    const auto shared = std::make_shared<const Detour>(std::move(detour));
    for (auto& [key, entry] : entries_) {
        entry.handler = [shared, at = &entry](RequestContext context, BufferSlice body) {
            auto instead = (*shared)(*at, context, body);
            if (instead) return *std::move(instead);
            return at->here(std::move(context), std::move(body));
        };
    }
}

void ApiRegistry::answer_unsupported(std::int16_t key, std::function<BufferChain()> answer) {
    const auto found = entries_.find(key);
    SEALANE_ASSERT(found != entries_.end());
    found->second.answer_unsupported = std::move(answer);
}

const ApiEntry* ApiRegistry::find(std::int16_t key) const {
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
}

}  // namespace sealane::broker
