#include "broker/api/fetch_session.hpp"

#include <algorithm>

namespace sealane::broker {

namespace {
constexpr std::int32_t kNewSession = 0;
constexpr std::int32_t kNoSession = -1;
}  // namespace

FetchSessions::Key FetchSessions::key_of(const FetchTarget& target) {
    // By id the name is empty anyway; by name the id is zero.
    return {target.topic, target.partition};
}

Result<FetchPlan> FetchSessions::open(SessionRequest request, Instant now) {
    if (request.epoch != kNewSession && request.epoch != kNoSession) {
        return continue_session(std::move(request), now);
    }
    sessions_.erase(request.id);
    FetchPlan plan;
    if (request.epoch == kNewSession && !request.targets.empty()) {
        plan.session_id = create(request, now);
    }
    plan.targets = std::move(request.targets);
    return plan;
}

std::int32_t FetchSessions::create(const SessionRequest& request, Instant now) {
    if (!make_room(now, request.by_replica)) return 0;
    std::int32_t id = 0;
    while (id == 0 || sessions_.contains(id)) id = static_cast<std::int32_t>(rng_.below(INT32_MAX));
    Session& session = sessions_[id];
    session.by_topic_id = request.by_topic_id;
    session.by_replica = request.by_replica;
    session.used = now;
    for (const FetchTarget& target : request.targets) put(session, target);
    return id;
}

// The session unused for longest goes, if that is long enough; else, for a replica, the consumer's
// that was.
bool FetchSessions::make_room(Instant now, bool for_replica) {
    if (sessions_.size() < slots_) return true;
    if (sessions_.empty()) return false;
    auto oldest =
        std::ranges::min_element(sessions_, {}, [](const auto& item) { return item.second.used; });
    if (now - oldest->second.used < kIdle) {
        if (!for_replica) return false;
        oldest = std::ranges::min_element(sessions_, {}, [](const auto& item) {
            return std::pair(item.second.by_replica, item.second.used);
        });
        if (oldest->second.by_replica) return false;
    }
    sessions_.erase(oldest);
    ++evictions_;
    return true;
}

void FetchSessions::put(Session& session, FetchTarget target) {
    const Key key = key_of(target);
    if (const auto known = session.where.find(key); known != session.where.end()) {
        known->second->target = std::move(target);
        return;
    }
    session.line.push_back(Entry{.target = std::move(target)});
    session.where.emplace(key, std::prev(session.line.end()));
}

Result<FetchPlan> FetchSessions::continue_session(SessionRequest request, Instant now) {
    const auto found = sessions_.find(request.id);
    if (found == sessions_.end()) {
        return fail(ErrorCode::kFetchSessionIdNotFound, std::to_string(request.id));
    }
    Session& session = found->second;
    if (request.epoch != session.next_epoch) {
        return fail(
            ErrorCode::kInvalidFetchSessionEpoch,
            std::to_string(request.epoch) + ", expected " + std::to_string(session.next_epoch)
        );
    }
    if (request.by_topic_id != session.by_topic_id && !request.targets.empty()) {
        return fail(ErrorCode::kFetchSessionTopicIdError, "names and ids in one session");
    }
    session.next_epoch = session.next_epoch == INT32_MAX ? 1 : session.next_epoch + 1;
    session.used = now;
    for (FetchTarget& target : request.targets) put(session, std::move(target));
    for (const Key& gone : request.forgotten) {
        const auto known = session.where.find(gone);
        if (known == session.where.end()) continue;
        session.line.erase(known->second);
        session.where.erase(known);
    }
    FetchPlan plan;
    plan.incremental = true;
    plan.session_id = request.id;
    for (const Entry& entry : session.line) {
        FetchTarget& target = plan.targets.emplace_back(entry.target);
        if (!request.read_on) continue;
        const bool same = entry.sent_epoch == target.current_leader_epoch;
        target.read_from = same ? std::max(entry.sent_to, target.offset) : target.offset;
    }
    if (session.line.empty()) {
        plan.session_id = 0;
        sessions_.erase(found);
    }
    return plan;
}

bool FetchSessions::differs(const Entry& entry, const TargetNews& news) {
    return news.has_records || news.must_tell || news.high_watermark != entry.told_high_watermark ||
           news.log_start != entry.told_log_start;
}

bool FetchSessions::is_news(
    std::int32_t session_id, const FetchTarget& target, const TargetNews& news
) const {
    const auto session = sessions_.find(session_id);
    if (session == sessions_.end()) return true;
    const auto known = session->second.where.find(key_of(target));
    return known == session->second.where.end() || differs(*known->second, news);
}

std::vector<bool> FetchSessions::close(const FetchPlan& plan, const std::vector<TargetNews>& news) {
    SEALANE_ASSERT(plan.targets.size() == news.size());
    std::vector<bool> told(news.size(), true);
    const auto found = sessions_.find(plan.session_id);
    if (found == sessions_.end()) return told;
    Session& session = found->second;
    for (std::size_t i = 0; i < news.size(); ++i) {
        const auto known = session.where.find(key_of(plan.targets[i]));
        if (known == session.where.end()) continue;
        Entry& entry = *known->second;
        const FetchTarget& target = plan.targets[i];
        entry.sent_epoch = target.current_leader_epoch;
        entry.sent_to = std::max({news[i].next_offset, target.read_from, target.offset});
        told[i] = !plan.incremental || differs(entry, news[i]);
        if (!told[i]) continue;
        // After an error the next good answer must be told, whatever it says.
        entry.told_high_watermark = news[i].must_tell ? kNoOffset : news[i].high_watermark;
        entry.told_log_start = news[i].must_tell ? kNoOffset : news[i].log_start;
        if (news[i].has_records) {
            session.line.splice(session.line.end(), session.line, known->second);
        }
    }
    return told;
}

}  // namespace sealane::broker
