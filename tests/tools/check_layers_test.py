"""Tests of tools/check_layers.py: every rule refuses what it must, and nothing else."""

import contextlib
import importlib.util
import io
import pathlib
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("check_layers", ROOT / "tools" / "check_layers.py")
check_layers = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_layers)


class Includes(unittest.TestCase):
    def assert_accepted(self, path, line):
        self.assertEqual(check_layers.check_file(path, line), [])

    def assert_refused(self, path, line, words):
        problems = check_layers.check_file(path, line)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(f"{path}:1: ", problems[0])
        self.assertIn(words, problems[0])

    def test_the_direction_is_accepted(self):
        self.assert_accepted("runtime/wire/a.cc", "#include <baton/platform/handle.h>")
        self.assert_accepted("runtime/wire/a.cc", '#include "runtime/wire/encoder.h"')
        self.assert_accepted("runtime/wire/a.cc", "#include <baton/actor.h>")
        self.assert_accepted("compiler/lex/a.cc", "#include <baton/base/result.h>")
        self.assert_accepted("samples/hello/a.cc", '#include "helloParent.h"')
        self.assert_accepted("tests/unit/a_test.cc", '#include "runtime/wire/encoder.h"')

    def test_against_the_direction_is_refused(self):
        self.assert_refused("platform/linux/a.cc", '#include "runtime/wire/encoder.h"', "runtime")
        self.assert_refused("platform/linux/a.cc", "#include <baton/actor.h>", "may not include")
        self.assert_refused("platform/base/a.cc", "#include <baton/platform/handle.h>", "base may")
        self.assert_refused("compiler/lex/a.cc", "#include <baton/platform/handle.h>", "compiler")
        self.assert_refused("compiler/lex/a.cc", "  #  include <baton/actor.h>", "compiler")
        self.assert_refused("tools/memtrack/a.cc", "#include <baton/actor.h>", "tools may not")
        self.assert_refused("runtime/actor/a.cc", '#include "compiler/lex/lexer.h"', "compiler")
        self.assert_refused("runtime/actor/a.cc", '#include "tests/support/must.h"', "tests")

    def test_text_in_a_raw_string_is_not_code(self):
        text = 'const char* kText = R"cpp(\n#include <baton/actor.h>\n)cpp";\n'
        self.assertEqual(check_layers.check_file("compiler/emit/a.cc", text), [])
        after = check_layers.check_file("compiler/emit/a.cc", text + "#include <baton/actor.h>\n")
        self.assertEqual(len(after), 1)
        self.assertIn("a.cc:4:", after[0])

    def test_what_is_not_installed_stays_inside(self):
        self.assert_refused("runtime/include/baton/a.h", '#include "runtime/wire/encoder.h"',
                            "public header")
        self.assert_refused("samples/hello/a.cc", '#include "runtime/wire/encoder.h"',
                            "not installed")


class OtherRules(unittest.TestCase):
    def problems(self, path, text):
        return len(check_layers.check_file(path, text))

    def test_only_the_platform_asks_for_the_system(self):
        self.assertEqual(self.problems("runtime/a.cc", "#ifdef __linux__"), 1)
        self.assertEqual(self.problems("runtime/a.cc", "#if defined(_WIN32) && X"), 1)
        self.assertEqual(self.problems("platform/linux/a.cc", "#ifdef __linux__"), 0)
        self.assertEqual(self.problems("runtime/a.cc", "// not #ifdef __linux__"), 0)

    def test_length(self):
        self.assertEqual(self.problems("runtime/a.cc", "\n" * 500), 0)
        self.assertEqual(self.problems("runtime/a.cc", "\n" * 501), 1)

    def test_promises_to_do_it_later(self):
        for word in ("TO" + "DO", "FIX" + "ME"):
            self.assertEqual(self.problems("compiler/a.cc", f"// {word}: more"), 1)
        self.assertEqual(self.problems("compiler/a.cc", "// MASTODON"), 0)

    def test_waiting_for_a_time(self):
        waiting = "std::this_thread::sleep" + "_for(1s);"
        self.assertEqual(self.problems("tests/unit/a_test.cc", waiting), 1)
        self.assertEqual(self.problems("runtime/a.cc", waiting), 0)
        self.assertEqual(self.problems("tests/unit/a_test.cc", 'Run("/bin/sleep");'), 0)


class WholeTree(unittest.TestCase):
    def run_on(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                file = pathlib.Path(folder) / name
                file.parent.mkdir(parents=True)
                file.write_text(text)
            with contextlib.redirect_stdout(io.StringIO()) as output:
                code = check_layers.main(["check_layers", folder])
        return code, output.getvalue()

    def test_a_clean_tree(self):
        self.assertEqual(self.run_on({"runtime/a.cc": "int a;\n"}),
                         (0, "1 files keep to the rules\n"))

    def test_an_offence_is_named_with_its_place(self):
        code, output = self.run_on({"platform/a.cc": "\n#include <baton/actor.h>\n"})
        self.assertEqual(code, 1)
        self.assertIn("platform/a.cc:2: platform may not include baton/actor.h", output)

    def test_generated_goldens_are_left_out(self):
        code, _ = self.run_on({"tests/golden/generated/x/a.cc": "#ifdef __linux__\n",
                               "runtime/a.cc": "int a;\n"})
        self.assertEqual(code, 0)

    def test_an_empty_tree_is_an_error_not_a_success(self):
        self.assertEqual(self.run_on({})[0], 1)


if __name__ == "__main__":
    unittest.main()
