#include "tests/simulation/scenario/replica_watch.hpp"

#include <charconv>

namespace sealane::simulation {
namespace {

// The value behind " key=" in a line of the trace; empty when it is not there.
std::string_view field(std::string_view text, std::string_view key) {
    const std::string wanted = " " + std::string(key) + "=";
    const auto at = text.find(wanted);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = text.substr(at + wanted.size());
    return rest.substr(0, rest.find(' '));
}

std::int64_t number(std::string_view text, std::string_view key) {
    const std::string_view digits = field(text, key);
    std::int64_t value = -1;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

}  // namespace

void ReplicaWatch::on_line(std::string_view who, std::string_view text) {
    const std::string_view host = who.substr(0, who.find('/'));
    const std::string_view partition = field(text, "partition");
    const std::string_view topic = partition.substr(0, partition.rfind('-'));
    const bool cuts = text.starts_with("broker.replication replica truncates") ||
                      text.starts_with("broker.replication replica begins anew");
    if (cuts && number(text, "to") < number(text, "high_watermark") && !may_cut(topic)) {
        report_.add(
            "cut-committed", std::string(host).append(": ").append(text.substr(text.find(' ') + 1))
        );
    }
    const bool offline = text.starts_with("log ERROR log is offline") ||
                         text.starts_with("log ERROR a log cannot be opened");
    if (offline && !was_hurt(host))
        report_.add("false-damage", std::string(host).append(": ").append(text.substr(10)));
}

}  // namespace sealane::simulation
