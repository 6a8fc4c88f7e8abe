#!/usr/bin/env python3
"""Runs Baton and the systems beside it, and prints tables of small messages and of payloads.

Each system is measured with its processes pinned to CPU 0 and 1, and the round trip once more with
both on CPU 0. A star marks what is better than Baton's; a list of these cases follows. The systems
called bare_... are no systems but what the kernel and the memory offer, and stand apart.
"""

import argparse
import os
import pathlib
import platform
import subprocess
import sys
import time

PATIENCE = 180  # seconds for one run
BASELINE = "baton"
LIMITS = "bare"

# Column -> (case, metric, what is better). Times in microseconds, rates in messages per second.
SMALL = {
    "p50": ("round_trip_64B", "p50", min),
    "p99": ("round_trip_64B", "p99", min),
    "CPU": ("round_trip_64B", "cpu", min),
    "p50, one CPU": ("round_trip_64B_one_cpu", "p50", min),
    "CPU, one CPU": ("round_trip_64B_one_cpu", "cpu", min),
    "64 B/s": ("one_way_64B", "rate", max),
    "1 KiB/s": ("one_way_1KiB", "rate", max),
    "MiB": ("memory_small", "both", min),
}
SIZES = ("64KiB", "1MiB", "8MiB", "32MiB")


def payload(step):
    return {size: (f"{step}_{size}", "p50", min) for size in SIZES}


TABLES = {
    "Small messages: round trip of 64 B in us, messages per second one way, most memory": SMALL,
    "Payloads handed over, us until the answer": payload("transfer"),
    "Payloads handed over and read": payload("touch"),
    "Payloads filled, handed over and read; most memory in all": {
        **payload("fill_touch"), "MiB": ("memory_all", "both", min)},
}


def variants(program):
    """The systems that one program measures: (system, variant)."""
    listed = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    for line in listed.splitlines():
        name, variant = line.split("\t")
        yield (f"{name}_{variant}" if variant else name), variant


def measure(program, variant, cpus, *words):
    """The rows of one run, as lists of five."""
    command = [program, variant, *map(str, cpus), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.strip()}")
    return [line.split("\t") for line in done.stdout.splitlines()]


def measure_system(program, variant):
    two_cpus = (0, 1 if (os.cpu_count() or 1) > 1 else 0)
    rows = measure(program, variant, two_cpus)
    for row in measure(program, variant, (0, 0), "round-trips"):
        rows.append([row[0], row[1] + "_one_cpu", *row[2:]])
    return rows


def chosen_systems(folder, names):
    """(system, program, variant) of those named, Baton first and the limits last."""
    found = []
    for program in sorted(folder.glob("peer_*")):
        program_name = program.name.removeprefix("peer_")
        for system, variant in variants(program):
            if not names or system == BASELINE or {system, program_name} & set(names):
                found.append((system, program, variant))
    found.sort(key=lambda one: (is_limit(one[0]), not is_ours(one[0])))
    return found


def is_limit(system):
    return system.startswith(LIMITS)


def is_ours(system):
    return system.split("_")[0] == BASELINE


def table_of(rows):
    """(system, case, metric) -> value; the memory of both processes added up."""
    values = {}
    for system, case, metric, value, _ in rows:
        values[system, case, metric] = float(value)
        if case.startswith("memory"):
            both = (system, case, "both")
            values[both] = values.get(both, 0) + float(value)
    return values


def shown(value):
    if value is None:
        return "-"
    for unit, size in (("M", 1e6), ("k", 1e4)):
        if value >= size:
            return f"{value / (1e6 if unit == 'M' else 1e3):.3g}{unit}"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def is_ahead(value, ours, better):
    return value is not None and ours is not None and value != ours and better(value, ours) == value


def lines_of(systems, columns, values):
    """One line per system: the name and a cell per column."""
    for system in systems:
        cells = []
        for case, metric, better in columns.values():
            value = values.get((system, case, metric))
            ahead = is_ahead(value, values.get((BASELINE, case, metric)), better)
            cells.append(shown(value) + ("*" if ahead else " "))
        yield [system, *cells]


def print_table(title, systems, columns, values):
    header = ["", *(name + " " for name in columns)]
    lines = [header, *lines_of(systems, columns, values)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(header))]
    print(f"\n{title}\n")
    was_limit = False
    for line in lines:
        if is_limit(line[0]) and not was_limit:
            print("-" * (sum(widths) + len(widths) - 1))
            was_limit = True
        cells = [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
        print(" ".join([line[0].ljust(widths[0]), *cells]).rstrip())


def print_behind(systems, values):
    """In which cases somebody is ahead of Baton, and who most of all."""
    behind = []
    columns = [column for table in TABLES.values() for column in table.values()]
    for case, metric, better in columns:
        ours = values.get((BASELINE, case, metric))
        others = {system: values[system, case, metric] for system in systems
                  if not is_limit(system) and not is_ours(system) and (system, case, metric) in values}
        ahead = {system: value for system, value in others.items() if is_ahead(value, ours, better)}
        if ahead:
            best = better(ahead, key=ahead.get)
            behind.append(f"  {case} {metric}: {shown(ours)}, {best} {shown(ahead[best])}"
                          f" ({len(ahead)} of {len(others)} ahead)")
    print("\nBaton is behind:" if behind else "\nBaton is behind nobody.")
    print("\n".join(behind))


def print_surroundings():
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{time.strftime('%Y-%m-%d %H:%M')}, Linux {platform.release()}, {os.cpu_count()} CPUs, "
          f"load {load}; a star: better than Baton")


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench peers", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="*", help="systems (zeromq, bare_futex) or programs (bare)")
    parser.add_argument("--tsv", type=pathlib.Path, help="write the rows to this file, too")
    parser.add_argument("--folder", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--missing", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    wanted = arguments()
    for line in wanted.missing.read_text().splitlines():
        print("{} is left out: {}".format(*line.split("\t")))
    systems = chosen_systems(wanted.folder, wanted.name)
    unknown = set(wanted.name) - {word for system, program, _ in systems
                                  for word in (system, program.name.removeprefix("peer_"))}
    if unknown:
        sys.exit(f"peers: there is no {', '.join(sorted(unknown))}")
    if not systems:
        sys.exit(f"peers: there is no peer_baton in {wanted.folder}")
    print_surroundings()
    rows, failed = [], False
    for system, program, variant in systems:
        if sys.stderr.isatty():
            print(f"\r\033[K  {system} ...", end="\r", file=sys.stderr, flush=True)
        try:
            rows += measure_system(program, variant)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            print(f"{system} has failed: {error}")
            failed = True
    if wanted.tsv:
        wanted.tsv.write_text("".join("\t".join(row) + "\n" for row in rows))
    values = table_of(rows)
    names = [system for system, _, _ in systems]
    for title, columns in TABLES.items():
        print_table(title, names, columns, values)
    print_behind(names, values)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
