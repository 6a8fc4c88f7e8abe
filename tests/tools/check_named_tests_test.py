"""check_named_tests.py finds what the pages name, and notices what is not there."""

import importlib.util
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "tools" / "check_named_tests.py"
spec = importlib.util.spec_from_file_location("check_named_tests", SCRIPT)
check_named_tests = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_named_tests)

TESTS = {"some_tests": {"a pear"}, "some_tests_threads": {"two pears"}}


def problems(text, ctest=frozenset({"model: apple"})):
    return check_named_tests.check_text("page", text, TESTS, ctest)


class Pages(unittest.TestCase):
    def test_the_pages_of_this_tree_are_true(self):
        outcome = subprocess.run([sys.executable, "-B", str(SCRIPT)], capture_output=True,
                                 text=True, check=False)
        self.assertEqual(outcome.returncode, 0, outcome.stdout)

    def test_what_exists_is_accepted(self):
        self.assertEqual(problems('`some_tests "a pear"`, `some_tests_threads "two pears"`, '
                                  '`ctest "model: apple"`'), [])

    def test_what_does_not_exist_is_refused(self):
        for named in ('some_tests "two pears"', 'some_tests "a pea"', 'some_tests "a pear*"',
                      'other_tests "a pear"', 'ctest "model: pear"'):
            self.assertEqual(problems(f"| 1 | x | `{named}` |"),
                             [f"page: no such test: {named}"], named)

    def test_without_a_build_nobody_asks_ctest(self):
        self.assertEqual(problems('`ctest "model: pear"`', None), [])

    def test_half_a_name_is_refused(self):
        self.assertEqual(len(problems('`some_tests "a pear"` `some_tests a`')), 1)

    def test_a_row_has_a_test_or_a_reason(self):
        named = '`some_tests "a pear"`\n'
        self.assertEqual(problems(named + "| 1 | x | not there yet |\n"), [])
        self.assertEqual(problems(named + "| 1 | x | by construction: no type for it |\n"), [])
        self.assertEqual(len(problems(named + "| 1 | not there yet | because |\n")), 1)

    def test_a_page_that_names_nothing_is_refused(self):
        self.assertEqual(problems("words"), ["page: names no test"])


class Sources(unittest.TestCase):
    def test_names_are_read_whatever_the_lines(self):
        source = ('TEST_CASE("one") {\nTEST_CASE(\n    "t"\n    "wo", "[tag]") {\n'
                  'TEMPLATE_TEST_CASE("three", "[tag]", int) {\n')
        self.assertEqual(list(check_named_tests.cases(source)), ["one", "two", "three"])

    def test_threads_are_an_executable_of_their_own(self):
        tests = check_named_tests.tests_of_tree(ROOT)
        self.assertIn("hostile: HELLO twice", tests["hostile_tests"])
        self.assertIn("what was sent before closing is delivered", tests["process_tests_threads"])
        self.assertNotIn("what was sent before closing is delivered", tests["process_tests"])


if __name__ == "__main__":
    unittest.main()
