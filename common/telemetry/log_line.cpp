// The text of one log line; declared in log_sink.hpp.

#include "common/telemetry/log_sink.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace sealane::telemetry {

namespace {

constexpr std::size_t kValueMax = 4096;  // longer values are cut; a line stays a line

std::string_view name_of_level(runtime::LogLevel level) {
    switch (level) {
        case runtime::LogLevel::kDebug:
            return "debug";
        case runtime::LogLevel::kInfo:
            return "info";
        case runtime::LogLevel::kWarning:
            return "warning";
        case runtime::LogLevel::kError:
            return "error";
    }
    return "error";
}

std::string_view shown_level(runtime::LogLevel level) {
    switch (level) {
        case runtime::LogLevel::kDebug:
            return "DEBUG";
        case runtime::LogLevel::kInfo:
            return "INFO ";
        case runtime::LogLevel::kWarning:
            return "WARN ";
        case runtime::LogLevel::kError:
            return "ERROR";
    }
    return "ERROR";
}

// RFC 3339 in UTC with milliseconds.
std::string format_time(std::int64_t wall_ns) {
    std::int64_t seconds = wall_ns / 1'000'000'000;
    std::int64_t rest = wall_ns % 1'000'000'000;
    if (rest < 0) {
        rest += 1'000'000'000;
        --seconds;
    }
    const auto at = static_cast<std::time_t>(seconds);
    std::tm parts{};
    gmtime_r(&at, &parts);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", parts, rest / 1'000'000);
}

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text.substr(0, kValueMax)) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (byte < 0x20 || byte == 0x7F) {
            out += fmt::format("\\u{:04x}", byte);
        } else {
            out += c;
        }
    }
    if (text.size() > kValueMax) out += fmt::format("...({} bytes)", text.size());
}

bool needs_quotes(std::string_view value) {
    if (value.empty() || value.size() > kValueMax) return true;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= 0x20 || byte == 0x7F || c == '"' || c == '=' || c == '\\') return true;
    }
    return false;
}

void append_quoted(std::string& out, std::string_view value) {
    out += '"';
    append_escaped(out, value);
    out += '"';
}

std::string as_text(const LogLine& line) {
    std::string out = format_time(line.wall_ns);
    out += ' ';
    out += shown_level(line.level);
    out += ' ';
    out += line.module;
    out += ' ';
    append_escaped(out, line.event);
    for (const runtime::LogField& field : line.fields) {
        out += ' ';
        out += field.key;
        out += '=';
        if (needs_quotes(field.value)) {
            append_quoted(out, field.value);
        } else {
            out += field.value;
        }
    }
    if (line.suppressed > 0) out += fmt::format(" suppressed={}", line.suppressed);
    return out;
}

std::string as_json(const LogLine& line) {
    std::string out = fmt::format(
        R"({{"at":"{}","level":"{}","module":")",
        format_time(line.wall_ns),
        name_of_level(line.level)
    );
    append_escaped(out, line.module);
    out += R"(","event":)";
    append_quoted(out, line.event);
    for (const runtime::LogField& field : line.fields) {
        out += ',';
        append_quoted(out, field.key);
        out += ':';
        append_quoted(out, field.value);
    }
    if (line.suppressed > 0) out += fmt::format(R"(,"suppressed":"{}")", line.suppressed);
    return out + "}";
}

}  // namespace

std::string format_log_line(const LogLine& line, LogFormat format) {
    return format == LogFormat::kJson ? as_json(line) : as_text(line);
}

Result<runtime::LogLevel> parse_log_level(std::string_view text) {
    using enum runtime::LogLevel;
    for (const auto level : {kDebug, kInfo, kWarning, kError}) {
        if (name_of_level(level) == text) return level;
    }
    return fail(
        ErrorCode::kBadConfig,
        fmt::format("unknown log level '{}'; known: debug, info, warning, error", text)
    );
}

Status parse_log_levels(std::string_view text, LogOptions& options) {
    while (!text.empty()) {
        const auto comma = text.find(',');
        const std::string_view part = text.substr(0, comma);
        const auto equals = part.find('=');
        const bool general = equals == std::string_view::npos;
        SEALANE_TRY(
            const runtime::LogLevel level, parse_log_level(general ? part : part.substr(equals + 1))
        );
        if (general) {
            options.level = level;
        } else {
            options.module_levels.insert_or_assign(std::string(part.substr(0, equals)), level);
        }
        text = comma == std::string_view::npos ? "" : text.substr(comma + 1);
    }
    return {};
}

}  // namespace sealane::telemetry
