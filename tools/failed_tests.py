#!/usr/bin/env python3
"""Prints the tests of a CTest run that failed, each with the end of what it has printed.

usage: failed_tests.py PRESET REPORT    (REPORT: what `ctest --output-junit` has written)

So that who sees only the last lines of a long run, as CI shows them, learns what failed and why.
"""

import sys
import xml.etree.ElementTree as ElementTree

MOST_LINES = 20
MOST_COLUMNS = 200


def last_words(case):
    output = case.findtext("system-out") or ""
    lines = [line for line in output.splitlines() if line.strip()]
    return [line[:MOST_COLUMNS] for line in lines[-MOST_LINES:]]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    preset, report = sys.argv[1:]
    for case in ElementTree.parse(report).getroot().iter("testcase"):
        if case.get("status") != "fail":
            continue
        print(f"failed: {preset}: {case.get('name')}")
        for line in last_words(case):
            print(f"    {line}")


if __name__ == "__main__":
    main()
