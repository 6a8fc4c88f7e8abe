#!/usr/bin/env python3
"""Holds the README to the tree.

  check_readme.py [ROOT]              its excerpts are true, and nothing is left to fill in
  check_readme.py --tests BUILD_DIR   its commands select tests that exist in that release build

An excerpt is a code block behind a comment that names the file; every line of it stands in that
file, in that order. A line `...` stands for whatever was left out:

    <!-- from samples/decoder/decoder_child.cc -->

Prints what is not true; exit code 1.
"""

import pathlib
import re
import subprocess
import sys

EXCERPT = re.compile(r"<!-- from (\S+) -->\n```\w*\n(.*?)```", re.DOTALL)
PLACEHOLDER = re.compile(r"@[A-Z_]+@")

# What a test is selected by: "in quotes", 'in others', or a bare word.
WORD = r"""(?:"([^"]*)"|'([^']*)'|([^\s`"']+))"""
CTEST = re.compile(r"ctest [^`\n]*?-R\s+" + WORD)
EXECUTABLE = re.compile(r"build/release/bin/(\w+_tests(?:_threads)?)(?:[ ]+" + WORD + ")?")


def missing_lines(excerpt, source):
    """The lines of the excerpt that do not follow each other in the source."""
    rest = [line.strip() for line in source.splitlines()]
    missing = []
    for line in (line.strip() for line in excerpt.splitlines()):
        if line in ("", "..."):
            continue
        if line in rest:
            rest = rest[rest.index(line) + 1:]
        else:
            missing.append(line)
    return missing


def check_text(root, text):
    excerpts = EXCERPT.findall(text)
    problems = [] if excerpts else ["README.md: no excerpt of a sample"]
    for name, excerpt in excerpts:
        source = (root / name).read_text(encoding="utf-8")
        problems += [f"README.md: not in {name}: {line}" for line in missing_lines(excerpt, source)]
    problems += [f"README.md: still to be filled in: {word}" for word in PLACEHOLDER.findall(text)]
    return problems


def output_of(command):
    """What a command prints. Catch tells the number of tests by its exit code, so that says nothing."""
    return subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False).stdout


def selects_of_ctest(build, pattern):
    total = re.search(r"^Total Tests: (\d+)$",
                      output_of(["ctest", "--test-dir", build, "-N", "-R", pattern]), re.MULTILINE)
    return total is not None and int(total[1]) > 0


def selects_of_executable(program, selection):
    if not program.exists():
        return False
    return bool(output_of([program, "--list-test-names-only", *selection]).strip())


def check_tests(text, build):
    """The commands of the text that select no test of the build."""
    problems, commands = [], 0
    for match in CTEST.finditer(text):
        commands += 1
        if not selects_of_ctest(build, next(word for word in match.groups() if word is not None)):
            problems.append(f"README.md: selects no test: {match[0]}")
    for match in EXECUTABLE.finditer(text):
        commands += 1
        selection = [word for word in match.groups()[1:] if word is not None]
        if not selects_of_executable(build / "bin" / match[1], selection):
            problems.append(f"README.md: selects no test: {match[0]}")
    if commands == 0:
        problems.append("README.md: no command that runs a test")
    return problems


def main(arguments):
    root = pathlib.Path(__file__).resolve().parent.parent
    if arguments[1:2] == ["--tests"] and len(arguments) == 3:
        problems = check_tests((root / "README.md").read_text(encoding="utf-8"),
                               pathlib.Path(arguments[2]).resolve())
    else:
        root = pathlib.Path(arguments[1]) if len(arguments) > 1 else root
        problems = check_text(root, (root / "README.md").read_text(encoding="utf-8"))
    print("\n".join(problems) if problems else "README.md is true")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
