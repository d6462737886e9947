#include "broker/config/broker_config.hpp"

#include "common/base/ids.hpp"

#include <algorithm>
#include <set>

namespace sealane::broker {

bool BrokerConfig::may_use_private_apis(std::string_view principal) const {
    const auto lists = [principal](const std::vector<std::string>& principals) {
        return std::ranges::find(principals, principal) != principals.end();
    };
    return lists(super_users) || lists(mirror_principals);
}

namespace {

std::unexpected<Error> bad(std::string text) {
    return fail(ErrorCode::kBadConfig, std::move(text));
}

Status check_listener(const ListenerConfig& listener) {
    const std::string name = "listener " + listener.name + ": ";
    if (!listener.address.is_unix() && listener.address.host.empty()) {
        return bad(name + "address needs a host, such as 0.0.0.0:9092");
    }
    if (listener.advertised &&
        (listener.advertised->host.empty() || listener.advertised->port == 0)) {
        return bad(name + "advertised needs the host and port that clients connect to");
    }
    const std::string& host = listener.address.host;
    if (!listener.advertised && (host == "0.0.0.0" || host == "::")) {
        return bad(
            name + "listens on every address; say with 'advertised' which one clients connect to"
        );
    }
    return {};
}

}  // namespace

Status validate(const BrokerConfig& config) {
    if (config.node_id.value < 0) return bad("node.id must not be negative");
    if (config.log_dir.empty()) return bad("log.dir is needed: the directory of the data");
    if (!config.cluster_id.empty() && !Uuid::parse(config.cluster_id)) {
        return bad("cluster.id must be 22 characters of URL-safe base64; leave it out for a new one"
        );
    }
    if (config.listeners.empty()) return bad("listeners needs at least one");
    std::set<std::string> names;
    for (const ListenerConfig& listener : config.listeners) {
        if (listener.name.empty()) return bad("every listener needs a name");
        if (!names.insert(listener.name).second) {
            return bad("two listeners are named " + listener.name);
        }
        SEALANE_CHECK(check_listener(listener));
    }
    if (config.num_partitions < 1) return bad("num.partitions must be at least 1");
    for (const auto* list : {&config.super_users, &config.mirror_principals}) {
        for (const std::string& principal : *list) {
            if (!principal.starts_with("User:")) {
                return bad("'" + principal + "' is no principal: write User:NAME");
            }
        }
    }
    return {};
}

}  // namespace sealane::broker
