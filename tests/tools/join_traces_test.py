"""Tests of tools/join_traces.py: nothing is lost, and what a killed process left is taken."""

import contextlib
import importlib.util
import io
import json
import pathlib
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("join_traces", ROOT / "tools" / "join_traces.py")
join_traces = importlib.util.module_from_spec(spec)
spec.loader.exec_module(join_traces)

CLOSED = '[\n{"ph":"s","pid":1,"id":"0x1"},\n{"ph":"E","pid":1}\n]\n'
KILLED = '[\n{"ph":"f","pid":2,"id":"0x1"},\n{"ph":"E","pid":2}'
CUT = '[\n{"ph":"B","pid":3,"name":"a, ]"},\n{"ph":"E","pi'


class Joined(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.out = self.folder / "out.json"

    def join(self, *texts):
        """Exit code, and what was said."""
        paths = []
        for number, text in enumerate(texts):
            paths.append(self.folder / f"{number}.json")
            paths[-1].write_text(text, encoding="utf-8")
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = join_traces.main([str(self.out), *map(str, paths)])
        return code, said.getvalue()

    def events(self):
        return json.loads(self.out.read_text(encoding="utf-8"))

    def test_all_events_of_all_files_in_order(self):
        code, said = self.join(CLOSED, KILLED)
        self.assertEqual(code, 0, said)
        self.assertEqual([(event["ph"], event["pid"]) for event in self.events()],
                         [("s", 1), ("E", 1), ("f", 2), ("E", 2)])
        self.assertIn("4 events of 2 processes", said)

    def test_a_last_event_that_is_cut_off_is_left_out(self):
        code, said = self.join(CUT, CLOSED)
        self.assertEqual(code, 0, said)
        self.assertEqual([event["ph"] for event in self.events()], ["B", "s", "E"])
        self.assertEqual(self.events()[0]["name"], "a, ]")
        self.assertIn("line 3 is cut off", said)

    def test_what_is_no_trace_is_refused(self):
        code, said = self.join("hello\nworld\n")
        self.assertEqual(code, 1)
        self.assertIn("line 1 is no event", said)

    def test_empty_traces_make_an_empty_one(self):
        self.assertEqual(self.join("[", "")[0], 0)
        self.assertEqual(self.events(), [])

    def test_a_file_that_is_not_there(self):
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            self.assertEqual(join_traces.main([str(self.out), str(self.folder / "none")]), 1)
            self.assertEqual(join_traces.main([str(self.out), str(self.out)]), 2)
            self.assertEqual(join_traces.main([]), 2)


if __name__ == "__main__":
    unittest.main()
