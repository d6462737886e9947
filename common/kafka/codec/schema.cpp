#include "common/kafka/codec/instantiate.hpp"

namespace sealane::kafka {

Error no_such_version(const MessageSchema& schema, std::int16_t version) {
    std::string detail(schema.name);
    detail.append(" has no version ").append(std::to_string(version));
    return Error(ErrorCode::kUnsupportedVersion, std::move(detail));
}

}  // namespace sealane::kafka
