"""The README's excerpts are true, and check_readme.py notices when they, or its commands, are not."""

import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "tools" / "check_readme.py"
spec = importlib.util.spec_from_file_location("check_readme", SCRIPT)
check_readme = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_readme)


def run(root):
    return subprocess.run([sys.executable, "-B", str(SCRIPT), str(root)], capture_output=True,
                          text=True, check=False)


class Excerpts(unittest.TestCase):
    def excerpt(self, text):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "a.cc").write_text("one\n  two\nthree\n", encoding="utf-8")
            (root / "README.md").write_text(text, encoding="utf-8")
            return run(root).returncode

    def test_the_readme_of_this_tree_is_true(self):
        outcome = run(ROOT)
        self.assertEqual(outcome.returncode, 0, outcome.stdout)

    def test_lines_in_order_are_accepted(self):
        self.assertEqual(self.excerpt("<!-- from a.cc -->\n```cpp\none\n...\nthree\n```\n"), 0)

    def test_a_line_that_is_not_there_is_refused(self):
        self.assertEqual(self.excerpt("<!-- from a.cc -->\n```cpp\none\nfour\n```\n"), 1)

    def test_lines_out_of_order_are_refused(self):
        self.assertEqual(self.excerpt("<!-- from a.cc -->\n```cpp\ntwo\none\n```\n"), 1)

    def test_a_readme_without_excerpts_is_refused(self):
        self.assertEqual(self.excerpt("words\n"), 1)

    def test_what_is_still_to_be_filled_in_is_refused(self):
        excerpt = "<!-- from a.cc -->\n```cpp\none\n```\n"
        self.assertEqual(self.excerpt(excerpt + "me@example.org, @value@\n"), 0)
        self.assertEqual(self.excerpt(excerpt + "@NUMBERS@\n"), 1)


class Commands(unittest.TestCase):
    """Against a build folder with two tests: `some_tests` knows `a pear`, CTest knows `an apple`."""

    def problems(self, text):
        with tempfile.TemporaryDirectory() as folder:
            build = pathlib.Path(folder)
            (build / "CTestTestfile.cmake").write_text('add_test("an apple" "/bin/true")\n',
                                                       encoding="utf-8")
            (build / "bin").mkdir()
            program = build / "bin" / "some_tests"
            program.write_text('#!/bin/sh\ncase "${2-a pear}" in "a pear") echo "a pear" ;; esac\n'
                               "exit 1\n", encoding="utf-8")
            program.chmod(0o755)
            return check_readme.check_tests(text, build)

    def test_what_selects_a_test_is_accepted(self):
        for command in ('ctest --test-dir build/release -R "an apple"',
                        "ctest --preset release -R apple",
                        'build/release/bin/some_tests "a pear"', "build/release/bin/some_tests"):
            self.assertEqual(self.problems(f"run `{command}` or not"), [], command)

    def test_what_selects_none_is_refused(self):
        for command in ('ctest --test-dir build/release -R "a pear"',
                        'build/release/bin/some_tests "an apple"',
                        "build/release/bin/other_tests"):
            problems = self.problems(f"| promise | `{command}` |")
            self.assertEqual(len(problems), 1, command)
            self.assertIn(command, problems[0])

    def test_each_command_of_a_line_counts(self):
        text = "`build/release/bin/some_tests`, `ctest --preset release -R pear`"
        self.assertEqual(len(self.problems(text)), 1)

    def test_a_readme_without_commands_is_refused(self):
        self.assertEqual(len(self.problems("words, `build/release/bin/decoder a.png`")), 1)


if __name__ == "__main__":
    unittest.main()
