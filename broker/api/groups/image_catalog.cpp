#include "broker/api/groups/image_catalog.hpp"

#include "broker/api/security/access.hpp"
#include "broker/metadata/topic_decisions.hpp"

namespace sealane::broker {
namespace {

class ImageCatalog final : public groups::TopicCatalog {
 public:
    ImageCatalog(
        const Services& services, const RequestContext& context, ImagePtr image, std::uint64_t stamp
    )
        : services_(services), context_(context), image_(std::move(image)), stamp_(stamp) {}

    std::optional<Topic> find(std::string_view name) const override {
        const auto topic = image_->topic(name);
        if (topic == nullptr) return std::nullopt;
        return Topic{topic->id, static_cast<std::int32_t>(topic->partitions.size())};
    }
    std::set<std::string> visible(const std::function<bool(const std::string&)>& matches
    ) const override {
        std::set<std::string> names;
        for (const auto& [name, topic] : image_->topics()) {
            if (!is_internal_topic(name) && matches(name) && may_describe(name))
                names.insert(names.end(), name);
        }
        return names;
    }
    std::uint64_t stamp() const override { return stamp_; }

 private:
    [[nodiscard]] bool may_describe(const std::string& name) const {
        return services_.access.would_allow(
            context_, AclOperation::kDescribe, ResourceType::kTopic, name
        );
    }

    const Services& services_;
    RequestContext context_;
    ImagePtr image_;
    std::uint64_t stamp_;
};

}  // namespace

std::uint64_t CatalogStamp::of(const ImagePtr& image) {
    if (image == image_) return stamp_;
    image_ = image;
    constexpr std::uint64_t kPrime = 0x100000001b3ULL;
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const auto& [name, topic] : image->topics()) {
        for (const std::uint8_t byte : topic->id.bytes) hash = (hash ^ byte) * kPrime;
        hash = (hash ^ topic->partitions.size()) * kPrime;
    }
    stamp_ = hash == 0 ? 1 : hash;
    return stamp_;
}

std::shared_ptr<const groups::TopicCatalog> catalog_for(
    const Services& services, const RequestContext& context, CatalogStamp& stamp
) {
    ImagePtr image = services.metadata.image();
    const std::uint64_t number = stamp.of(image);
    return std::make_shared<ImageCatalog>(services, context, std::move(image), number);
}

}  // namespace sealane::broker
