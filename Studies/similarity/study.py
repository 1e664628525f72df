"""Measures what each layer of knowing a 3D asset finds, and writes RESULTS.md. See README.md.

    python3 study.py --models ../../../shared/models --prints .build/release/prints
"""

import argparse
import collections
import hashlib
import importlib.metadata
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import tempfile

import numpy as np
import trimesh

import variants

# Fixed before anything was measured.
NEAR, REVIEW = 60, 120
SEED = 96


def measured(prints, paths):
    """The project's side: a line of JSON for each path."""
    done = subprocess.run([prints], input="\n".join(map(str, paths)), capture_output=True, text=True, check=True)
    return {line["path"]: line for line in map(json.loads, done.stdout.splitlines())}


def array(text):
    return np.frombuffer(bytes.fromhex(text), np.uint8).astype(int)


def whole(line):
    shape = (line.get("prints") or {}).get("whole")
    return None if shape is None else array(shape["print"])


def parts(line, distinctive=False):
    shapes = (line.get("prints") or {}).get("components", [])
    return [array(s["print"]) for s in shapes if s["distinction"] == "distinctive" or not distinctive]


def nearest(wanted, prints):
    return min((int(np.abs(wanted - other).sum()) for other in prints), default=10**6)


def share(part, of):
    return f"{part} of {of} ({100 * part / of:.0f}%)" if of else "–"


class Tally:
    """What one variant kept, over all models."""

    def __init__(self):
        self.made = self.bytes = self.geo = self.leaves = self.of_leaves = 0
        self.near = self.review = self.of_wholes = self.part_near = self.part_review = self.of_parts = 0
        self.unread = 0
        self.distances = []

    def add(self, base, line):
        self.made += 1
        if line is None or line.get("error"):
            self.unread += 1
            return
        self.bytes += base["sha256"] == line["sha256"]
        wanted, there = set(base["geometry"]), set(line["geometry"])
        self.of_leaves += len(wanted)
        self.leaves += len(wanted & there)
        mine, other = whole(base), whole(line)
        if mine is not None:
            self.of_wholes += 1
            distance = nearest(mine, [] if other is None else [other])
            self.distances.append(distance)
            self.near += distance <= NEAR
            self.review += distance <= REVIEW
        others = parts(line)
        for part in parts(base, distinctive=True):
            distance = nearest(part, others)
            self.of_parts += 1
            self.part_near += distance <= NEAR
            self.part_review += distance <= REVIEW

    def row(self, name):
        median = f"{int(np.median(self.distances))}" if self.distances else "–"
        unread = f" ({self.unread} not read)" if self.unread else ""
        cells = [
            name, f"{self.made}{unread}", share(self.bytes, self.made), share(self.leaves, self.of_leaves),
            share(self.part_near, self.of_parts), share(self.part_review, self.of_parts),
            share(self.near, self.of_wholes), share(self.review, self.of_wholes), median,
        ]
        return "| " + " | ".join(cells) + " |"


HEAD = (
    "| variant | files | same bytes | GEO leaves | components ≤ 60 | components ≤ 120 | wholes ≤ 60 | wholes ≤ 120"
    " | median distance of wholes |\n|---|---|---|---|---|---|---|---|---|"
)


def pairs(models, prints):
    glbs = sorted(models.rglob("*.glb"))
    both = [(glb, glb.with_name(glb.name.replace(".gltf.glb", ".obj").replace(".glb", ".obj"))) for glb in glbs]
    both = [(glb, obj) for glb, obj in both if obj.exists()]
    lines = measured(prints, itertools.chain(*both))
    tally, exact = Tally(), 0
    for glb, obj in both:
        base, line = lines[str(glb)], lines[str(obj)]
        tally.add(base, line)
        exact += bool(set(base["geometry"]) & set(line["geometry"]))
    distinct = sum(1 for glb, _ in both if parts(lines[str(glb)], distinctive=True))
    text = [
        "## The same model as GLB and as OBJ", "",
        f"{len(both)} pairs; the two files of a pair come from one source by two exporters of the author's.", "",
        HEAD, tally.row("OBJ of the GLB"), "",
        f"Pairs with at least one equal GEO leaf: {share(exact, len(both))}. "
        f"Models with at least one distinctive component of 100 triangles: {share(distinct, len(both))}.",
    ]
    return text, [glb for glb, _ in both], lines


def remade(bases, lines, prints, folder):
    made = collections.defaultdict(list)
    for number, base in enumerate(bases):
        for order, (name, maker) in enumerate(variants.MAKERS.items()):
            place = folder / f"{number}-{order}"
            place.mkdir()
            try:
                path = maker(str(base), str(place), np.random.default_rng([SEED, number, order]))
            except Exception as error:  # A tool that fails on a model is a result as well.
                print(f"{name}: {base.name}: {error!r}"[:160])
                path = None
            made[name].append((base, path))
    found = measured(prints, [path for entries in made.values() for _, path in entries if path])
    text = ["## Variants made by other tools", "", f"{len(bases)} GLBs; each variant of each.", "", HEAD]
    for name, entries in made.items():
        tally = Tally()
        for base, path in entries:
            if path is not None:
                tally.add(lines[str(base)], found[path])
        text.append(tally.row(name))
    return text + [
        "", "A variant has fewer files where its tool refuses a model, or needs 100 triangles.",
    ]


