"""The `prints` program once more in Python, on rsh96.py and readers.py: slow, and nothing in common with the other.

Reads paths, one on each line, and prints a line of JSON for each. Geometry leaves are hashes of the same canonical
triangles, but not the same hashes.
"""

import hashlib
import json
import pathlib
import re
import sys

import numpy as np

import readers
from rsh96 import place, rsh96, weld

TABLES = pathlib.Path(__file__).resolve().parents[2] / "Sources/ProvChain/Assets/Similarity"


def listed():
    found = []
    for path in sorted(TABLES.glob("PrimitivePrints+*.swift")):
        for name, text in re.findall(r'\.(\w+): """(.*?)"""', path.read_text(), re.S):
            lines = text.split()
            found += [(name, bytes.fromhex(a + b)) for a, b in zip(lines[::2], lines[1::2])]
    return [name for name, _ in found], np.array([list(value) for _, value in found])


NAMES, ROWS = listed()


def shape(value, triangles, occurrences):
    distinction = "distinctive"
    if triangles < 100:
        distinction = "few"
    else:
        distances = np.abs(ROWS - np.frombuffer(value, np.uint8).astype(int)).sum(axis=1)
        if distances.min() <= 60:
            distinction = NAMES[int(distances.argmin())]
    return {"print": value.hex(), "triangles": triangles, "occurrences": occurrences, "distinction": distinction}


def grouped(parts):
    """Meshes with one matrix share a space; equal sets of meshes at several places are one source."""
    spaces = {}
    for number, (_, matrices) in enumerate(parts):
        for matrix in matrices:
            spaces.setdefault(tuple(map(tuple, matrix)), []).append(number)
    sources = {}
    for matrix, numbers in spaces.items():
        sources.setdefault(tuple(numbers), []).append(matrix)
    return [(np.concatenate([parts[n][0] for n in numbers]), places) for numbers, places in sources.items()]


def unmoved(matrix):
    return [list(row[:3]) + [0.0] for row in matrix]


def prints(path):
    sources = grouped(readers.read(path))
    single = len(sources) == 1 and len(sources[0][1]) == 1
    world = np.concatenate(
        [place(corners, unmoved(m) if single else m) for corners, places in sources for m in places])
    value = rsh96(world)
    found, small, unprinted = {}, 0, 0
    for corners, places in sources:
        labels = weld(corners)
        for label, count in zip(*np.unique(labels, return_counts=True)):
            turns = {}
            for matrix in places:
                key = tuple(map(tuple, unmoved(matrix)))
                turns[key] = turns.get(key, 0) + 1
            for turn, times in turns.items():
                if count < 40:
                    small += times
                    continue
                component = rsh96(place(corners[labels == label], turn))
                if component is None:
                    unprinted += times
                    continue
                before = found.get(component, (0, 0))
                found[component] = (max(before[0], int(count)), before[1] + times)
    components = [shape(component, *counts) for component, counts in found.items()]
    components.sort(key=lambda entry: (-entry["triangles"], entry["print"]))
    return {
        "path": path, "whole": None if value is None else shape(value, len(world), 1), "components": components,
        "small": small, "unprinted": unprinted,
    }


def geometry(corners):
    bits = (corners + np.float32(0)).astype("<f4").view("<u4")
    order = np.lexsort((bits[..., 2], bits[..., 1], bits[..., 0]), axis=-1)
    turned = np.stack([np.take_along_axis(bits, ((order[:, :1] + k) % 3)[..., None], axis=1)[:, 0] for k in range(3)], 1)
    rows = sorted(map(bytes, np.ascontiguousarray(turned.astype(">u4")).reshape(len(turned), 9)))
    return hashlib.sha256(b"".join(rows)).hexdigest()


if __name__ == "__main__":
    for path in map(str.strip, sys.stdin):
        line = {"path": path}
        try:
            line["sha256"] = hashlib.sha256(open(path, "rb").read()).hexdigest()
            line["geometry"] = [geometry(corners) for corners in readers.primitives(path)]
            line["prints"] = prints(path)
        except Exception as error:
            line["error"] = repr(error)[:200]
        print(json.dumps(line), flush=True)
