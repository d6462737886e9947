#pragma once
// MetadataStore: the metadata log as this node has applied it, and, on the active controller, the
// only way to change it. Everyone reads image(). change() is for the controller: a decider looks at
// the newest image (with decisions that are not committed yet) and returns records; they are one
// batch of the log, and the caller hears of success when the quorum has committed it and the image
// with it is published here. Decisions are made one after the other in call order.

#include "broker/log/partition_log.hpp"
#include "broker/metadata/image.hpp"
#include "broker/quorum/quorum.hpp"
#include "common/runtime/event.hpp"
#include "common/runtime/task_group.hpp"
#include "common/runtime/world.hpp"

#include <deque>
#include <functional>
#include <memory>

namespace sealane::broker {

class MetadataStore {
 public:
    using ImagePtr = std::shared_ptr<const Image>;
    // Must not await nor keep the reference; no records: nothing to do, success.
    using Decider = std::function<Result<std::vector<MetadataRecord>>(const Image& newest)>;
    // The same, told the offset that the first record will have (broker epochs are such offsets).
    using PositionedDecider =
        std::function<Result<std::vector<MetadataRecord>>(const Image& newest, Offset next)>;
    // Runs after records are committed and before the image is published and replies are released:
    // makes this node fit it (opens logs of new partitions, leads, follows).
    using Follower = std::function<runtime::Task<Status>(ImagePtr before, ImagePtr after)>;

    MetadataStore(runtime::World& world, quorum::Quorum& quorum, std::int64_t snapshot_bytes);

    // The log of the quorum, which must outlive the store's stop().
    void open(PartitionLog& log) { log_ = &log; }
    // Begins to apply what the quorum commits.
    void start();
    // From now on `follower` makes the node fit each image; returns when it has done so once, with
    // no image before. Only for nodes that hold partitions.
    [[nodiscard]] runtime::Task<Status> follow(Follower follower);
    [[nodiscard]] runtime::Task<void> stop();

    [[nodiscard]] ImagePtr image() const { return published_; }
    // Everything below it is in image().
    [[nodiscard]] Offset applied() const { return applied_; }
    // Whether this node is the active controller and has applied all that its predecessors did.
    [[nodiscard]] bool is_active() const { return active_epoch_ != kNoLeaderEpoch; }
    [[nodiscard]] LeaderEpoch active_epoch() const { return active_epoch_; }
    // The last other node that this one followed as the active controller; kNoBroker: none.
    [[nodiscard]] BrokerId previous_controller() const { return previous_controller_; }
    // With decisions that are not committed yet; the published image where this node is not active.
    [[nodiscard]] const ImagePtr& newest() const { return newest_ ? newest_ : published_; }
    // Where the next record that is decided goes.
    [[nodiscard]] Offset next_offset() const {
        return is_active() ? next_offset_ : log_->end_offset();
    }
    // Success: committed, followed and published. kNotController: this node is not active, or
    // stopped being it meanwhile; then nobody knows yet whether the change stands.
    // kKafkaStorageError: the disk is full; kStopped. Other errors are the decider's.
    [[nodiscard]] runtime::Task<Status> change(Decider decide);
    [[nodiscard]] runtime::Task<Status> change(PositionedDecider decide);
    // The follower could not do everything: it is asked again until it can, every few seconds.
    void follow_again();
    // Notified after every publication and whenever is_active() changes.
    [[nodiscard]] runtime::Event& changed() { return changed_; }
    // Where the metadata log ends.
    [[nodiscard]] Offset end_offset() const { return log_->end_offset(); }
    // Why nothing more is applied; nothing: all is well.
    [[nodiscard]] const std::optional<Error>& failed() const { return failed_; }

 private:
    using Outcome = std::shared_ptr<std::optional<Status>>;
    struct Proposal {
        std::vector<MetadataRecord> records;
        ImagePtr after;
        Outcome outcome;
    };
    struct Appended {
        Offset end;  // success when the quorum has committed up to here
        ImagePtr after;
        Outcome outcome;
    };
    [[nodiscard]] runtime::Task<void> apply_loop();
    [[nodiscard]] runtime::Task<void> append_loop();
    [[nodiscard]] runtime::Task<Status> apply_some();
    [[nodiscard]] runtime::Task<Status> load_snapshot();
    [[nodiscard]] runtime::Task<void> publish(ImagePtr after, Offset applied);
    [[nodiscard]] runtime::Task<bool> snapshot_if_due();
    // Looks at the quorum: begins or ends being the active controller.
    void look_at_role();
    void settle_committed();
    [[nodiscard]] runtime::Task<void> append_one(Proposal proposal);
    // Why nothing can be changed here.
    [[nodiscard]] Error not_active() const;
    // Refuse what is decided but not in the log; what is in the log but not committed.
    void refuse_proposed(const Error& cause);
    void refuse_appended(const Error& cause);
    static void refuse(const Proposal& proposal, const Error& cause) {
        *proposal.outcome = Status(fail(cause));
    }

    runtime::World& world_;
    quorum::Quorum& quorum_;
    std::int64_t snapshot_bytes_;
    runtime::Log log_lines_;
    PartitionLog* log_ = nullptr;
    Follower follower_;
    ImagePtr published_;
    ImagePtr followed_;  // what the follower was last asked to fit; null: never
    Offset applied_{0};
    std::int64_t unsnapshotted_ = 0;  // bytes applied since the last snapshot

    LeaderEpoch active_epoch_ = kNoLeaderEpoch;
    BrokerId previous_controller_ = kNoBroker;
    ImagePtr newest_;     // with decisions that are not committed yet; null: not active
    Offset next_offset_;  // of the next record that is decided
    std::deque<Proposal> proposed_;
    std::deque<Appended> appended_;

    std::optional<Error> failed_;
    bool unfollowed_ = false;  // the follower has to be asked again
    runtime::Event work_;
    runtime::Event settled_;
    runtime::Event changed_;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker
