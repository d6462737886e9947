// Globs: '*' stands for any run of characters, '?' for any one. Declared in scalar.hpp.

#include "common/config/scalar.hpp"

namespace sealane::config {

bool glob_matches(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;  // the last '*', to come back to
    std::size_t star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

bool globs_overlap(std::string_view a, std::string_view b) {
    // reach[j]: some text matches a[0, i) and b[0, j). Row by row over i.
    std::vector<bool> reach(b.size() + 1, false);
    reach[0] = true;
    for (std::size_t j = 0; j < b.size(); ++j) reach[j + 1] = reach[j] && b[j] == '*';
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::vector<bool> next(b.size() + 1, false);
        next[0] = reach[0] && a[i] == '*';
        for (std::size_t j = 0; j < b.size(); ++j) {
            const bool star = a[i] == '*' || b[j] == '*';
            const bool same = a[i] == '?' || b[j] == '?' || a[i] == b[j];
            // A star may stand for nothing or swallow what the other side names.
            next[j + 1] = star ? (reach[j + 1] && (a[i] == '*' || b[j] == '*')) ||
                                     (next[j] && (b[j] == '*' || a[i] == '*')) || reach[j]
                               : (same && reach[j]);
        }
        reach.swap(next);
    }
    return reach[b.size()];
}

bool glob_covers(std::string_view outer, std::string_view inner) {
    // Matching the inner pattern as text is sound when its wildcards are met only by the outer's
    // '*': letters of the outer never match a wildcard of the inner.
    std::vector<bool> reach(inner.size() + 1, false);
    reach[0] = true;
    for (const char wanted : outer) {
        std::vector<bool> next(inner.size() + 1, false);
        if (wanted == '*') {
            next[0] = reach[0];
            for (std::size_t j = 0; j < inner.size(); ++j) next[j + 1] = reach[j + 1] || next[j];
        } else {
            for (std::size_t j = 0; j < inner.size(); ++j) {
                const bool wild = inner[j] == '*';
                const bool same = wanted == '?' ? !wild : inner[j] == wanted && inner[j] != '?';
                next[j + 1] = reach[j] && same && !wild;
            }
        }
        reach.swap(next);
    }
    return reach[inner.size()];
}

}  // namespace sealane::config
