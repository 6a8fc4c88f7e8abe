"""Compiles a snippet as it stands, which must work, and then once for each mistake in it, which
must not.

    compile_fail.py SNIPPET COMPILER [FLAG...]

A mistake is a block of the snippet (`#ifndef` leaves something out):

    #ifdef COPY_IT  // EXPECT: deleted .*baton::Shmem
      const Shmem copy = memory;
    #endif

The regular expression must be found in the first error; the text that follows it, another error
among it, is the compiler's own affair. It has to fit what g++ and clang say, both.
"""

import os
import pathlib
import re
import subprocess
import sys

MISTAKE = re.compile(r"^#ifn?def (\w+)(.*)$", re.MULTILINE)
EXPECT = re.compile(r"^  // EXPECT: (\S.*)$")
FLAGS = ["-fsyntax-only", "-Wall", "-Wextra", "-Werror"]


def mistakes_in(text):
    """The name of each mistake, and what the compiler has to say about it."""
    found = {}
    for name, rest in MISTAKE.findall(text):
        expect = EXPECT.match(rest)
        if expect is None:
            raise SystemExit(f"{name}: there is no `// EXPECT: ...` behind it")
        if name in found:
            raise SystemExit(f"{name} is there twice")
        found[name] = expect.group(1)
    if not found:
        raise SystemExit("there is no mistake in it")
    return found


def compile_once(command):
    """The compiler's errors, one a line, and all of its output; no error when it is content."""
    run = subprocess.run(command, capture_output=True, text=True,
                         env={**os.environ, "LC_ALL": "C"}, check=False)
    errors = [line for line in run.stderr.splitlines() if "error: " in line]
    if run.returncode != 0 and not errors:
        raise SystemExit(f"{' '.join(command)}: {run.returncode}\n{run.stderr}")
    return errors, run.stderr


def judge(name, expect, command):
    """What is wrong with a mistake, or None."""
    errors, output = compile_once([*command, f"-D{name}"])
    if not errors:
        return f"{name} compiles"
    if not re.search(expect, errors[0]):
        return f"{name}: its first error does not say `{expect}`\n{output}"
    return None


def main():
    snippet, *compiler = sys.argv[1:]
    mistakes = mistakes_in(pathlib.Path(snippet).read_text(encoding="utf-8"))
    command = [*compiler, *FLAGS, snippet]

    errors, output = compile_once(command)
    if errors:
        raise SystemExit(f"without a mistake it does not compile\n{output}")
    problems = [judge(name, expect, command) for name, expect in mistakes.items()]
    problems = [problem for problem in problems if problem is not None]
    if problems:
        raise SystemExit("\n".join(problems))
    print(f"{len(mistakes)} mistakes, and none compiles")


if __name__ == "__main__":
    main()
