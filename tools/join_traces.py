#!/usr/bin/env python3
"""Joins the traces of several processes (BATON_TRACE) into one file for a viewer.

  join_traces.py OUT IN...

Takes files that a killed process has left unclosed, and leaves out a last event that is not whole.
Events keep their order within a process; viewers sort them by time. Memory: one event.
"""

import json
import sys


def events_of(lines, complain):
    """The events of one trace as text, one of its lines each."""
    broken = None
    for number, line in enumerate(lines, 1):
        if broken is not None:
            raise ValueError(f"line {broken} is no event")
        text = line.strip().strip(",")
        if text in ("", "[", "]"):
            continue
        try:
            is_event = isinstance(json.loads(text), dict)
        except ValueError:
            is_event = False
        if is_event:
            yield text
        else:
            broken = number
    if broken is not None:
        complain(f"line {broken} is cut off and left out")


def join(out_path, in_paths, complain):
    count = 0
    with open(out_path, "w", encoding="utf-8") as out:
        out.write("[\n")
        for path in in_paths:
            with open(path, encoding="utf-8", errors="replace") as lines:
                for event in events_of(lines, lambda words, path=path: complain(f"{path}: {words}")):
                    out.write((",\n" if count else "") + event)
                    count += 1
        out.write("\n]\n")
    return count


def main(arguments):
    if len(arguments) < 2 or arguments[0] in ("-h", "--help"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    out_path, *in_paths = arguments
    if out_path in in_paths:
        print(f"join_traces: {out_path} is to be written and read", file=sys.stderr)
        return 2
    try:
        count = join(out_path, in_paths, lambda words: print(f"join_traces: {words}", file=sys.stderr))
    except (OSError, ValueError) as error:
        print(f"join_traces: {error}", file=sys.stderr)
        return 1
    print(f"{out_path}: {count} events of {len(in_paths)} processes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
