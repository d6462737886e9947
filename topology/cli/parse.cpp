#include "topology/cli/parse.hpp"

#include "common/config/problems.hpp"
#include "topology/cli/flags.hpp"

#include <algorithm>
#include <charconv>

namespace sealane::topology {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto at = text.find(separator);
        if (at != 0) parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) break;
        text.remove_prefix(at + 1);
    }
    return parts;
}

std::string did_you_mean(
    std::string_view prefix, std::string_view word, const std::vector<std::string_view>& known
) {
    const std::string near = config::nearest(word, known);
    if (near.empty()) return "; see: sealane help";
    return "; did you mean " + std::string(prefix) + near + "?";
}

bool contains(const std::vector<std::string>& list, const std::string& word) {
    return std::ranges::find(list, word) != list.end();
}

// Flags may stand anywhere; `--` ends them. Words that are not flags are left in `plain`.
Status read_flags(
    std::span<const std::string> words,
    ParsedLine& line,
    std::vector<std::string>& plain,
    bool& help
) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "--") {
            plain.insert(
                plain.end(), words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end()
            );
            return {};
        }
        if (word == "-h" || word == "--help") {
            help = true;
            continue;
        }
        if (!word.starts_with("--") || word.size() == 2) {
            if (word.starts_with("-") && word.size() > 1) {
                return fail(
                    ErrorCode::kBadConfig,
                    "unknown flag '" + word + "'; flags are written --name=value"
                );
            }
            plain.push_back(word);
            continue;
        }
        const auto equals = word.find('=');
        std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
        std::ranges::replace(name, '_', '-');
        const FlagSpec* flag = find_flag(name);
        if (flag == nullptr) {
            std::vector<std::string_view> names;
            for (const FlagSpec& known : flag_table()) names.push_back(known.name);
            return fail(
                ErrorCode::kBadConfig, "unknown flag --" + name + did_you_mean("--", name, names)
            );
        }
        std::string value = "true";
        if (equals != std::string::npos) {
            value = word.substr(equals + 1);
        } else if (!flag->value_name.empty()) {
            if (i + 1 == words.size()) {
                return fail(
                    ErrorCode::kBadConfig,
                    "--" + name + " needs a value: --" + name + "=" + flag->value_name
                );
            }
            value = words[++i];
        }
        SEALANE_CHECK(set_flag(*flag, value));
        line.invocation.flags[flag->name].push_back(std::move(value));
    }
    return {};
}

const CommandSpec* longest_match(const std::vector<std::string>& plain, std::size_t& used) {
    const CommandSpec* best = nullptr;
    used = 0;
    for (const CommandSpec& command : command_table()) {
        const auto wanted = split(command.words, ' ');
        if (wanted.size() > used && wanted.size() <= plain.size() &&
            std::equal(wanted.begin(), wanted.end(), plain.begin())) {
            best = &command;
            used = wanted.size();
        }
    }
    return best;
}

// Whether more words may follow these.
bool begins_commands(const std::string& words) {
    return std::ranges::any_of(command_table(), [&](const CommandSpec& command) {
        return command.words.starts_with(words + " ");
    });
}

Error unknown_command(const std::vector<std::string>& plain) {
    std::string typed;
    bool short_of_a_verb = true;
    for (const std::string& word : plain) {
        typed += (typed.empty() ? "" : " ") + word;
        short_of_a_verb = begins_commands(typed);
        if (!short_of_a_verb) break;
    }
    if (short_of_a_verb)
        return {ErrorCode::kBadConfig, "'" + typed + "' needs a verb; see: sealane help " + typed};
    // With its verb a misspelt noun is recognised more surely.
    if (typed == plain.front() && plain.size() > 1) typed += " " + plain[1];
    std::vector<std::string_view> known;
    for (const CommandSpec& command : command_table()) known.push_back(command.words);
    return {
        ErrorCode::kBadConfig,
        "unknown command '" + typed + "'" + did_you_mean("sealane ", typed, known)
    };
}

Status check_arguments(const CommandSpec& command, const Invocation& invocation) {
    const std::string usage = "usage: sealane " + command.words +
                              (command.arguments.empty() ? "" : " ") + command.arguments;
    if (invocation.arguments.size() < command.arguments_min) {
        return fail(ErrorCode::kBadConfig, "something is missing; " + usage);
    }
    if (invocation.arguments.size() > command.arguments_max) {
        return fail(
            ErrorCode::kBadConfig,
            "'" + invocation.arguments[command.arguments_max] + "' is one too many; " + usage
        );
    }
    for (const auto& [name, values] : invocation.flags) {
        const bool taken = contains(command.flags, name) || contains(global_flags(), name);
        if (!taken) {
            return fail(
                ErrorCode::kBadConfig,
                "'" + command.words + "' takes no --" + name + "; see: sealane help " +
                    command.words
            );
        }
    }
    const std::string output = invocation.text("output");
    if (output != "text" && output != "json") {
        return fail(ErrorCode::kBadConfig, "--output is text or json, not '" + output + "'");
    }
    return {};
}

}  // namespace

Result<ParsedLine> parse_line(std::span<const std::string> words) {
    ParsedLine line;
    std::vector<std::string> plain;
    bool help = false;
    SEALANE_CHECK(read_flags(words, line, plain, help));
    if (!plain.empty() && plain.front() == "help") {
        help = true;
        plain.erase(plain.begin());
    }
    if (help || plain.empty()) {
        line.help_words = std::move(plain);
        return line;
    }
    std::size_t used = 0;
    line.command = longest_match(plain, used);
    if (line.command == nullptr) return fail(unknown_command(plain));
    line.invocation.arguments.assign(
        plain.begin() + static_cast<std::ptrdiff_t>(used), plain.end()
    );
    SEALANE_CHECK(check_arguments(*line.command, line.invocation));
    return line;
}

std::string Invocation::text(std::string_view flag) const {
    const auto found = flags.find(std::string(flag));
    if (found != flags.end()) return found->second.back();
    const FlagSpec* spec = find_flag(flag);
    SEALANE_ASSERT(spec != nullptr);
    return spec->default_value;
}

std::int64_t Invocation::number(std::string_view flag) const {
    const std::string value = text(flag);
    std::int64_t parsed = 0;
    // set_flag has checked the type already.
    std::from_chars(value.data(), value.data() + value.size(), parsed);
    return parsed;
}

bool Invocation::enabled(std::string_view flag) const {
    const std::string value = text(flag);
    return value == "true" || value == "1" || value == "t" || value == "yes" || value == "y";
}

std::vector<std::string> Invocation::list(std::string_view flag) const {
    std::vector<std::string> all;
    const auto found = flags.find(std::string(flag));
    if (found == flags.end()) return all;
    for (const std::string& value : found->second) {
        for (std::string& part : split(value, ',')) all.push_back(std::move(part));
    }
    return all;
}

}  // namespace sealane::topology
