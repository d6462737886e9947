#pragma once
// A topic as a request names it: by name, or by id in versions that have ids (KIP-516).

#include "common/base/ids.hpp"

#include <compare>
#include <string>

namespace sealane::broker {

struct TopicName {
    std::string name;  // ignored when the id is set
    Uuid id;
    friend auto operator<=>(const TopicName&, const TopicName&) = default;
};

}  // namespace sealane::broker
