"""The executable part of the house style: doors, sizes, banned names, dead files.

One function a rule; each yields (file, line, message). A message names the replacement.
"""
import collections
import pathlib
import re
import subprocess
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOORS = yaml.safe_load((ROOT / "tests/lint/doors.yaml").read_text())
PRODUCT = ("common/", "broker/", "mirror/", "topology/")
FILE_LINES_MAX = 800
FUNCTION_LINES_MAX = 70
LINE_COLUMNS_MAX = 120


def tracked(*suffixes):
    out = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(p for p in out.splitlines() if p.endswith(suffixes) and (ROOT / p).exists())


SOURCES = tracked(".hpp", ".cpp")
TEXT = {path: (ROOT / path).read_text() for path in SOURCES}


def folder_of(path):
    """The declared folder that a file belongs to (its longest declared prefix)."""
    fits = [f for f in DOORS["folders"] if path.startswith(f + "/")]
    return max(fits, key=len) if fits else None


def includes(path):
    for number, line in enumerate(TEXT[path].splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line)
        if found:
            yield number, found.group(1), found.group(2)


def rule_doors():
    for path in SOURCES:
        if not path.startswith(PRODUCT):
            continue
        folder = folder_of(path)
        if folder is None:
            yield path, 1, "its folder has no row in tests/lint/doors.yaml; add one with its reason"
            continue
        row = DOORS["folders"][folder]
        for number, kind, target in includes(path):
            if kind == '"':
                allowed = [folder, *row["allow"]]
                if not any(target.startswith(a + "/") for a in allowed):
                    yield path, number, f"{folder} may not include {target}; see tests/lint/doors.yaml"
            else:
                for name, prefixes in DOORS["external"].items():
                    if target.startswith(tuple(prefixes)) and name not in row.get("external", []):
                        yield path, number, f"{folder} may not use <{target}> ({name})"


CORE_BANNED = {
    r"<(thread|mutex|random|filesystem|fstream|condition_variable|future|atomic)>": "cores have no threads, files or randomness: pass them in",
    r"\b(system_clock|steady_clock|high_resolution_clock)\b": "cores are handed `now`",
    r"\bstd::unordered_(map|set)\b": "iteration order must not depend on hashing: use std::map or a sorted vector",
}
BANNED = {
    r"\bboost/asio\.hpp\b": "include the one Asio header that is needed",
    r"\bstd::endl\b": "use '\\n'",
    r"\b(TODO|FIXME|XXX|HACK)\b": "do it, or write it down where users look",
    r"\bsleep_for\b|\busleep\(|\bthis_thread::": "wait for an event through the World",
    r"boost::asio::detached\b": "spawn through runtime::TaskGroup",
}
BANNED_NAMES = ("utils", "helpers", "common", "manager", "misc")


def is_core(path):
    """Deciders: declared core folders and files listed in sealane_core_library()."""
    folder = folder_of(path)
    return bool(folder and DOORS["folders"][folder].get("core")) or path in CORE_FILES


def core_files():
    found = set()
    for listing in tracked("CMakeLists.txt"):
        base = str(pathlib.PurePosixPath(listing).parent)
        for call in re.findall(r"sealane_core_library\(([^)]*)\)", (ROOT / listing).read_text()):
            for word in re.findall(r"[\w/]+\.cpp", call):
                found.add(f"{base}/{word}")
                found.add(f"{base}/{word[:-4]}.hpp")
    return found


CORE_FILES = core_files()


def rule_banned():
    for path in SOURCES:
        # TaskGroup is where detached is allowed to live.
        for number, line in enumerate(TEXT[path].splitlines(), 1):
            for pattern, advice in BANNED.items():
                if re.search(pattern, line):
                    yield path, number, f"'{line.strip()[:60]}': {advice}"
            if is_core(path):
                for pattern, advice in CORE_BANNED.items():
                    if re.search(pattern, line):
                        yield path, number, f"'{line.strip()[:60]}': {advice}"
            if path.endswith(".hpp") and re.match(r"\s*using namespace\b", line):
                yield path, number, "no `using namespace` in headers"


def rule_names():
    for path in SOURCES:
        stem = pathlib.PurePosixPath(path).stem
        if stem in BANNED_NAMES:
            yield path, 1, f"'{stem}' says nothing: name the file after its main noun"
        if not re.fullmatch(r"[a-z0-9_]+", stem):
            yield path, 1, "file names are snake_case"
        if path.endswith(".hpp") and "#pragma once" not in TEXT[path]:
            yield path, 1, "headers start with #pragma once"


def functions(path):
    """(first line, length) of each function body, by brace matching at clang-format indentation."""
    lines = TEXT[path].splitlines()
    start = None
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        indent = len(line) - len(line.lstrip())
        if start is None:
            opens = stripped.endswith("{") and re.search(r"\)\s*(const|noexcept|override|final|&|->|[\w:<>, *&]+)*\s*\{$", stripped)
            keyword = re.match(r"(if|for|while|switch|else|do|try|catch|namespace|struct|class|enum|return|\[|})", stripped)
            if opens and not keyword and indent <= 8:
                start, depth = number, indent
                # a signature may have begun lines earlier
                back = number - 1
                while back > 0 and lines[back - 1].strip() and not re.search(r"[;{}:]$", lines[back - 1].strip()) and not lines[back - 1].strip().startswith(("//", "#")):
                    back -= 1
                start, depth = back + 1, min(indent, len(lines[back]) - len(lines[back].lstrip()))
        elif stripped.startswith("}") and indent <= depth:
            yield start, number - start + 1
            start = None


