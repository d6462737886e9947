#include "topology/cli/mirror_word.hpp"

#include "common/telemetry/http.hpp"
#include "topology/cli/demo_home.hpp"
#include "topology/cli/topology_source.hpp"

#include <boost/json/parse.hpp>

namespace sealane::topology {
namespace {

using runtime::Task;
namespace json = boost::json;

// The page's entry of a link in one role; null when there is none or the page is not as expected.
const json::object* entry_of(
    const json::value& page, const std::string& link, std::string_view role
) {
    const json::object* top = page.if_object();
    const json::value* links = top == nullptr ? nullptr : top->if_contains("links");
    if (links == nullptr || !links->is_array()) return nullptr;
    for (const json::value& value : links->get_array()) {
        const json::object* one = value.if_object();
        if (one == nullptr || !one->contains("link") || !one->contains("role")) continue;
        if (one->at("link") == json::value(link) && one->at("role") == json::value(role))
            return one;
    }
    return nullptr;
}

std::string text_of(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

// Only links that should move can be worse than they look.
bool should_move(const LinkStatus& status) {
    return status.verdict == "OK" || status.verdict == "LAGGING";
}

Task<void> ask(
    runtime::World& world,
    std::string domain,
    std::string address,
    std::string_view role,
    LinkStatus& status,
    Instant deadline
) {
    const auto to = runtime::Endpoint::parse(address);
    Result<telemetry::HttpResponse> page = fail(ErrorCode::kBadConfig, address);
    if (to) page = co_await telemetry::http_get(world.network(), *to, "/status", deadline);
    if (!page || page->status != 200) {
        status.verdict = "STALLED";
        status.cause = "the mirror process of domain " + domain + " does not answer at " + address;
        co_return;
    }
    boost::system::error_code broken;
    const json::value document = json::parse(page->body, broken);
    const json::object* entry = broken ? nullptr : entry_of(document, status.link, role);
    if (entry == nullptr) {
        status.verdict = "STALLED";
        status.cause = "the mirror process of domain " + domain + " does not run this link's " +
                       std::string(role) + " half";
        co_return;
    }
    const std::string verdict = text_of(*entry, "verdict");
    if (verdict == "BROKEN" || verdict == "STALLED") {
        status.verdict = verdict;
        status.cause = text_of(*entry, "cause");
    }
}

}  // namespace

MirrorAddresses mirror_addresses(const Topology& topology, const Invocation& invocation) {
    MirrorAddresses addresses;
    for (const MirrorProcess& mirror : topology.mirrors) {
        if (mirror.admin && mirror.admin->port != 0) {
            addresses[mirror.domain.value] =
                mirror.admin->host + ":" + std::to_string(mirror.admin->port);
        }
    }
    const DemoHome home = DemoHome::from(invocation);
    if (topology.file != home.topology_file()) return addresses;
    const auto state = home.load();
    if (!state) return addresses;
    for (const DemoProcess& process : state->processes) {
        if (process.kind == DemoProcess::Kind::kMirror && !process.admin.empty())
            addresses[process.name] = process.admin;
    }
    return addresses;
}

Task<void> add_mirror_word(
    runtime::World& world,
    const Topology& topology,
    const MirrorAddresses& addresses,
    LinkStatus& status,
    Instant deadline
) {
    const Link* link = topology.find_link(status.link);
    if (link == nullptr) co_return;
    for (const auto& [cluster, role] :
         {std::pair{link->to.value, "producer"}, std::pair{link->from.value, "consumer"}}) {
        const std::string domain(topology.domain_of(cluster));
        const auto address = addresses.find(domain);
        if (address == addresses.end() || !should_move(status)) continue;
        co_await ask(world, domain, address->second, role, status, deadline);
    }
}

}  // namespace sealane::topology
