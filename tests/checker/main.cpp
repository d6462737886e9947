// sealane-check FILE...: histories as JSON lines in ("-": standard input), a line per broken
// property out. Exit 0: nothing is broken; 1: something is; 2: a history cannot be read.

#include "tests/checker/history_checks.hpp"
#include "tests/checker/json_lines.hpp"

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>

int main(int argc, char** argv) {
    using namespace sealane::checker;
    HistoryOptions options;
    History history;
    ClusterFacts facts;
    int files = 0;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--reading_goes_on") == 0) {
            options.read_to_the_end = false;
            continue;
        }
        ++files;
        const bool standard = std::strcmp(argv[i], "-") == 0;
        std::ifstream file;
        if (!standard) file.open(argv[i]);
        if (!standard && !file) {
            std::fprintf(stderr, "sealane-check: cannot open %s\n", argv[i]);
            return 2;
        }
        const auto read = read_lines(standard ? std::cin : file, history, facts);
        if (!read) {
            std::fprintf(
                stderr, "sealane-check: %s: %s\n", argv[i], read.error().to_string().c_str()
            );
            return 2;
        }
    }
    if (files == 0) {
        std::fprintf(
            stderr, "usage: sealane-check [--reading_goes_on] FILE...   (-: standard input)\n"
        );
        return 2;
    }
    auto violations = check_history(history, options);
    for (auto& one : facts.take()) violations.push_back(std::move(one));
    std::map<std::string, int> kinds;
    for (const Violation& one : violations) {
        std::printf("%s: %s\n", one.kind.c_str(), one.detail.c_str());
        ++kinds[one.kind];
    }
    std::printf(
        "%zu operations, %zu partitions, %zu processes: ",
        history.operations().size(),
        history.partition_count(),
        history.processes().size()
    );
    if (kinds.empty()) std::printf("nothing is broken");
    const char* separator = "";
    for (const auto& [kind, count] : kinds) {
        std::printf("%s%d %s", separator, count, kind.c_str());
        separator = ", ";
    }
    std::printf("\n");
    return kinds.empty() ? 0 : 1;
}
