#include "topology/cli/output.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <unistd.h>

namespace sealane::topology {
namespace {

// Display columns of UTF-8 text: bytes that do not continue a character.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    }));
}

bool looks_like_number(std::string_view cell) {
    return !cell.empty() && (std::isdigit(static_cast<unsigned char>(cell.front())) != 0) &&
           cell.find_first_not_of("0123456789.,") == std::string_view::npos;
}

void indent_json(std::string& out, const boost::json::value& value, std::size_t depth) {
    const std::string pad(2 * (depth + 1), ' ');
    const std::string close(2 * depth, ' ');
    const auto* object = value.if_object();
    const auto* array = value.if_array();
    if (object != nullptr && !object->empty()) {
        out += "{\n";
        bool first = true;
        for (const auto& [key, member] : *object) {
            if (!first) out += ",\n";
            first = false;
            out += pad + boost::json::serialize(boost::json::string(key)) + ": ";
            indent_json(out, member, depth + 1);
        }
        out += "\n" + close + "}";
    } else if (array != nullptr && !array->empty()) {
        out += "[\n";
        for (std::size_t i = 0; i < array->size(); ++i) {
            out += pad;
            indent_json(out, (*array)[i], depth + 1);
            out += i + 1 < array->size() ? ",\n" : "\n";
        }
        out += close + "]";
    } else {
        out += boost::json::serialize(value);
    }
}

}  // namespace

void Table::row(std::vector<std::string> cells) {
    cells.resize(columns_.size());
    rows_.push_back(std::move(cells));
}

std::string Table::text() const {
    std::vector<std::size_t> widths;
    std::vector<bool> numeric;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        std::size_t width = width_of(columns_[c]);
        bool number = !rows_.empty();
        for (const auto& row : rows_) {
            width = std::max(width, width_of(row[c]));
            number = number && (looks_like_number(row[c]) || row[c] == "-");
        }
        widths.push_back(width);
        numeric.push_back(number);
    }
    std::string out;
    auto write_row = [&](const std::vector<std::string>& row) {
        std::string line;
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::string pad(widths[c] - width_of(row[c]), ' ');
            line += numeric[c] ? pad + row[c] : row[c] + pad;
            if (c + 1 < row.size()) line += "  ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    };
    write_row(columns_);
    for (const auto& row : rows_) write_row(row);
    return out;
}

void print(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

void print_json(const boost::json::value& document) {
    std::string text;
    indent_json(text, document, 0);
    print(text + "\n");
}

void print_error(const Error& error) {
    const std::string text =
        error.code() == ErrorCode::kBadConfig ? error.detail() : error.to_string();
    fmt::print(stderr, "error: {}\n", text);
}

void note(std::string_view text) {
    fmt::print(stderr, "{}\n", text);
}

ExitCode exit_code_for(const Error& error) {
    switch (error.code()) {
        case ErrorCode::kStopped:
            return ExitCode::kInterrupted;
        case ErrorCode::kDeadlineExceeded:
        case ErrorCode::kConnectionRefused:
        case ErrorCode::kConnectionReset:
        case ErrorCode::kEndOfStream:
        case ErrorCode::kRequestTimedOut:
        case ErrorCode::kNetworkException:
            return ExitCode::kUnreachable;
        case ErrorCode::kTlsFailed:
        case ErrorCode::kPermissionDenied:
        case ErrorCode::kClusterAuthorizationFailed:
        case ErrorCode::kTopicAuthorizationFailed:
        case ErrorCode::kGroupAuthorizationFailed:
            return ExitCode::kNotTrusted;
        case ErrorCode::kBadConfig:
            return ExitCode::kBadConfig;
        case ErrorCode::kMalformed:
        case ErrorCode::kCorrupt:
            return ExitCode::kBadData;
        default:
            return ExitCode::kFailed;
    }
}

ExitCode refused(const Error& error) {
    print_error(error);
    return exit_code_for(error);
}

std::string count_text(std::int64_t number) {
    std::string digits = std::to_string(number < 0 ? -number : number);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
        digits.insert(static_cast<std::size_t>(at), ",");
    }
    return (number < 0 ? "-" : "") + digits;
}

std::string bytes_text(double bytes) {
    constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    while (bytes >= 1024 && unit < 4) {
        bytes /= 1024;
        ++unit;
    }
    return unit == 0 ? fmt::format("{:.0f} B", bytes)
                     : fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string duration_text(Duration span) {
    const auto ns = static_cast<double>(span.count());
    if (ns < 1e6) return fmt::format("{:.0f} us", ns / 1e3);
    if (ns < 1e9) return fmt::format("{:.0f} ms", ns / 1e6);
    if (ns < 120e9) return fmt::format("{:.2f} s", ns / 1e9);
    return fmt::format("{:.0f} min", ns / 60e9);
}

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0) {}

void Progress::update(std::string_view text) {
    if (quiet_ || !terminal_) return;
    fmt::print(stderr, "\r\x1b[K  {}", text);
    std::fflush(stderr);
    open_ = true;
}

void Progress::done(std::string_view text) {
    if (quiet_) return;
    fmt::print(stderr, "{}  {}\n", open_ ? "\r\x1b[K" : "", text);
    open_ = false;
}

}  // namespace sealane::topology
