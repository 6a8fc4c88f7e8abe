#!/usr/bin/env python3
"""Compiles the C++ that batonc makes of the corpus, all of it, and says what a message costs.

Generates the corpus (make_corpus.py) and its C++ into a folder, gives the C++ types of its `using` lines a codec, and
compiles each source with `g++ -O2`, one after the other. Prints lines of C++, seconds and bytes of object code, for each
message and in all; bytes are what `size` calls text and data. Exit code 1: something did not compile.

--check only asks whether it compiles: the front end alone, many sources at once, a minute instead of a quarter of an
hour. --sample N takes every N-th file of the corpus only, with both its sides, and counts the messages of those alone.
"""

import argparse
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FLAGS = ("-std=c++20", "-Wall", "-Wextra", "-Werror")
SOURCES_AT_ONCE = 75

EXTERNAL_TYPE = """// A C++ type of the corpus's own, as its `using` line promises.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <baton/wire/codec.h>

namespace corpus {{
class {name} {{
 public:
  std::vector<std::byte> bytes;
  bool operator==(const {name}&) const = default;
}};
}}  // namespace corpus

template <>
struct baton::wire::Codec<corpus::{name}> {{
  static void Write(const corpus::{name}& value, std::vector<std::byte>& bytes) {{
    bytes.insert(bytes.end(), value.bytes.begin(), value.bytes.end());
  }}
  static bool Read(std::span<const std::byte> bytes, corpus::{name}& value) {{
    value.bytes.assign(bytes.begin(), bytes.end());
    return true;
  }}
}};
"""


def run(*command):
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.PIPE)


def write_headers(corpus, folder):
    """What stands for the C++ headers that the corpus names: a type for each `using`, else nothing."""
    included = re.compile(r'^include "([^"]+)"', re.MULTILINE)
    using = re.compile(r'using class corpus::(\w+) from "([^"]+)"')
    headers = {}
    for source in sorted(corpus.glob("*.ipdl*")):
        text = source.read_text()
        for header in included.findall(text):
            headers.setdefault(header, "#pragma once\n")
        for name, header in using.findall(text):
            headers[header] = EXTERNAL_TYPE.format(name=name)
    for header, text in headers.items():
        path = folder / header
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def messages_in(corpus, stem):
    """How many messages the protocols of one file declare."""
    for ending in ("ipdl", "ipdlh"):
        path = corpus / f"{stem}.{ending}"
        if path.exists():
            return len(re.findall(r"^\s+(?:\[[^\]]*\]\s*)*(?:async|sync|intr) \w+\(",
                                  path.read_text(), re.MULTILINE))
    return 0


def code_bytes(objects):
    """text + data of each, as `size` has them."""
    listed = subprocess.run(["size", *map(str, objects)], check=True, capture_output=True, text=True)
    return sum(int(row.split()[0]) + int(row.split()[1]) for row in listed.stdout.splitlines()[1:])


def compile_all(sources, includes, objects, compiler):
    """The objects, and the sources that have none, with their first words of complaint."""
    made, failed = [], []
    for number, source in enumerate(sources, 1):
        target = objects / (source.stem + ".o")
        command = [compiler, *FLAGS, "-O2", "-c", source, "-o", target,
                   *(f"-I{folder}" for folder in includes)]
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
        if done.returncode == 0:
            made.append(target)
        else:
            failed.append((source.name, done.stderr.strip()[:2000]))
        if sys.stderr.isatty():
            print(f"\r{number} of {len(sources)}", end="", file=sys.stderr)
    return made, failed


def check_all(sources, includes, folder, compiler):
    """Whether the front end takes all of them; they share the headers that they stand on."""
    complaints = 0
    for begin in range(0, len(sources), SOURCES_AT_ONCE):
        batch = folder / f"batch{begin}.cc"
        batch.write_text("".join(f'#include "{source.name}"\n'
                                 for source in sources[begin:begin + SOURCES_AT_ONCE]))
        command = [compiler, *FLAGS, "-fsyntax-only", batch, *(f"-I{one}" for one in includes)]
        complaints += subprocess.run([str(word) for word in command]).returncode != 0
    print(f"{len(sources)} sources: " + ("some do not compile" if complaints else "all compile"))
    return 1 if complaints else 0


def seconds_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--batonc", type=pathlib.Path, required=True)
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="only every N-th file")
    parser.add_argument("--check", action="store_true", help="only whether it compiles")
    parser.add_argument("--compiler", default="g++")
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory(prefix="baton-corpus-") as name:
        folder = pathlib.Path(name)
        corpus, generated, objects = folder / "corpus", folder / "generated", folder / "objects"
        objects.mkdir()
        run(sys.executable, "-B", HERE / "make_corpus.py", "--output", corpus)
        run(arguments.batonc, "compile", "-I", corpus, "-o", generated, *sorted(corpus.glob("*.ipdl*")))
        write_headers(corpus, generated)
        stems = sorted(re.sub(r"Parent$", "", source.stem) for source in generated.glob("*Parent.cc"))
        stems = stems[::arguments.sample]
        sources = [generated / f"{stem}{side}.cc" for stem in stems for side in ("Parent", "Child")]
        includes = [generated, ROOT / "runtime/include", ROOT / "platform/include"]
        if arguments.check:
            return check_all(sources, includes, folder, arguments.compiler)
        messages = sum(messages_in(corpus, stem) for stem in stems)
        lines = sum(len(path.read_text().splitlines()) for stem in stems for path in
                    (generated / (stem + rest) for rest in
                     (".h", "Parent.h", "Parent.cc", "Child.h", "Child.cc")))
        before, began = seconds_of_children(), time.monotonic()
        made, failed = compile_all(sources, includes, objects, arguments.compiler)
        seconds, waited = seconds_of_children() - before, time.monotonic() - began
        for source, complaint in failed:
            print(f"\n{source} does not compile:\n{complaint}", file=sys.stderr)
        if not made:
            return 1
        size = code_bytes(made)
        print(f"{len(made)} of {len(sources)} sources compiled, {messages} messages on both sides")
        for what, amount, unit in (("C++", lines, "lines"), ("CPU time", seconds, "s"),
                                   ("object code", size, "bytes")):
            print(f"{what:12} {amount:12,.0f} {unit:6} {amount / messages:10,.2f} {unit} per message")
        print(f"{'elapsed':12} {waited:12,.0f} s")
        return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
