#pragma once
// The first failure of a codec: what, where in the bytes, and in which field. The path is built
// only when something fails, from the leaf upwards while the visitor unwinds, so that successful
// visits pay nothing for it.

#include "common/base/result.hpp"
#include "common/kafka/codec/schema.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sealane::kafka {

class Failure {
 public:
    [[nodiscard]] explicit operator bool() const { return failed_; }

    // Records a failure unless there is one already. `field`: name of the leaf, may be empty.
    void set(ErrorCode code, std::string_view field, std::size_t offset, std::string what);
    // Puts the name of an enclosing struct field before the path.
    void within(std::string_view field);
    // Puts the element of an enclosing array before the path.
    void within(std::string_view field, std::size_t index);

    // "FetchRequest v12: Topics[3].Partitions[0].FetchOffset at byte 117: need 8 bytes, 3 left".
    [[nodiscard]] Error error(const MessageSchema& schema, std::int16_t version) const;

 private:
    bool failed_ = false;
    ErrorCode code_ = ErrorCode::kMalformed;
    std::size_t offset_ = 0;
    std::string path_;
    std::string what_;
};

}  // namespace sealane::kafka
