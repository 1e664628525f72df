"""The committed vectors are what the installed iscc-core says today.

    pip install iscc-core==1.5.0 && python3 -m unittest test_iscc

The Swift side reads the same files: swift test --filter ISCC.
"""
import pathlib
import tempfile
import unittest

import make_vectors


class CommittedVectors(unittest.TestCase):
    def test_every_file_is_reproduced(self):
        committed = make_vectors.OUTPUT
        with tempfile.TemporaryDirectory() as folder:
            make_vectors.OUTPUT = pathlib.Path(folder)
            for make in (make_vectors.published, make_vectors.generated, make_vectors.texts):
                make()
            files = sorted(pathlib.Path(folder).iterdir())
            self.assertEqual([f.name for f in files], ["iscc-core.json", "random.json", "text.json"])
            for file in files:
                self.assertEqual(file.read_text(), (committed / file.name).read_text(), file.name)


if __name__ == "__main__":
    unittest.main()
