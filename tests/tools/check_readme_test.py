"""The README's excerpts are true, and check_readme.py notices when they are not."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "tools" / "check_readme.py"


def run(root):
    return subprocess.run([sys.executable, "-B", str(SCRIPT), str(root)], capture_output=True,
                          text=True, check=False)


class CheckReadme(unittest.TestCase):
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


if __name__ == "__main__":
    unittest.main()
