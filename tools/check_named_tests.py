#!/usr/bin/env python3
"""Holds docs/security.md and docs/faults.md to the tests: each one that they name exists.

  check_named_tests.py [ROOT [BUILD_DIR]]

A test is named by its executable and its whole name, or by its name in CTest:

    `hostile_tests "hostile: HELLO twice"`      `ctest "model: teardown"`

Those of executables are looked for in the sources, because no single build has all of them (only
builds with fault injection have fault_tests); those of CTest in BUILD_DIR, where one is given.
A row of a table that names no test has to say why, in its last column: `not there yet`, or
`by construction`.

Prints what is not true; exit code 1.
"""

import pathlib
import re
import subprocess
import sys

PAGES = ("docs/security.md", "docs/faults.md")

OF_EXECUTABLE = re.compile(r'`(\w+_tests(?:_threads)?) "([^"`]+)"`')
OF_CTEST = re.compile(r'`ctest "([^"`]+)"`')
ALMOST = re.compile(r"`((?:\w+_tests(?:_threads)?|ctest)\s[^`]*)`")
EXCUSE = re.compile(r"not there yet|by construction")

EXECUTABLE = re.compile(r"baton_add_tests\(\s*(\w+)")
CASE = re.compile(r'\bTEST_CASE(?:_METHOD)?\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)'
                  r'|\bTEMPLATE_TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')


def cases(source):
    """The names of the tests of a source file."""
    for match in CASE.finditer(source):
        yield "".join(LITERAL.findall(match[1] or match[2]))


def tests_of_tree(root):
    """Executable -> the names of its tests, as tests/cmake/BatonTests.cmake divides them."""
    found = {}
    for lists in (root / "tests").rglob("CMakeLists.txt"):
        for executable in EXECUTABLE.findall(lists.read_text(encoding="utf-8")):
            for source in lists.parent.glob("*_test.cc"):
                name = executable + ("_threads" if source.name.endswith("_threads_test.cc") else "")
                found.setdefault(name, set()).update(cases(source.read_text(encoding="utf-8")))
    return found


def tests_of_ctest(build):
    listed = subprocess.run(["ctest", "--test-dir", str(build), "-N"], stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, check=False).stdout
    return set(re.findall(r"^ +Test +#\d+: (.*)$", listed, re.MULTILINE))


def check_text(page, text, tests, ctest):
    """What the text names and nobody has. `ctest` is None where there is no build to ask."""
    problems = []
    named = 0
    for executable, name in OF_EXECUTABLE.findall(text):
        named += 1
        if name not in tests.get(executable, ()):
            problems.append(f'{page}: no such test: {executable} "{name}"')
    for name in OF_CTEST.findall(text):
        named += 1
        if ctest is not None and name not in ctest:
            problems.append(f'{page}: no such test: ctest "{name}"')
    for almost in ALMOST.findall(text):
        whole = f"`{almost}`"
        if not OF_EXECUTABLE.fullmatch(whole) and not OF_CTEST.fullmatch(whole):
            problems.append(f"{page}: names no test in full: {almost}")
    for line in text.splitlines():
        if re.match(r"\| *\d+ *\|", line):
            last = line.rstrip().rstrip("|").rsplit(" | ", 1)[-1]
            if not (OF_EXECUTABLE.search(last) or OF_CTEST.search(last) or EXCUSE.search(last)):
                problems.append(f"{page}: a row without a test or a reason: {line[:60]}")
    return problems if named else problems + [f"{page}: names no test"]


def main(arguments):
    root = pathlib.Path(arguments[1] if len(arguments) > 1 else
                        pathlib.Path(__file__).resolve().parent.parent)
    ctest = tests_of_ctest(pathlib.Path(arguments[2])) if len(arguments) > 2 else None
    tests = tests_of_tree(root)
    problems = []
    for page in PAGES:
        problems += check_text(page, (root / page).read_text(encoding="utf-8"), tests, ctest)
    print("\n".join(problems) if problems else "every test that the pages name exists")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
