"""Measures what each layer of knowing a 3D asset finds, with the library that ships, and writes RESULTS.md.

    python3 study.py --models ../../../shared/models --prints .build/release/prints

Ends with 1 if a demand of floors.py is missed. See README.md.
"""

import argparse
import collections
import concurrent.futures
import importlib.metadata
import itertools
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import trimesh

import variants
from floors import Verdicts
from measure import HEAD, NEAR, REVIEW, Tally, is_read, measured, nearest, parts, share, short, whole
from strangers import strangers

SEED = 96
READ = (".glb", ".gltf", ".obj", ".stl")
# Files of assimp's collection that hold no triangles, or more than the tools take in a minute.
MAXIMUM_TRIANGLES = 100_000


def pairs(models, prints, verdicts):
    glbs = sorted(models.rglob("*.glb"))
    both = [(glb, glb.with_name(glb.name.replace(".gltf.glb", ".obj").replace(".glb", ".obj"))) for glb in glbs]
    both = [(glb, obj) for glb, obj in both if obj.exists()]
    lines = measured(prints, itertools.chain(*both))
    tally, exact = Tally(), 0
    for glb, obj in both:
        base, line = lines[str(glb)], lines[str(obj)]
        tally.add(short(glb), base, line)
        exact += bool(set(base["geometry"]) & set(line["geometry"]))
    verdicts.add("KayKit", "OBJ of the GLB", tally)
    distinct = sum(1 for glb, _ in both if parts(lines[str(glb)], distinctive=True))
    return [
        "## The same model as GLB and as OBJ", "",
        f"{len(both)} pairs; the two files of a pair come from one source by two exporters of the author's.", "",
        HEAD, tally.row("OBJ of the GLB"), "",
        f"Pairs with at least one equal GEO leaf: {share(exact, len(both))}. "
        f"Models with at least one distinctive component of 100 triangles: {share(distinct, len(both))}.",
    ], [glb for glb, _ in both], lines


def make(job):
    """One variant of one model; in a process of its own."""
    number, order, name, base, place = job
    try:
        pathlib.Path(place).mkdir()
        # What the model names beside it is beside its variants as well.
        siblings = pathlib.Path(base).resolve().parent
        for sibling in siblings.iterdir() if siblings != pathlib.Path(place).resolve().parent else ():
            if sibling.is_dir() or sibling.suffix.lower() in (".png", ".jpg", ".bin", ".mtl", ".tga", ".bmp"):
                (pathlib.Path(place) / sibling.name).symlink_to(sibling)
        return variants.MAKERS[name](base, place, np.random.default_rng([SEED, number, order]))
    except Exception as error:  # A tool that fails on a model is a result as well.
        print(f"{name}: {pathlib.Path(base).name}: {error!r}"[:160], file=sys.stderr)
        return None


def remade(group, bases, lines, prints, folder, pool, verdicts, named):
    jobs = [
        (number, order, name, str(base), str(folder / f"{group}-{number}-{order}"))
        for number, base in enumerate(bases) for order, name in enumerate(variants.MAKERS)]
    made = collections.defaultdict(list)
    for (number, _, name, _, _), path in zip(jobs, pool.map(make, jobs, chunksize=4)):
        made[name].append((bases[number], path))
    found = measured(prints, [path for entries in made.values() for _, path in entries if path])
    rows = []
    for name, entries in made.items():
        tally = Tally()
        for base, path in entries:
            if path is not None:
                tally.add(named(base), lines[str(base)], found[path])
        verdicts.add(group, name, tally)
        rows.append(tally.row(name))
    return [HEAD, *rows, "", "A variant has fewer files where its tool refuses a model, or needs 100 triangles."]


def reuse(group, bases, lines, prints, folder, verdicts, named):
    """Each model with a distinctive component, turned, scaled and merged into one mesh with a foreign model."""
    random = np.random.default_rng(SEED)
    jobs = []
    for number, base in enumerate(bases):
        if not parts(lines[str(base)], distinctive=True):
            continue
        for other in random.choice([b for b in bases if b != base], 2, replace=False):
            try:
                mesh, scene = variants.world(str(base)), variants.world(str(other))
            except Exception as error:  # As above.
                print(f"merging {named(base)} and {named(other)}: {error!r}"[:160], file=sys.stderr)
                continue
            size = scene.extents.max() / mesh.extents.max() * random.uniform(0.2, 2)
            mesh.apply_transform(variants.rotation(random))
            mesh.apply_scale(size)
            mesh.apply_translation(random.uniform(-0.5, 0.5, 3) * scene.extents)
            merged = trimesh.util.concatenate([scene, mesh])
            merged = trimesh.Trimesh(merged.vertices, merged.faces, process=False)
            path = folder / f"{group}-reuse-{number}-{len(jobs)}.glb"
            merged.export(path)
            quantised = path.with_name(path.stem + "-q14.glb")
            jobs.append((base, path, quantised))
            variants.run("gltfpack", "-i", str(path), "-o", str(quantised), "-vp", "14")
    found = measured(prints, [path for _, *paths in jobs for path in paths if path.exists()])
    text = [
        f"{len(jobs)} scenes: a model turned at random, scaled, moved into another model, and merged with it into one "
        "mesh (trimesh); then the same through gltfpack at 14 bits.", "", HEAD,
    ]
    for name, which in (("merged", 0), ("merged, 14 bits", 1)):
        tally = Tally()
        for base, *paths in jobs:
            if paths[which].exists():
                tally.add(named(base), lines[str(base)], found[str(paths[which])])
        verdicts.add(group, name, tally)
        text.append(tally.row(name))
    return text


