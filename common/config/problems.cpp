#include "common/config/problems.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace sealane::config {

namespace {

constexpr std::size_t kWordMax = 128;  // longer words are not typing mistakes of a key

// Edit distance where swapping two neighbours counts once (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({changed, last[j] + 1, row[j - 1] + 1});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
        before.swap(last);
        last.swap(row);
    }
    return last[b.size()];
}

}  // namespace

void Problems::add(Mark mark, std::string path, std::string what, std::string mend) {
    if (problems_.size() >= kMost) {
        ++beyond_;
        return;
    }
    Problem problem{mark, std::move(path), std::move(what), std::move(mend)};
    if (std::ranges::find(problems_, problem) == problems_.end()) {
        problems_.push_back(std::move(problem));
    }
}

std::vector<Problem> Problems::sorted() const {
    std::vector<Problem> all = problems_;
    std::ranges::sort(all, {}, [](const Problem& p) { return std::tie(p.mark, p.path, p.what); });
    return all;
}

std::string Problems::to_string() const {
    std::string text;
    for (const Problem& problem : sorted()) {
        if (!text.empty()) text += '\n';
        text += file_;
        if (problem.mark.line > 0) {
            text +=
                ":" + std::to_string(problem.mark.line) + ":" + std::to_string(problem.mark.column);
        }
        text += ": ";
        if (!problem.path.empty()) text += problem.path + ": ";
        text += problem.what;
        if (!problem.mend.empty()) text += "; " + problem.mend;
    }
    if (beyond_ > 0) text += "\n" + file_ + ": and " + std::to_string(beyond_) + " more";
    return text;
}

Status Problems::status() const {
    if (empty()) return {};
    return fail(ErrorCode::kBadConfig, to_string());
}

std::string nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
    if (word.size() > kWordMax) return {};
    std::string best;
    // A third of the word may be wrong, but at least one character and never all of it.
    std::size_t allowed = std::max<std::size_t>(1, std::min<std::size_t>(word.size() / 3, 4));
    if (word.size() < 2) return {};
    for (const std::string_view candidate : candidates) {
        if (candidate.size() > kWordMax) continue;
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < allowed || (distance == allowed && best.empty())) {
            best = candidate;
            allowed = distance;
        }
    }
    return best;
}

std::string suggest(std::string_view word, const std::vector<std::string_view>& candidates) {
    if (const std::string near = nearest(word, candidates); !near.empty()) {
        return "did you mean '" + near + "'?";
    }
    if (candidates.empty()) return {};
    constexpr std::size_t kShown = 12;
    std::string known = "known: ";
    for (std::size_t i = 0; i < candidates.size() && i < kShown; ++i) {
        if (i > 0) known += ", ";
        known += candidates[i];
    }
    if (candidates.size() > kShown) known += ", ...";
    return known;
}

}  // namespace sealane::config
