#pragma once
// MemoryLogSink: keeps log lines as data, for tests and the simulated World. Bounded: the oldest
// lines go first.

#include "common/runtime/log.hpp"

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace sealane::telemetry {

class MemoryLogSink final : public runtime::LogSink {
 public:
    struct Line {
        runtime::LogLevel level = runtime::LogLevel::kInfo;
        std::string module;
        std::string event;
        std::vector<std::pair<std::string, std::string>> fields;
        // The value of a field, empty when there is none.
        [[nodiscard]] std::string field(std::string_view key) const {
            for (const auto& [name, value] : fields) {
                if (name == key) return value;
            }
            return {};
        }
        // "event k=v k=v", for failure messages.
        [[nodiscard]] std::string to_string() const {
            std::string text = module + ": " + event;
            for (const auto& [name, value] : fields) text += " " + name + "=" + value;
            return text;
        }
    };

    explicit MemoryLogSink(
        runtime::LogLevel level = runtime::LogLevel::kDebug, std::size_t lines_max = 10'000
    )
        : level_(level), lines_max_(lines_max) {}

    void write(
        runtime::LogLevel level,
        std::string_view module,
        std::string_view event,
        std::span<const runtime::LogField> fields
    ) override {
        Line line{level, std::string(module), std::string(event), {}};
        for (const auto& field : fields) line.fields.emplace_back(field.key, field.value);
        if (lines_.size() == lines_max_) lines_.pop_front();
        lines_.push_back(std::move(line));
    }
    [[nodiscard]] bool enabled(
        runtime::LogLevel level, std::string_view /*module*/
    ) const override {
        return level >= level_;
    }

    [[nodiscard]] const std::deque<Line>& lines() const { return lines_; }
    [[nodiscard]] std::size_t count(std::string_view event) const {
        std::size_t found = 0;
        for (const Line& line : lines_) found += line.event == event ? 1 : 0;
        return found;
    }
    [[nodiscard]] std::size_t count_at_least(runtime::LogLevel level) const {
        std::size_t found = 0;
        for (const Line& line : lines_) found += line.level >= level ? 1 : 0;
        return found;
    }
    void clear() { lines_.clear(); }

 private:
    runtime::LogLevel level_;
    std::size_t lines_max_;
    std::deque<Line> lines_;
};

}  // namespace sealane::telemetry
