#include "mirror/link/link_types.hpp"

namespace sealane::mirror {

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::kStarting:
            return "STARTING";
        case Verdict::kOk:
            return "OK";
        case Verdict::kLagging:
            return "LAGGING";
        case Verdict::kStalled:
            return "STALLED";
        case Verdict::kPaused:
            return "PAUSED";
        case Verdict::kBroken:
            return "BROKEN";
        case Verdict::kPromoted:
            return "PROMOTED";
    }
    return "UNKNOWN";
}

}  // namespace sealane::mirror
