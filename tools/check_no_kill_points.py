#!/usr/bin/env python3
"""Refuses executables and libraries that tests could make fail, or tell to end themselves.

    check_no_kill_points.py file...

Prints one line per file that carries what only a build with BATON_FAULT_INJECTION may have, the
variables of platform/state_point.h or the name of a point, and exits with 1 if there was any.
"""

import pathlib
import sys

MARKS = (b"BATON_DIE_AT", b"BATON_STALL_AT", b"BATON_COUNT_POINTS", b"memory.revoked", b"NextFault")


def offences(path):
    content = path.read_bytes()
    return [mark.decode() for mark in MARKS if mark in content]


def main(arguments):
    if not arguments:
        print(__doc__)
        return 2
    found = 0
    for path in map(pathlib.Path, arguments):
        marks = offences(path)
        if marks:
            found += 1
            print(f"{path}: has {', '.join(marks)}: it was built with fault injection")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
