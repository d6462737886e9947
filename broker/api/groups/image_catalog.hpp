#pragma once
// The topics of the metadata image as groups of KIP-848 see them.

#include "broker/api/request_context.hpp"
#include "broker/api/services.hpp"
#include "broker/groups/consumer/consumer_types.hpp"

#include <memory>

namespace sealane::broker {

using ImagePtr = std::shared_ptr<const Image>;

// Remembers the number that stands for the topics of the newest image, so that it is computed once
// an image and not once a heartbeat.
class CatalogStamp {
 public:
    [[nodiscard]] std::uint64_t of(const ImagePtr& image);

 private:
    ImagePtr image_;
    std::uint64_t stamp_ = 0;
};

// As the principal of `context` sees them now: internal topics match no pattern, and neither does
// what may not be described. `services` must outlive it.
[[nodiscard]] std::shared_ptr<const groups::TopicCatalog> catalog_for(
    const Services& services, const RequestContext& context, CatalogStamp& stamp
);

}  // namespace sealane::broker
