#pragma once
// MetadataStore: the metadata log and the image it makes. Everyone reads image(); the only way to
// change it is change(): a decider looks at the newest image and returns records, they are
// written and synced, applied, and only then published. Decisions are made one after the other
// in call order; several wait for one sync.

#include "broker/log/partition_log.hpp"
#include "broker/metadata/image.hpp"
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
    // Runs after records are durable and before the image is published and replies are released:
    // makes the world fit it (opens logs of new partitions).
    using Follower = std::function<runtime::Task<Status>(ImagePtr before, ImagePtr after)>;

    explicit MetadataStore(runtime::World& world);

    // Builds the image from a recovered log, which must outlive the store's stop().
    [[nodiscard]] runtime::Task<Status> open(PartitionLog& log);
    // Starts committing. Before it, change() waits.
    void start(Follower follower);
    [[nodiscard]] runtime::Task<void> stop();

    [[nodiscard]] ImagePtr image() const { return published_; }
    // Success: durable, followed and published. kKafkaStorageError: the disk is full, or the
    // metadata log has failed for good; kStopped. Other errors are the decider's.
    [[nodiscard]] runtime::Task<Status> change(Decider decide);
    // The follower could not do everything: it is asked again until it can, every few seconds.
    void follow_again();
    // Notified after every publication.
    [[nodiscard]] runtime::Event& changed() { return changed_; }
    // Where the metadata log ends; rises with every change.
    [[nodiscard]] Offset end_offset() const { return log_->end_offset(); }

 private:
    struct Proposal {
        std::vector<MetadataRecord> records;
        ImagePtr after;
        std::shared_ptr<std::optional<Status>> outcome;
    };
    [[nodiscard]] runtime::Task<void> commit_loop();
    // The first `count` changes of a group are durable; the status is why the others are not.
    struct Committed {
        std::size_t count = 0;
        Status status;
    };
    [[nodiscard]] runtime::Task<Committed> commit(const std::deque<Proposal>& group);
    [[nodiscard]] runtime::Task<void> publish(ImagePtr after);
    void refuse(std::deque<Proposal> group, const Error& cause);
    [[nodiscard]] runtime::Task<Status> replay();

    runtime::World& world_;
    runtime::Log log_lines_;
    PartitionLog* log_ = nullptr;
    Follower follower_;
    ImagePtr published_;
    ImagePtr newest_;  // with decisions that are not durable yet
    std::deque<Proposal> proposed_;
    std::optional<Error> failed_;
    bool unfollowed_ = false;  // the follower has to be asked again
    runtime::Event work_;
    runtime::Event settled_;
    runtime::Event changed_;
    runtime::TaskGroup tasks_;
};

}  // namespace sealane::broker
