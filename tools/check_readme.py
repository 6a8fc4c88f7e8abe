#!/usr/bin/env python3
"""Holds the README to the samples: every line of an excerpt stands in its file, in that order.

An excerpt is a code block behind a comment that names the file:

    <!-- from samples/decoder/decoder_child.cc -->

A line `...` stands for whatever was left out. Prints what is not there, exit code 1.
"""

import pathlib
import re
import sys

EXCERPT = re.compile(r"<!-- from (\S+) -->\n```\w*\n(.*?)```", re.DOTALL)


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


def check(root):
    text = (root / "README.md").read_text(encoding="utf-8")
    excerpts = EXCERPT.findall(text)
    problems = [] if excerpts else ["README.md: no excerpt of a sample"]
    for name, excerpt in excerpts:
        source = (root / name).read_text(encoding="utf-8")
        problems += [f"README.md: not in {name}: {line}" for line in missing_lines(excerpt, source)]
    return problems


if __name__ == "__main__":
    found = check(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                               pathlib.Path(__file__).resolve().parent.parent))
    print("\n".join(found) if found else "README.md is true to the samples")
    sys.exit(1 if found else 0)
