#pragma once
// Links as this cluster, their target, knows them: state, epoch, and which source topic (by id) is
// bound to which target topic. Kept in the metadata log as entries of the family "link". Deciders:
// every change is records out, by way of MetadataStore::change.
//
//   (absent) --upsert--> running <--pause/resume--> paused
//   running|paused|broken --promote--> promoting --(partitions are opened)--> promoted
//
// The epoch rises with every change of state. Appends carry the epoch they believe in, so that a
// mirror that missed a pause or a promotion cannot write.

#include "broker/metadata/image.hpp"
#include "broker/metadata/topic_decisions.hpp"
#include "common/kafka/messages/mirror.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sealane::broker {

inline constexpr std::string_view kLinkFamily = "link";

struct LinkState {
    static constexpr kafka::MessageSchema kSchema{
        "SealaneLinkState", kafka::MessageKind::kData, -1, {0, 0}, 0
    };
    std::string name;
    std::int8_t kind = kafka::kReplicaLink;
    std::int8_t state = kafka::kLinkRunning;
    std::int32_t epoch = 0;
    std::string source_cluster_id;
    std::vector<kafka::MirrorLinkTopic> topics;  // by source topic

    static void fields(auto& io, auto& m) {
        using kafka::Since;
        io.field("Name", m.name, Since{0});
        io.field("Kind", m.kind, Since{0});
        io.field("State", m.state, Since{0});
        io.field("Epoch", m.epoch, Since{0});
        io.field("SourceClusterId", m.source_cluster_id, Since{0});
        io.field("Topics", m.topics, Since{0});
    }
    friend bool operator==(const LinkState&, const LinkState&) = default;
};

// All links of one image, by name.
class LinkTable {
 public:
    // Entries that do not decode are left out and named in `damaged`.
    [[nodiscard]] static LinkTable of(const Image& image);
    [[nodiscard]] const LinkState* find(std::string_view link) const;
    [[nodiscard]] const std::map<std::string, LinkState, std::less<>>& links() const {
        return links_;
    }
    // The replica link that fills the topic and is not promoted; null: clients may write it.
    [[nodiscard]] const LinkState* owner_of(std::string_view target_topic) const;
    // Whether a replica link may still append to the topic: its log has the source's epochs only.
    [[nodiscard]] bool is_filled(std::string_view target_topic) const;
    [[nodiscard]] const std::vector<std::string>& damaged() const { return damaged_; }

 private:
    std::map<std::string, LinkState, std::less<>> links_;
    std::map<std::string, std::string, std::less<>> read_only_;  // target topic -> link
    std::vector<std::string> damaged_;
};

// The table of the newest image seen, made again only when the image is another one.
class LinkView {
 public:
    [[nodiscard]] const LinkTable& at(const std::shared_ptr<const Image>& image);

 private:
    std::shared_ptr<const Image> image_;
    LinkTable table_;
};

// Decides one AlterMirrorLink: what to write and what to answer. `errors` of single topics do not
// refuse the others. Promotion only goes to promoting here; finish_promotion ends it.
struct LinkDecision {
    Records records;
    kafka::AlterMirrorLinkResponse answer;
};
[[nodiscard]] LinkDecision decide_link(
    const Image& image, const kafka::AlterMirrorLinkRequest& request
);
// promoting -> promoted; nothing when it is not promoting.
[[nodiscard]] std::optional<MetadataRecord> finish_promotion(
    const Image& image, std::string_view link
);

}  // namespace sealane::broker