def others(models, assimp, paired, prints, folder):
    """Models of many authors: the other GLBs, what is read of assimp's collection, and the rest of it as assimp
    exports it to GLB. Each print once. Returns the paths, their lines, and counts."""
    files = [path for path in sorted(models.rglob("*.glb")) if path not in set(paired)]
    counts = collections.Counter(own=len(files))
    for path in sorted(assimp.rglob("*")) if assimp.is_dir() else []:
        if path.suffix.lower() in READ:
            counts["assimp"] += 1
            files.append(path)
        elif path.is_file() and path.stat().st_size < 4 << 20:
            out = folder / ("assimp-" + "-".join(path.relative_to(assimp).parts) + ".glb")
            if variants.run("assimp", "export", str(path), str(out), "-fglb2") and out.exists():
                counts["exported"] += 1
                files.append(out)
    lines = measured(prints, files)
    kept, seen = [], set()
    for path in files:
        line = lines[str(path)]
        if not is_read(line) or whole(line) is None or line["triangles"] > MAXIMUM_TRIANGLES:
            counts["unread"] += 1
        elif (key := (line["sha256"], line["prints"]["whole"]["print"])) not in seen:
            seen.add(key)
            kept.append(path)
    return kept, lines, counts


def each_once(paths, lines):
    """Without models that are another one in another file: nobody's wholes within 2."""
    kept = []
    for path in paths:
        if nearest(whole(lines[str(path)]), [whole(lines[str(other)]) for other in kept]) > 2:
            kept.append(path)
    return kept


def versions():
    tools = [f"{name} {importlib.metadata.version(name)}" for name in ("trimesh", "DracoPy", "fast_simplification")]
    for command, pattern in ((["gltfpack", "-v"], r"gltfpack (\S+)"), (["assimp", "version"], r"Version (\S+)")):
        if shutil.which(command[0]):
            done = subprocess.run(command, capture_output=True, text=True)
            found = re.search(pattern, done.stdout + done.stderr)
            tools.append(f"{command[0]} {found.group(1) if found else '?'}")
        else:
            tools.append(f"{command[0]} is not installed: its rows are empty")
    return ", ".join(tools)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--models", type=pathlib.Path, default=pathlib.Path("../../../shared/models"))
    options.add_argument("--assimp", type=pathlib.Path, default=pathlib.Path("/usr/share/assimp/models"))
    options.add_argument("--prints", default=".build/release/prints")
    options.add_argument("--out", type=pathlib.Path, default=pathlib.Path("RESULTS.md"))
    options.add_argument("--jobs", type=int, default=2)
    options = options.parse_args()
    verdicts = Verdicts()
    with tempfile.TemporaryDirectory() as temporary, concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        folder = pathlib.Path(temporary)
        text, bases, lines = pairs(options.models, options.prints, verdicts)
        text += ["", "## Variants made by other tools: KayKit", "", f"{len(bases)} GLBs; each variant of each.", ""]
        text += remade("KayKit", bases, lines, options.prints, folder, pool, verdicts, short)
        text += ["", "## A part in a foreign scene: KayKit", ""]
        text += reuse("KayKit", bases, lines, options.prints, folder, verdicts, short)

        files, found, counts = others(options.models, options.assimp, bases, options.prints, folder)
        lines |= found

        def group_of(path):
            return path.relative_to(options.models).parts[0] if options.models in path.parents else "assimp"

        def named(path):
            if group_of(path) != "assimp":
                return short(path)
            if folder in path.parents:
                return path.name.removeprefix("assimp-").removesuffix(".glb").replace("-", "/", 1)
            return path.relative_to(options.assimp).as_posix()

        unique = each_once(files, lines)
        text += [
            "", "## Variants made by other tools: models of many authors", "",
            f"{len(unique)} models that nothing was chosen on: {counts['own']} GLBs of another author, "
            f"{counts['assimp']} files of assimp's test models in formats that are read, and {counts['exported']} of "
            f"its other formats as assimp exports them to GLB; without the {counts['unread']} that are not read "
            "(compressed, invalid on purpose, of glTF 1.0, without triangles, over "
            f"{MAXIMUM_TRIANGLES:,} of them) and those whose whole is within 2 of another's.", ""]
        text += remade("many authors", unique, lines, options.prints, folder, pool, verdicts, named)
        text += ["", "## A part in a foreign scene: models of many authors", ""]
        text += reuse("many authors", unique, lines, options.prints, folder, verdicts, named)
        text += [""] + strangers("KayKit, one author", bases, lines, group_of, verdicts, named)
        text += [""] + strangers("all models, many authors", bases + files, lines, group_of, verdicts, named)
    head = [
        "# What each layer finds", "",
        "Written by `study.py`; run it again and compare. Thresholds, fixed before measuring: a distance of "
        f"{NEAR} is near-certain, up to {REVIEW} is for review; what is demanded stands in `floors.py`. Leaves and "
        f"prints by `{pathlib.Path(options.prints).name}`, that is, by the Swift library that ships. "
        f"Tools: {versions()}.", "",
        "GEO leaves: of the base's distinct leaves, how many are in the variant. Components: of the base's distinctive "
        "components (100 triangles or more, no primitive), how many have a component of the variant within the "
        "distance. Wholes: prints of whole scenes, plain ones too. In a variant that our reader refuses nothing is found.",
        "",
    ]
    options.out.write_text("\n".join(head + verdicts.text() + [""] + text) + "\n", encoding="utf-8")
    print(f"{len(verdicts.rows)} demands, {len(verdicts.missed)} missed")
    return 1 if verdicts.missed else 0


if __name__ == "__main__":
    sys.exit(main())
