"""check_no_kill_points.py finds what a release must not carry."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "tools" / "check_no_kill_points.py"


def run(*files):
    return subprocess.run([sys.executable, "-B", str(SCRIPT), *map(str, files)],
                          capture_output=True, text=True, check=False)


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def test_what_has_none_is_accepted(self):
        outcome = run(self.file("sound", b"\x7fELF\0memory is revoked\0"))
        self.assertEqual((outcome.returncode, outcome.stdout), (0, ""))

    def test_a_variable_and_a_point_are_found(self):
        sound = self.file("sound", b"\x7fELF\0")
        for mark in (b"BATON_DIE_AT", b"memory.revoked"):
            unsound = self.file("unsound", b"\x7fELF\0" + mark + b"\0")
            outcome = run(sound, unsound)
            self.assertEqual(outcome.returncode, 1)
            self.assertIn(f"unsound: has {mark.decode()}", outcome.stdout)

    def test_nothing_to_look_at_is_refused(self):
        self.assertEqual(run().returncode, 2)


if __name__ == "__main__":
    unittest.main()
