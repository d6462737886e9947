#include "common/kafka/codec/failure.hpp"

namespace sealane::kafka {

void Failure::set(ErrorCode code, std::string_view field, std::size_t offset, std::string what) {
    if (failed_) return;
    failed_ = true;
    code_ = code;
    offset_ = offset;
    path_ = field;
    what_ = std::move(what);
}

void Failure::within(std::string_view field) {
    std::string outer(field);
    if (!path_.empty()) outer.append(".").append(path_);
    path_ = std::move(outer);
}

void Failure::within(std::string_view field, std::size_t index) {
    within(std::string(field).append("[").append(std::to_string(index)).append("]"));
}

Error Failure::error(const MessageSchema& schema, std::int16_t version) const {
    std::string detail(schema.name);
    detail.append(" v").append(std::to_string(version)).append(": ");
    detail.append(path_.empty() ? "message" : path_);
    detail.append(" at byte ").append(std::to_string(offset_)).append(": ").append(what_);
    return Error(code_, std::move(detail));
}

}  // namespace sealane::kafka
