#pragma once
// What people see: tables, JSON, progress on a terminal. Results go to stdout, everything else to
// stderr, so that output can be piped.

#include "common/base/result.hpp"
#include "common/base/time.hpp"
#include "topology/cli/exit_code.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sealane::topology {

// Columns padded to their widest cell; cells that look like numbers are right-aligned.
class Table {
 public:
    explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}
    void row(std::vector<std::string> cells);
    [[nodiscard]] std::string text() const;
    [[nodiscard]] bool empty() const { return rows_.empty(); }

 private:
    std::vector<std::string> columns_;
    std::vector<std::vector<std::string>> rows_;
};

void print(std::string_view text);                    // stdout, as it is
void print_json(const boost::json::value& document);  // stdout, indented
void print_error(const Error& error);                 // stderr: "error: ..."
void note(std::string_view text);                     // stderr, unless quiet

// The exit code that fits an error.
[[nodiscard]] ExitCode exit_code_for(const Error& error);
// Prints the error; returns the exit code that fits it.
[[nodiscard]] ExitCode refused(const Error& error);

// "1,234,567"; "12.3 MiB"; "450 ms".
[[nodiscard]] std::string count_text(std::int64_t number);
[[nodiscard]] std::string bytes_text(double bytes);
[[nodiscard]] std::string duration_text(Duration span);

// One line on a terminal that is rewritten in place; whole lines elsewhere.
class Progress {
 public:
    explicit Progress(bool quiet);
    // What is going on now ("feeding syslog: 12,000 records").
    void update(std::string_view text);
    // The step is over; its line stays.
    void done(std::string_view text);

 private:
    bool quiet_;
    bool terminal_;
    bool open_ = false;
};

}  // namespace sealane::topology
