#pragma once
// TopicKeeper: makes the target's topics follow the source's: pins source topic ids in the link,
// creates topics and partitions, carries configs, and notices what was deleted or recreated.
// Trouble with one topic stops that topic only.

#include "common/client/admin.hpp"
#include "mirror/link/link_board.hpp"
#include "mirror/link/name_filter.hpp"

namespace sealane::mirror {

class TopicKeeper {
 public:
    explicit TopicKeeper(LinkBoard& board);

    // What the consumer half told last.
    void on_topics(Topics topics);
    // Brings the target in line with it; again at the next call where that failed.
    [[nodiscard]] runtime::Task<void> follow();
    // Something changed that the consumer half does not tell: the link, or the target.
    void look_again() { fresh_ = told_.has_value(); }
    [[nodiscard]] bool has_work() const { return fresh_ || unfinished_; }

 private:
    [[nodiscard]] std::string target_of(const std::string& source) const;
    void note_gone(const Topics& told);
    [[nodiscard]] runtime::Task<Status> pin(std::vector<Topics::Topic> wanted);
    [[nodiscard]] runtime::Task<Status> fit_target(Topics::Topic topic);
    [[nodiscard]] runtime::Task<Status> carry_configs(Topics::Topic topic, bool created);
    void add_copies(const Topics::Topic& topic);
    void stop_topic(CarriedTopic& topic, Cause cause, std::string detail);

    LinkBoard& board_;
    runtime::Log log_;
    client::Admin admin_;
    NameFilter filter_;
    std::optional<Topics> told_;
    bool fresh_ = false;
    bool unfinished_ = false;
};

// The configs of a source topic that a target topic gets, of those set at the source.
[[nodiscard]] std::vector<Topics::Config> carried_configs(
    LinkKind kind, const std::vector<Topics::Config>& source
);

}  // namespace sealane::mirror
