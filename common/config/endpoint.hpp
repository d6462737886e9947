#pragma once
// runtime::Endpoint as a configuration value: "host:port" or "unix:/path". Apart from codec.hpp so
// that cores can read files without the runtime.

#include "common/config/codec.hpp"
#include "common/runtime/network.hpp"

namespace sealane::config {

template <>
struct Codec<runtime::Endpoint> {
    static bool read(const ValueSite& site, const Limits&, runtime::Endpoint& out) {
        if (!site.is_scalar("host:port")) return false;
        auto endpoint = runtime::Endpoint::parse(site.node.scalar);
        if (!endpoint) {
            return site.wrong(
                "'" + site.node.scalar + "' is not an address",
                "write host:port, [v6]:port or unix:/path"
            );
        }
        out = *std::move(endpoint);
        return true;
    }
    static std::string text(const runtime::Endpoint& value, const Limits&) {
        return value.host.empty() && !value.is_unix() ? std::string() : value.to_string();
    }
    static std::string type_name(const Limits&) { return "host:port"; }
};

}  // namespace sealane::config
