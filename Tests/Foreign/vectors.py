"""Where the vectors and the schema are."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "Tests" / "ProvChainTests" / "Vectors"
SCHEMA = ROOT / "docs" / "protocol.cddl"


def golden():
    return json.loads((VECTORS / "golden.json").read_text())


def golden_named(name):
    return bytes.fromhex(next(v["hex"] for v in golden() if v["name"] == name))
