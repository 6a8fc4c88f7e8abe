#!/usr/bin/env python3
"""Refuses what the house rules refuse, in the tree given (default: this one).

  an include against the direction   platform <- runtime <- generated code <- samples;
                                     compiler and tools use only what stands in ALLOWED
  a private header in a public one   headers below */include see <baton/...> only
  a question about the system        #if on a system's or compiler's macro, outside platform/
  a file that is more than one idea  over 500 lines
  a promise to do it later           the two well-known words
  a test that waits for a time       instead of for an event

Prints one line per offence, `file:line: what`, and exits with 1 if there was any.
"""

import pathlib
import re
import sys

FOLDERS = ("platform", "compiler", "runtime", "tools", "samples", "tests", "bench", "cmake", "idl")
LEFT_OUT = ("tests/golden/generated/", "tests/fuzz/corpus/")
CODE = (".h", ".cc")
TEXT = CODE + (".py", ".sh", ".cmake", ".txt", ".idl", ".idlh")
MAX_LINES = 500

# Layer -> the layers it may include. "public" is <baton/...>, what an installed Baton offers.
ALLOWED = {
    "base": {"base"},
    "platform": {"base", "platform"},
    "compiler": {"base", "compiler"},
    "runtime": {"base", "platform", "runtime"},
    "tools": {"base", "platform", "tools"},
    "samples": {"base", "platform", "public", "samples"},
    "bench": {"base", "platform", "public", "runtime", "compiler", "tools", "bench"},
    "tests": {"base", "platform", "public", "runtime", "compiler", "tools", "samples", "bench",
              "tests"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
CONDITION = re.compile(r"^\s*#\s*(?:if|ifdef|ifndef|elif)\b(.*)")
SYSTEM_MACRO = re.compile(
    r"\b(?:_WIN32|_WIN64|__linux__|__linux|__APPLE__|__unix__|__FreeBSD__|__ANDROID__|_MSC_VER"
    r"|__GNUC__|__clang__|__x86_64__|__aarch64__|__SANITIZE_\w+|__has_feature)\b")
LATER = re.compile(r"\b(?:" + "TO" + r"DO|FIX" + r"ME)\b")
RAW_STRING = re.compile(r'R"(\w*)\((.*?)\)\1"', re.DOTALL)  # text of ours to be, not code of ours
WAITS = re.compile(r"\b(?:sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(")


def layer_of_file(path):
    """The layer that a file, named from the root, belongs to; None for build scripts and the like."""
    if path.startswith(("platform/base/", "platform/include/baton/base/")):
        return "base"
    folder = path.split("/")[0]
    return folder if folder in ALLOWED else None


def layer_of_include(bracket, name):
    """The layer that an included header belongs to; None when it is not ours."""
    if bracket == "<":
        if name.startswith("baton/base/"):
            return "base"
        if name.startswith("baton/platform/"):
            return "platform"
        return "public" if name.startswith("baton/") else None
    return layer_of_file(name)


def check_include(path, bracket, name):
    source, target = layer_of_file(path), layer_of_include(bracket, name)
    if source is None or target is None:
        return None
    if "/include/" in path and bracket == '"':
        return f"a public header includes a private one: {name}"
    if source == "samples" and bracket == '"' and target != "samples":
        return f"a sample includes what is not installed: {name}"
    if target == "public" and source == "runtime":
        return None
    if target not in ALLOWED[source]:
        return f"{source} may not include {name}, which belongs to {target}"
    return None


def check_line(path, line):
    """What is wrong with one line, as a list of sentences."""
    problems = []
    if path.endswith(CODE):
        if include := INCLUDE.match(line):
            problems.append(check_include(path, *include.groups()))
        condition = CONDITION.match(line)
        if condition and SYSTEM_MACRO.search(condition[1]) and not path.startswith("platform/"):
            problems.append("asks which system this is; only platform/ and CMake may")
    if LATER.search(line):
        problems.append("do it now, or write an issue")
    if path.startswith("tests/") and path.endswith(CODE + (".py",)) and WAITS.search(line):
        problems.append("a test waits for a time; let it wait for the event")
    return [problem for problem in problems if problem]


def check_file(path, text):
    """All offences of one file, named from the root, as `file:line: what`."""
    if path.endswith(CODE):
        text = RAW_STRING.sub(lambda match: "\n" * match[0].count("\n"), text)
    lines = text.splitlines()
    problems = [f"{path}:{number}: {problem}"
                for number, line in enumerate(lines, start=1)
                for problem in check_line(path, line)]
    if path.endswith(CODE) and len(lines) > MAX_LINES:
        problems.append(f"{path}:{len(lines)}: more than {MAX_LINES} lines: split it by idea")
    return problems


def files_of(root):
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*")):
            path = file.relative_to(root).as_posix()
            if file.is_file() and path.endswith(TEXT) and not path.startswith(LEFT_OUT):
                yield path, file


def main(arguments):
    root = pathlib.Path(arguments[1] if len(arguments) > 1 else __file__).resolve()
    if root.is_file():
        root = root.parent.parent
    problems, count = [], 0
    for path, file in files_of(root):
        count += 1
        problems += check_file(path, file.read_text(encoding="utf-8", errors="replace"))
    if count == 0:
        problems.append(f"{root}: no source files here")
    print("\n".join(problems) if problems else f"{count} files keep to the rules")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
