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
            make_vectors.OUTPUT = committed

    @unittest.skipUnless(make_vectors.MODELS.is_dir(), "no public models; set PROV_SHARED to their folder")
    def test_the_public_models_are_reproduced(self):
        committed = make_vectors.OUTPUT
        with tempfile.TemporaryDirectory() as folder:
            make_vectors.OUTPUT = pathlib.Path(folder)
            make_vectors.models()
            make_vectors.OUTPUT = committed
            made = (pathlib.Path(folder) / "models.json").read_text()
            self.assertEqual(made, (committed / "models.json").read_text())


if __name__ == "__main__":
    unittest.main()
