"""Compiles a snippet as it stands, which must work, and then once for each mistake in it, which
must not.

    compile_fail.py SNIPPET COMPILER [FLAG...]

A mistake is a block of the snippet (`#ifndef` leaves something out):

    #ifdef COPY_IT  // EXPECT: deleted .*baton::Shmem
      const Shmem copy = memory;
    #endif

What the snippet includes is compiled once, and handed to the compiler with each mistake. The
regular expression must be found in what the first error says, and that error must be about the
block: there, or, in a header, by way of it. What follows, other errors among it, is the compiler's
own affair. The expression has to fit what g++ and clang say, both.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import typing

MISTAKE = re.compile(r"^#ifn?def (\w+)(.*)$")
EXPECT = re.compile(r"^  // EXPECT: (\S.*)$")
ERROR = re.compile(r"^\S+:\d+:\d+: (?:fatal )?error: (.*)$")
WARNINGS = ["-Wall", "-Wextra", "-Werror"]


class Mistake(typing.NamedTuple):
    expect: str  # what the compiler has to say
    lines: range


def mistakes_in(text):
    """The mistakes, by name."""
    found = {}
    lines = text.splitlines()
    for at, line in enumerate(lines):
        mistake = MISTAKE.match(line)
        if mistake is None:
            continue
        name, rest = mistake.groups()
        expect = EXPECT.match(rest)
        if expect is None:
            raise SystemExit(f"{name}: there is no `// EXPECT: ...` behind it")
        if name in found:
            raise SystemExit(f"{name} is there twice")
        end = lines.index("#endif", at)
        found[name] = Mistake(expect.group(1), range(at + 2, end + 1))
    if not found:
        raise SystemExit("there is no mistake in it")
    return found


def compile_once(command):
    """What the compiler says, and the lines of it that are errors; none when it is content."""
    run = subprocess.run(command, capture_output=True, text=True,
                         env={**os.environ, "LC_ALL": "C"}, check=False)
    output = run.stderr.splitlines()
    errors = [at for at, line in enumerate(output) if ERROR.match(line)]
    if run.returncode != 0 and not errors:
        raise SystemExit(f"{' '.join(command)}: {run.returncode}\n{run.stderr}")
    return output, errors


def precompile(compiler, text, folder):
    """What the compiler has to be told, to take the snippet's headers from `folder`."""
    header = pathlib.Path(folder) / "includes.h"
    includes = [line for line in text.splitlines() if line.startswith("#include ")]
    header.write_text("\n".join([*includes, ""]), encoding="utf-8")
    subprocess.run([*compiler, *WARNINGS, "-x", "c++-header", header, "-o", f"{header}.gch"], check=True)
    return ["-include", str(header), "-Winvalid-pch"]


def judge(name, mistake, command, snippet):
    """What is wrong with a mistake, or None."""
    output, errors = compile_once([*command, f"-D{name}"])
    if not errors:
        return f"{name} compiles"
    all_of_it = "\n".join(output)
    if not re.search(mistake.expect, ERROR.match(output[errors[0]]).group(1)):
        return f"{name}: its first error does not say `{mistake.expect}`\n{all_of_it}"
    # With what g++ says before it and clang after it: how it came there.
    about = output[:errors[1]] if len(errors) > 1 else output
    places = re.findall(rf"^\s*(?:from )?{re.escape(snippet)}:(\d+):", "\n".join(about), re.MULTILINE)
    if not any(int(line) in mistake.lines for line in places):
        return f"{name}: its first error is about something else\n{all_of_it}"
    return None


def main():
    snippet, *compiler = sys.argv[1:]
    text = pathlib.Path(snippet).read_text(encoding="utf-8")
    mistakes = mistakes_in(text)
    command = [*compiler, *WARNINGS, "-fsyntax-only", snippet]

    output, errors = compile_once(command)
    if errors:
        raise SystemExit("\n".join(["without a mistake it does not compile", *output]))
    with tempfile.TemporaryDirectory() as folder:
        command += precompile(compiler, text, folder)
        problems = [judge(name, mistake, command, snippet) for name, mistake in mistakes.items()]
    problems = [problem for problem in problems if problem is not None]
    if problems:
        raise SystemExit("\n".join(problems))
    print(f"{len(mistakes)} mistakes, and none compiles")


if __name__ == "__main__":
    main()
