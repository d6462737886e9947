#include "mirror/link/group_keeper.hpp"

#include "mirror/link/target_leaders.hpp"

#include <algorithm>
#include <set>

namespace sealane::mirror {

using runtime::Task;

namespace {

constexpr Duration kPatience = 10s;

}  // namespace

GroupKeeper::GroupKeeper(LinkBoard& board)
    : board_(board), log_(board.world().log("mirror.groups")) {}

void GroupKeeper::on_groups(const Groups& groups) {
    for (const Groups::Group& group : groups.groups) {
        GroupStatus& status = status_[group.name];
        status.group = group.name;
        status.target_group = target_group(group.name);
        for (const Groups::Offsets& offset : group.offsets)
            sync_.on_source(
                {group.name, {offset.topic, offset.partition}}, offset.offset, offset.metadata
            );
    }
}

std::string GroupKeeper::target_group(const std::string& group) const {
    return board_.context.half.group_prefix + group;
}

std::optional<TopicPartition> GroupKeeper::target_of(const TopicPartition& source) const {
    const auto carried = board_.copies.find({source.topic, source.partition});
    if (carried == board_.copies.end()) return std::nullopt;
    return TopicPartition{carried->second.target_topic, source.partition};
}

Task<void> GroupKeeper::follow() {
    if (!board_.running()) co_return;
    std::set<std::string> unread;
    for (const GroupPartition& which : sync_.unread()) unread.insert(which.group);
    for (const std::string& group : unread) co_await read_target(group);

    std::map<std::string, std::vector<GroupSync::Pending>> by_group;
    std::vector<GroupSync::Pending> pending = sync_.pending();
    std::erase_if(pending, [this](const auto& p) { return !target_of(p.which.source); });
    if (pending.empty()) co_return;
    const auto translated = co_await translate(pending);
    if (!translated) {
        log_.warning(
            "group offsets cannot be translated",
            {{"link", board_.context.half.link}, {"error", translated.error()}}
        );
        co_return;
    }
    std::map<std::string, std::vector<Offset>> offsets;
    for (GroupSync::Pending& entry : pending) {
        const auto place = translated->find(entry.which);
        if (place == translated->end()) continue;
        const auto offset =
            sync_.decide(entry.which, place->second.offset, place->second.high_watermark);
        if (!offset) continue;
        offsets[entry.which.group].push_back(*offset);
        by_group[entry.which.group].push_back(std::move(entry));
    }
    for (auto& [group, entries] : by_group)
        if (board_.running()) co_await write(group, std::move(entries), offsets[group]);
}

Task<void> GroupKeeper::read_target(std::string group) {
    const auto committed = co_await client::fetch_committed(
        board_.context.cluster, target_group(group), std::nullopt, board_.world().now() + kPatience
    );
    if (!committed) {
        status_[group].trouble = committed.error().to_string();
        co_return;
    }
    for (const GroupPartition& which : sync_.unread()) {
        if (which.group != group) continue;
        const auto target = target_of(which.source);
        if (!target) continue;
        const auto found = committed->find(*target);
        sync_.on_target(
            which, found == committed->end() ? std::nullopt : std::optional(found->second.offset)
        );
    }
}

Task<Result<std::map<GroupPartition, GroupKeeper::Translated>>> GroupKeeper::translate(
    std::vector<GroupSync::Pending> pending
) {
    if (board_.context.half.kind == LinkKind::kAggregate)
        co_return co_await translate_mapped(std::move(pending));
    std::set<TopicPartition> asked;
    for (const auto& entry : pending) {
        if (const auto target = target_of(entry.which.source)) asked.insert(*target);
    }
    const TargetPositions positions =
        co_await ask_target_positions(board_, std::move(asked), board_.world().now() + kPatience);
    if (positions.trouble && positions.partitions.empty()) co_return fail(*positions.trouble);
    std::map<GroupPartition, Translated> all;
    for (const auto& entry : pending) {
        const auto target = target_of(entry.which.source);
        if (!target) continue;
        const auto found = positions.partitions.find(*target);
        if (found == positions.partitions.end()) continue;
        if (found->second.error_code != ErrorCode::kNone) continue;
        all[entry.which] = {entry.source_offset, found->second.high_watermark};
    }
    co_return all;
}

Task<Result<std::map<GroupPartition, GroupKeeper::Translated>>> GroupKeeper::translate_mapped(
    std::vector<GroupSync::Pending> pending
) {
    std::map<GroupPartition, Translated> all;
    std::map<TopicPartition, std::vector<GroupSync::Pending>> by_source;
    for (auto& entry : pending) by_source[entry.which.source].push_back(std::move(entry));
    for (const auto& [source, entries] : by_source) {
        const auto carried = board_.copies.find({source.topic, source.partition});
        if (carried == board_.copies.end()) continue;
        kafka::MirrorTranslateRequest request;
        request.topic_name = carried->second.target_topic;
        request.partition_index = source.partition;
        kafka::MirrorTranslateRequest::Query query;
        query.origin = carried->second.origin;
        for (const auto& entry : entries) query.source_offsets.push_back(entry.source_offset);
        request.to_target.push_back(std::move(query));
        const auto asked =
            co_await ask_translation(board_, std::move(request), board_.world().now() + kPatience);
        // The others have leaders of their own; this one is asked for again in the next round.
        if (!asked || asked->to_target.size() != 1) continue;
        const auto& answer = *asked;
        const auto& offsets = answer.to_target.front().target_offsets;
        for (std::size_t i = 0; i < std::min(offsets.size(), entries.size()); ++i) {
            Translated place{std::nullopt, answer.high_watermark};
            if (offsets[i] != kNoOffset) place.offset = offsets[i];
            all[entries[i].which] = place;
        }
    }
    co_return all;
}

Task<void> GroupKeeper::write(
    std::string group, std::vector<GroupSync::Pending> entries, std::vector<Offset> offsets
) {
    std::map<TopicPartition, client::CommittedOffset> commits;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto target = target_of(entries[i].which.source);
        if (target) commits[*target] = {offsets[i], kNoLeaderEpoch, entries[i].metadata};
    }
    const Status written = co_await client::commit_offsets(
        board_.context.cluster,
        target_group(group),
        std::move(commits),
        {},
        board_.world().now() + kPatience
    );
    GroupStatus& status = status_[group];
    if (!written) {
        // Members at the target own its offsets: they are left alone until the group is empty.
        status.trouble = written.error().to_string();
        co_return;
    }
    status.trouble.clear();
    status.offsets += static_cast<std::int64_t>(entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i)
        sync_.on_written(entries[i].which, entries[i].source_offset, offsets[i]);
}

std::vector<GroupStatus> GroupKeeper::status() const {
    std::vector<GroupStatus> all;
    for (const auto& [name, status] : status_) all.push_back(status);
    return all;
}

}  // namespace sealane::mirror
