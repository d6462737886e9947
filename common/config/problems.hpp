#pragma once
// Problems: everything wrong in one file, each with its place, what is wrong and how to mend it.
// Reading goes on after a problem, so that a person sees all of them at once.

#include "common/base/result.hpp"
#include "common/config/node.hpp"

#include <string>
#include <vector>

namespace sealane::config {

struct Problem {
    Mark mark;
    std::string path;  // "links[1].topics.include", empty for the file as a whole
    std::string what;  // "unknown key 'replication_facter'"
    std::string mend;  // "did you mean 'replication_factor'?"; may be empty
    friend bool operator==(const Problem&, const Problem&) = default;
};

class Problems {
 public:
    // At most this many are kept; the rest are counted.
    static constexpr std::size_t kMost = 100;

    explicit Problems(std::string file) : file_(std::move(file)) {}

    void add(Mark mark, std::string path, std::string what, std::string mend = {});

    [[nodiscard]] const std::string& file() const { return file_; }
    [[nodiscard]] bool empty() const { return problems_.empty(); }
    [[nodiscard]] std::size_t size() const { return problems_.size() + beyond_; }
    // In the order of their places.
    [[nodiscard]] std::vector<Problem> sorted() const;
    // One line each: "file:line:column: path: what; mend".
    [[nodiscard]] std::string to_string() const;
    // kBadConfig with to_string(), or success when there are none.
    [[nodiscard]] Status status() const;

 private:
    std::string file_;
    std::vector<Problem> problems_;
    std::size_t beyond_ = 0;
};

// The candidate nearest to `word` by edit distance, when near enough to be what was meant; else
// empty.
[[nodiscard]] std::string nearest(
    std::string_view word, const std::vector<std::string_view>& candidates
);
// "did you mean 'x'?" or, when nothing is near, "known: a, b, c".
[[nodiscard]] std::string suggest(
    std::string_view word, const std::vector<std::string_view>& candidates
);

}  // namespace sealane::config