def reuse(bases, lines, prints, folder):
    """Each model with a distinctive component, turned, scaled and merged into one mesh with a foreign model."""
    random = np.random.default_rng(SEED)
    jobs = []
    for number, base in enumerate(bases):
        if not parts(lines[str(base)], distinctive=True):
            continue
        for other in random.choice([b for b in bases if b != base], 2, replace=False):
            mesh, scene = variants.world(str(base)), variants.world(str(other))
            size = scene.extents.max() / mesh.extents.max() * random.uniform(0.2, 2)
            mesh.apply_transform(variants.rotation(random))
            mesh.apply_scale(size)
            mesh.apply_translation(random.uniform(-0.5, 0.5, 3) * scene.extents)
            merged = trimesh.util.concatenate([scene, mesh])
            merged = trimesh.Trimesh(merged.vertices, merged.faces, process=False)
            path = folder / f"reuse-{number}-{len(jobs)}.glb"
            merged.export(path)
            quantised = folder / f"reuse-{number}-{len(jobs)}-q14.glb"
            jobs.append((base, path, quantised))
            variants.run("gltfpack", "-i", str(path), "-o", str(quantised), "-vp", "14")
    found = measured(prints, [path for _, *paths in jobs for path in paths if path.exists()])
    text = [
        "## A part in a foreign scene", "",
        f"{len(jobs)} scenes: a model turned at random, scaled, moved into another model, and merged with it into one "
        "mesh (trimesh); then the same through gltfpack at 14 bits.", "", HEAD,
    ]
    for name, which in (("merged", 0), ("merged, 14 bits", 1)):
        tally = Tally()
        for base, *paths in jobs:
            if paths[which].exists():
                tally.add(lines[str(base)], found[str(paths[which])])
        text.append(tally.row(name))
    return text


def short(path):
    return re.sub(r"(\.gltf)?\.\w+$", "", path.name)


def strangers(title, files, lines):
    """Pairs of different models that look alike, by name."""
    text = [f"## False positives: {title}", ""]
    known = [path for path in files if whole(lines[str(path)]) is not None]
    wholes = {path: whole(lines[str(path)]) for path in known}
    single = [p for p in known if lines[str(p)]["prints"]["whole"]["distinction"] == "distinctive"]
    components = {path: parts(lines[str(path)], distinctive=True) for path in known}
    printed = {path: parts(lines[str(path)]) for path in known}
    near, review, same, alike = [], [], [], []
    for a, b in itertools.combinations(single, 2):
        distance = nearest(wholes[a], [wholes[b]])
        if distance <= REVIEW:
            (near if distance <= NEAR else review).append((distance, short(a), short(b)))
    count = 0
    for a, b in itertools.combinations(known, 2):
        count += len(components[a]) * len(printed[b]) + len(components[b]) * len(printed[a])
        distances = [nearest(part, printed[b]) for part in components[a]]
        distances += [nearest(part, printed[a]) for part in components[b]]
        distance = min(distances, default=10**6)
        if distance <= 2:
            same.append((distance, short(a), short(b)))
        elif distance <= NEAR:
            alike.append((distance, short(a), short(b)))
    total = len(single) * (len(single) - 1) // 2

    def listing(found, limit=40):
        rows = [f"{a} – {b} ({distance})" for distance, a, b in sorted(found)]
        more = f"; and {len(rows) - limit} more" if len(rows) > limit else ""
        return ("; ".join(rows[:limit]) or "none") + more

    return text + [
        f"{len(single)} distinctive wholes, {total} pairs; {count} comparisons of a "
        "distinctive component with any printed one of another model.", "",
        f"- wholes ≤ {NEAR}: {len(near)}: {listing(near)}",
        f"- wholes {NEAR + 1} to {REVIEW}: {len(review)}: {listing(review)}",
        f"- models with a component in common, within 2: {len(same)}: {listing(same)}",
        f"- models whose nearest components are at 3 to {NEAR}: {len(alike)}: {listing(alike)}",
    ]


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
    options = options.parse_args()
    text = [
        "# What each layer finds", "",
        "Written by `study.py`; run it again and compare. Thresholds, fixed before measuring: a distance of "
        f"{NEAR} is near-certain, up to {REVIEW} is for review. Prints by `{pathlib.Path(options.prints).name}`. "
        f"Tools: {versions()}.", "",
        "GEO leaves: of the base's distinct leaves, how many are in the variant. Components: of the base's distinctive "
        "components (100 triangles or more, no primitive), how many have a component of the variant within the distance. Wholes: "
        "prints of whole scenes, plain ones too.", "",
    ]
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        section, bases, lines = pairs(options.models, options.prints)
        text += section + [""] + remade(bases, lines, options.prints, folder)
        text += [""] + reuse(bases, lines, options.prints, folder)
        text += [""] + strangers(f"the {len(bases)} GLBs, one author", bases, lines)
        others = sorted(
            path for path in options.assimp.rglob("*") if path.suffix.lower() in (".glb", ".gltf", ".obj", ".stl"))
        if others:
            found = measured(options.prints, others)
            unread = [path for path in others if found[str(path)].get("error")]
            unique = {}
            for path in others:
                if path not in unread:
                    unique.setdefault(hashlib.sha256(path.read_bytes()).hexdigest(), path)
            files = bases + sorted(unique.values())
            text += [""] + strangers(
                f"with {len(unique)} files of assimp's test models, many authors", files, {**lines, **found})
            text += ["", f"Of {len(others)} files {len(unread)} were not read: "
                     "a format that the reader does not take, compressed, invalid, or without a scene."]
        else:
            text += ["", "assimp's test models are not installed (`apt-get install assimp-testmodels`)."]
    options.out.write_text("\n".join(text) + "\n", encoding="utf-8")


main()