def rule_sizes():
    for path in SOURCES:
        lines = TEXT[path].splitlines()
        if len(lines) > FILE_LINES_MAX:
            yield path, 1, f"{len(lines)} lines, at most {FILE_LINES_MAX}: split by idea"
        for number, line in enumerate(lines, 1):
            if len(line) > LINE_COLUMNS_MAX:
                yield path, number, f"{len(line)} columns, at most {LINE_COLUMNS_MAX}: run clang-format-19"
        if path.startswith(PRODUCT):
            for first, length in functions(path):
                if length > FUNCTION_LINES_MAX:
                    yield path, first, f"a function of {length} lines, at most {FUNCTION_LINES_MAX}: one thing each"


def rule_compiled():
    """Every .cpp is listed in a CMakeLists.txt; every header is included by somebody."""
    listed = set()
    for listing in tracked("CMakeLists.txt"):
        base = pathlib.PurePosixPath(listing).parent
        for word in re.findall(r"[\w./]+\.cpp", (ROOT / listing).read_text()):
            listed.add(str(base / word))
    included = {target for path in SOURCES for _, _, target in includes(path)}
    for path in SOURCES:
        if path.endswith(".cpp") and path not in listed:
            yield path, 1, "nobody compiles it: list it in its CMakeLists.txt or remove it"
        if path.endswith(".hpp") and path not in included and pathlib.PurePosixPath(path).name not in included:
            yield path, 1, "nobody includes it: remove it"


def rule_rooms():
    rooms = {"CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE",
             "broker", "mirror", "common", "topology", "tests", "ops"}
    for path in tracked(""):
        top = path.split("/")[0]
        if top not in rooms and not top.startswith("."):
            yield path, 1, "the ground floor has fixed rooms: move it into one of them"


def rule_readme():
    for folder in sorted({str(pathlib.PurePosixPath(p).parent) for p in SOURCES if p.startswith(PRODUCT)}):
        if folder.count("/") == 1 and not (ROOT / folder / "README.md").exists():
            yield folder + "/README.md", 1, "each folder has a README.md: purpose, who may include it, where to start"


def rule_paths_and_secrets():
    for path in tracked(""):
        try:
            text = (ROOT / path).read_text()
        except (UnicodeDecodeError, IsADirectoryError):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if path.startswith("tests/lint/"):
                continue
            if re.search(r"BEGIN (RSA |EC )?PRIVATE KEY", line) and not path.endswith((".cpp", ".py")):
                yield path, number, "a private key: make it when it is needed"
            if re.search(r"(^|[\s\"'(=])/(work|root|home)/", line):
                yield path, number, "a path of one machine"


def cycles():
    graph = collections.defaultdict(set)
    for path in SOURCES:
        if path.startswith(PRODUCT) and folder_of(path):
            for _, kind, target in includes(path):
                if kind == '"' and folder_of(target) and folder_of(target) != folder_of(path):
                    graph[folder_of(path)].add(folder_of(target))
    return graph


def rule_cycles():
    graph = cycles()
    done, path = set(), []

    def visit(node):
        if node in path:
            yield "tests/lint/doors.yaml", 1, "cycle: " + " -> ".join(path[path.index(node):] + [node])
            return
        if node in done:
            return
        path.append(node)
        for after in sorted(graph[node]):
            yield from visit(after)
        path.pop()
        done.add(node)

    for node in sorted(graph):
        yield from visit(node)


def rule_format():
    for begin in range(0, len(SOURCES), 40):
        out = subprocess.run(["clang-format-19", "--dry-run", *SOURCES[begin:begin + 40]],
                             cwd=ROOT, capture_output=True, text=True).stderr
        for found in re.finditer(r"^(\S+?):(\d+):\d+: warning", out, re.M):
            yield found.group(1), int(found.group(2)), "not formatted: clang-format-19 -i FILE"


def percentile(numbers, share):
    ordered = sorted(numbers)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0


def print_sizes():
    product = [p for p in SOURCES if p.startswith(PRODUCT)]
    files = [len(TEXT[p].splitlines()) for p in product]
    lengths = [n for p in product for _, n in functions(p)]
    tests = sum(len(TEXT[p].splitlines()) for p in SOURCES if p.startswith("tests/"))
    core = sum(len(TEXT[p].splitlines()) for p in product if is_core(p))
    print(f"files      {len(files)}: median {percentile(files, .5)}, p95 {percentile(files, .95)}, max {max(files)} lines, {sum(files)} in all")
    print(f"functions  {len(lengths)}: p95 {percentile(lengths, .95)}, above 60: {sum(n > 60 for n in lengths)}, max {max(lengths)} lines")
    print(f"cores      {core} lines, {100 * core // sum(files)} % of the product; tests {tests} lines")


def print_doors():
    for folder, targets in sorted(cycles().items()):
        print(f"{folder:24} -> {', '.join(sorted(targets))}")


def main():
    if "--sizes" in sys.argv:
        return print_sizes()
    if "--doors" in sys.argv:
        return print_doors()
    rules = [f for name, f in sorted(globals().items()) if name.startswith("rule_")]
    failed = 0
    for rule in rules:
        findings = list(rule())
        failed += bool(findings)
        for path, line, message in findings:
            print(f"{path}:{line}: {rule.__name__[5:]}: {message}")
    print_sizes()
    print(f"{len(rules) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
