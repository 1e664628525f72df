"""Prints of real models by the implementation in Studies/similarity, which was written from docs/similarity.md, held
against those that the Swift library gives (golden.json; the Swift test compares it as well).

`python Tests/Foreign/test_similarity.py` writes golden.json anew, from Python.
"""

import json
import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Studies/similarity"))
import prints  # noqa: E402

GOLDEN = ROOT / "Tests/Foreign/similarity/golden.json"
MODELS = pathlib.Path(os.environ.get("PROV_SHARED", ROOT.parent / "shared")) / "models"


def paths():
    """All GLBs, and every fourth OBJ."""
    glbs, objs = (sorted(str(p.relative_to(MODELS)) for p in MODELS.rglob(end)) for end in ("*.glb", "*.obj"))
    return glbs + objs[::4]


def measured(path):
    return {**prints.prints(str(MODELS / path)), "path": path}


@pytest.mark.skipif(not MODELS.is_dir(), reason="the models are not here; set PROV_SHARED to their folder")
def test_python_gives_the_same_prints():
    golden = json.loads(GOLDEN.read_text())
    assert len(golden) >= 50
    different = [entry["path"] for entry in golden if measured(entry["path"]) != entry]
    assert different == []


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps([measured(path) for path in paths()], indent=1, sort_keys=True) + "\n")
