"""Compares the leaves and prints that `mutations known` writes with those that are kept in the repository.

The unit tests, a debug build, compare with the same two files; so both builds give the same for every model.

    mutations known FILE… | python3 Fuzz/known.py FOLDER-OF-MODELS
"""

import collections
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LEAVES = ROOT / "Tests/ProvChainTests/Assets/Components/golden.json"
PRINTS = ROOT / "Tests/Foreign/similarity/golden.json"


def main():
    folder = pathlib.Path(sys.argv[1])
    leaves, prints = collections.defaultdict(list), collections.defaultdict(list)
    for line in sys.stdin:
        path, kind, value = line.rstrip("\n").split("\t")
        name = pathlib.Path(path).relative_to(folder).as_posix()
        if kind in ("whole", "part"):
            prints[name].append((kind, value))
        else:
            leaves[name].append([kind, value])
    wrong = []
    kept_leaves = json.loads(LEAVES.read_text())["models"]
    for model in kept_leaves:
        if leaves[model["path"]] != model["leaves"]:
            wrong.append(f"leaves of {model['path']}")
    kept_prints = json.loads(PRINTS.read_text())
    count = 0
    for model in kept_prints:
        shapes = [("whole", model["whole"])] if model.get("whole") else []
        shapes += [("part", shape) for shape in model["components"]]
        kept = [(kind, f"{s['print']} {s['triangles']} {s['occurrences']}") for kind, s in shapes]
        count += len(kept)
        if prints[model["path"]] != kept:
            wrong.append(f"prints of {model['path']}")
    for line in wrong:
        print("differs from what is kept:", line)
    print(f"known: leaves of {len(kept_leaves)} models, {count} prints of {len(kept_prints)} models, "
          f"{len(wrong)} differ from what the debug build gives")
    if len(kept_leaves) < 50 or len(kept_prints) < 50:
        sys.exit("fewer than 50 models are kept")
    sys.exit(1 if wrong else 0)


main()
