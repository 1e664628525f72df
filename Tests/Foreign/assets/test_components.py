"""Component leaves: the kept ones of public models, and the small files that the Swift tests read."""

import base64
import json
import os
import pathlib

import pytest

import components

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
GOLDEN = ROOT / "Tests/ProvChainTests/Assets/Components/golden.json"
SHARED = pathlib.Path(os.environ.get("PROV_SHARED", ROOT.parent / "shared"))
VALIDATOR = "vectors/gltf-validator/test/base/data"


def test_fixtures_are_as_kept():
    for case in json.loads((HERE / "vectors/components.json").read_text())["cases"]:
        leaves = components.leaves(data=base64.b64decode(case["glb"]))
        assert [list(leaf) for leaf in leaves] == case["leaves"], case["name"]
        assert components.root(leaves) == case["root"], case["name"]


@pytest.mark.skipif(not SHARED.exists(), reason=f"no public models at {SHARED}")
@pytest.mark.parametrize("group,folder,least", [("models", "models", 498), ("validator", VALIDATOR, 32)])
def test_models_have_the_kept_leaves(group, folder, least):
    compared = 0
    for model in json.loads(GOLDEN.read_text())[group]:
        if model["path"].endswith(".obj"):
            continue
        leaves = components.leaves(SHARED / folder / model["path"])
        assert [list(leaf) for leaf in leaves] == model["leaves"], model["path"]
        compared += len(leaves)
    print(f"component leaves: {compared} of {group} as the Swift library has them")
    assert compared >= least
