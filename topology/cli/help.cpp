#include "topology/cli/help.hpp"

#include "topology/cli/command.hpp"
#include "topology/cli/flags.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sealane::topology {
namespace {

bool starts_with_words(std::string_view command, const std::vector<std::string>& words) {
    std::string prefix;
    for (const std::string& word : words) prefix += prefix.empty() ? word : " " + word;
    return command == prefix || command.starts_with(prefix + " ");
}

std::string flag_usage(const FlagSpec& flag) {
    return flag.value_name.empty() ? "--" + flag.name : "--" + flag.name + "=" + flag.value_name;
}

std::string flag_line(const FlagSpec& flag) {
    std::string meaning = flag.meaning;
    if (!flag.value_name.empty() && !flag.default_value.empty() && flag.default_value != "0" &&
        flag.default_value != "-1") {
        meaning += " (" + flag.default_value + ")";
    }
    return fmt::format("  {:<28} {}\n", flag_usage(flag), meaning);
}

std::string command_help(const CommandSpec& command) {
    std::string text =
        fmt::format("sealane {} {}\n\n{}\n", command.words, command.arguments, command.summary);
    if (!command.details.empty()) text += "\n" + command.details + "\n";
    if (!command.flags.empty()) text += "\nFlags\n";
    for (const std::string& name : command.flags) text += flag_line(*find_flag(name));
    text += "\nFlags of every command\n";
    for (const std::string& name : global_flags()) text += flag_line(*find_flag(name));
    return text;
}

std::string overview() {
    std::string text =
        "sealane: clusters, links between them, and drills of their failure\n\n"
        "usage: sealane NOUN VERB [ARGUMENT ...] [--flag=value ...]\n\n";
    for (const CommandSpec& command : command_table()) {
        text += fmt::format("  {:<24} {}\n", command.words, command.summary);
    }
    text +=
        "\nFirst steps:   sealane demo up      then   sealane demo status\n"
        "More on one:   sealane help topic create\n"
        "Exit codes:    0 ok, 1 failed, 3 objective missed, 4 unreachable, 5 not trusted,\n"
        "               10 unhealthy, 64 usage, 65 bad data, 78 bad topology, 130 interrupted\n";
    return text;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += text.empty() ? word : " " + word;
    return text;
}

// What may follow words that were typed, in table order: "" -> nouns, "cluster" -> its verbs,
// "cluster reassign" -> plan, apply, ...
using NextWords = std::vector<std::pair<std::string, std::vector<std::string>>>;
NextWords next_words() {
    NextWords all{{"", {}}};
    for (const CommandSpec& command : command_table()) {
        std::string typed;
        std::string_view rest = command.words;
        while (!rest.empty()) {
            const std::string word(rest.substr(0, rest.find(' ')));
            rest.remove_prefix(std::min(rest.size(), word.size() + 1));
            auto entry = std::ranges::find(all, typed, &NextWords::value_type::first);
            if (entry == all.end()) entry = all.insert(all.end(), {typed, {}});
            if (std::ranges::find(entry->second, word) == entry->second.end())
                entry->second.push_back(word);
            typed += (typed.empty() ? "" : " ") + word;
        }
    }
    return all;
}

std::string all_flags() {
    std::vector<std::string> names;
    for (const FlagSpec& flag : flag_table()) names.push_back("--" + flag.name);
    return joined(names);
}

std::string bash_completion() {
    std::string cases;
    for (const auto& [typed, words] : next_words()) {
        cases += fmt::format("            \"{}\") words=\"{}\" ;;\n", typed, joined(words));
    }
    return fmt::format(
        "_sealane() {{\n"
        "    local current=${{COMP_WORDS[COMP_CWORD]}} words=\"\"\n"
        "    if [[ $current == --* ]]; then\n"
        "        words=\"{}\"\n"
        "    else\n"
        "        local typed=\"${{COMP_WORDS[*]:1:COMP_CWORD-1}}\"\n"
        "        case $typed in\n{}"
        "        esac\n"
        "    fi\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
        "}}\n"
        "complete -o default -F _sealane sealane\n",
        all_flags(),
        cases
    );
}

std::string fish_completion() {
    std::string text = "complete -c sealane -f\n";
    for (const auto& [typed, words] : next_words()) {
        const std::string last = typed.substr(typed.rfind(' ') + 1);
        const std::string when =
            typed.empty() ? "__fish_use_subcommand" : "'__fish_seen_subcommand_from " + last + "'";
        for (const std::string& word : words)
            text += fmt::format("complete -c sealane -n {} -a {}\n", when, word);
    }
    for (const FlagSpec& flag : flag_table()) {
        text += fmt::format(
            "complete -c sealane -l {} {}\n", flag.name, flag.value_name.empty() ? "" : "-r"
        );
    }
    return text;
}

}  // namespace

std::string help_text(const std::vector<std::string>& words) {
    if (words.empty()) return overview();
    std::string list;
    const std::string wanted = joined(words);
    for (const CommandSpec& command : command_table()) {
        if (command.words == wanted) return command_help(command);
        if (starts_with_words(command.words, words)) {
            list += fmt::format("  {:<24} {}\n", command.words, command.summary);
        }
    }
    if (!list.empty()) list = "sealane " + wanted + "\n\n" + list;
    return list;
}

std::string completion_script(std::string_view shell) {
    if (shell == "bash") return bash_completion();
    if (shell == "zsh") return "autoload -U +X bashcompinit && bashcompinit\n" + bash_completion();
    if (shell == "fish") return fish_completion();
    return {};
}

std::string reference_markdown() {
    std::string text =
        "# Commands of `sealane`\n\n"
        "Made from the command table (`sealane reference`); a test compares.\n";
    for (const CommandSpec& command : command_table()) {
        text += fmt::format(
            "\n## sealane {}\n\n`sealane {}{}{}`\n\n{}.\n",
            command.words,
            command.words,
            command.arguments.empty() ? "" : " ",
            command.arguments,
            command.summary
        );
        if (!command.details.empty()) text += "\n" + command.details + "\n";
        if (!command.flags.empty()) text += "\n| flag | meaning | default |\n|---|---|---|\n";
        for (const std::string& name : command.flags) {
            const FlagSpec& flag = *find_flag(name);
            std::string meaning = flag.meaning;
            text +=
                fmt::format("| `{}` | {} | {} |\n", flag_usage(flag), meaning, flag.default_value);
        }
    }
    return text;
}

}  // namespace sealane::topology
