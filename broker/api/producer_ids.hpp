#pragma once
// ProducerIds: hands out producer ids from blocks of 1000 that the metadata log has set aside, so
// that no id is ever given twice, also over a crash.

#include "broker/api/services.hpp"

namespace sealane::broker {

class ProducerIds {
 public:
    explicit ProducerIds(Services& services) : services_(services) {}
    // A fresh id. Errors: those of the metadata log.
    [[nodiscard]] runtime::Task<Result<ProducerId>> next();

 private:
    Services& services_;
    std::int64_t next_ = 0;
    std::int64_t end_ = 0;  // of the block
};

}  // namespace sealane::broker
