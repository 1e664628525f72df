#!/usr/bin/env python3
"""Somebody's mesh in somebody else's scene: told before anything is signed, contested on both sides afterwards.

A model is registered. Its mesh is then lifted into a foreign scene: other container layout, other order of vertices
and triangles, no normals, no material, turned and scaled by its node. That is the exact component of another
claimant. Beside it stand the cases that must not be contested: a scene without that mesh, a copy whose vertices
were rounded (a look-alike, which is a reason to look), and a texture in common. Models are those of the folder that
PROV_SHARED names, or ../shared; without them the scenario is skipped. Prints one line per test and, last,
"N passed, N failed".
"""

import json
import os
import pathlib
import pty
import random
import shutil
import struct
import subprocess
import sys
import tempfile

from newcomer import DONE, NO, Newcomer, chinese
from node import ROOT, binary
from scenario import run_steps

MODELS = pathlib.Path(os.environ.get("PROV_SHARED") or ROOT.parent / "shared") / "models" / "kaykit-dungeon"
MODEL = "barrel_large"
FOREIGN = "table_medium_decorated_A"
WITHOUT = "stool"
THIRD = "trunk_large_A"
HALF = 2**-0.5


def read_glb(path: pathlib.Path) -> tuple[dict, bytes]:
    data = path.read_bytes()
    length = struct.unpack_from("<I", data, 12)[0]
    return json.loads(data[20 : 20 + length]), data[28 + length :]


def write_glb(path: pathlib.Path, document: dict, binary_chunk: bytes) -> None:
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    binary_chunk += bytes(-len(binary_chunk) % 4)
    path.write_bytes(
        struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(binary_chunk)) + struct.pack("<I4s", len(text), b"JSON")
        + text + struct.pack("<I4s", len(binary_chunk), b"BIN\0") + binary_chunk)


def mesh(path: pathlib.Path) -> tuple[list, list]:
    """The positions and triangles of the first primitive, which lie close together in their views."""
    document, data = read_glb(path)
    primitive = document["meshes"][0]["primitives"][0]

    def values(number: int, form: str) -> list:
        accessor = document["accessors"][number]
        view = document["bufferViews"][accessor["bufferView"]]
        start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
        size = struct.calcsize(form)
        return [struct.unpack_from(form, data, start + size * k) for k in range(accessor["count"])]

    corners = [index for (index,) in values(primitive["indices"], "<H")]
    return values(primitive["attributes"]["POSITION"], "<3f"), list(zip(*[iter(corners)] * 3))


def lifted(points: list, triangles: list, scene: pathlib.Path, out: pathlib.Path) -> None:
    """The mesh in a foreign scene: everything about it is another, but the numbers of its positions."""
    document, data = read_glb(scene)
    order = random.Random(5).sample(range(len(points)), len(points))
    place = {old: new for new, old in enumerate(order)}
    turned = [(c, a, b) for a, b, c in triangles]
    random.Random(6).shuffle(turned)
    data += bytes(-len(data) % 4)
    vertices = b"".join(struct.pack("<3f", *points[old]) for old in order)
    indices = b"".join(struct.pack("<3I", *(place[corner] for corner in triangle)) for triangle in turned)
    views, accessors = len(document["bufferViews"]), len(document["accessors"])
    document["bufferViews"] += [
        {"buffer": 0, "byteOffset": len(data), "byteLength": len(vertices)},
        {"buffer": 0, "byteOffset": len(data) + len(vertices), "byteLength": len(indices)}]
    document["accessors"] += [
        {"bufferView": views, "componentType": 5126, "count": len(points), "type": "VEC3",
         "min": [min(p[k] for p in points) for k in range(3)], "max": [max(p[k] for p in points) for k in range(3)]},
        {"bufferView": views + 1, "componentType": 5125, "count": 3 * len(turned), "type": "SCALAR"}]
    document["meshes"].append(
        {"name": "vase", "primitives": [{"attributes": {"POSITION": accessors}, "indices": accessors + 1}]})
    document["nodes"].append(
        {"mesh": len(document["meshes"]) - 1, "rotation": [0, HALF, 0, HALF], "scale": [0.3] * 3,
         "translation": [0.5, 1.25, 0]})
    document["scenes"][0]["nodes"].append(len(document["nodes"]) - 1)
    data += vertices + indices
    document["buffers"][0]["byteLength"] = len(data)
    write_glb(out, document, data)


class Reuse(Newcomer):
    """The tests run in the order in which they stand here; later ones use what earlier ones made."""

    def __init__(self, folder: pathlib.Path):
        os.environ["PROV_SEARCH"] = "on"
        super().__init__(folder)
        shutil.copy(MODELS / f"{MODEL}.gltf.glb", folder / "barrel.glb")
        points, triangles = mesh(folder / "barrel.glb")
        lifted(points, triangles, MODELS / f"{FOREIGN}.gltf.glb", folder / "room.glb")
        rounded = [tuple(round(value, 4) for value in point) for point in points]
        lifted(rounded, triangles, MODELS / f"{FOREIGN}.gltf.glb", folder / "rounded.glb")
        shutil.copy(MODELS / f"{WITHOUT}.gltf.glb", folder / "stool.glb")

    def claims(self, path: str, code=(DONE, NO)) -> list[dict]:
        return self.json("lookup", path, code=code)["components"]

    def at_a_terminal(self, answer: str, *arguments: str) -> tuple[int, str]:
        """Runs provcli with a terminal, types one answer; the exit code and all that was shown."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [binary("provcli"), *arguments], stdin=theirs, stdout=theirs, stderr=theirs, cwd=self.folder,
            env={k: str(v) for k, v in self.environment.items()})
        os.close(theirs)
        shown = b""
        try:
            while True:
                try:
                    part = os.read(ours, 65_536)
                except OSError:  # The other end was closed.
                    break
                shown += part
                if b"[y/N]" in shown and answer:
                    os.write(ours, f"{answer}\n".encode())
                    answer = ""
        finally:
            os.close(ours)
        return process.wait(timeout=60), shown.decode(errors="replace")

    def test_a_model_is_registered_with_its_distinctive_mesh(self):
        self.maker, self.other = self.party("maker"), self.party("other")
        shown = self.json("register", "barrel.glb", "--title", "Barrel", "--dry-run")
        self.require(shown["alreadyClaimed"] == [], f"{shown['alreadyClaimed']}")
        self.geometry = [leaf["hash"] for leaf in shown["components"] if leaf["type"] == "GEO"]
        self.require(len(self.geometry) == 1 and self.geometry[0] in shown["distinctive"], f"{shown['distinctive']}")
        self.work = self.json("register", "barrel.glb", "--title", "Barrel", "--key", "maker.key")["work"]

    def test_the_mesh_is_the_same_component_in_the_foreign_scene(self):
        leaves = {leaf["type"]: [] for leaf in self.json("fingerprint", "room.glb")["components"]}
        for leaf in self.json("fingerprint", "room.glb")["components"]:
            leaves[leaf["type"]].append(leaf["hash"])
        self.require(self.geometry[0] in leaves["GEO"] and len(leaves["GEO"]) > 1, f"{leaves}")
        compared = self.json("compare", "barrel.glb", "room.glb")
        self.require(compared["verdict"] == "shared-components" and not compared["sameBytes"], f"{compared}")
        self.require(self.geometry[0] in [leaf["hash"] for leaf in compared["sharedComponents"]], f"{compared}")

    def test_a_look_up_of_the_scene_finds_whose_mesh_it_is(self):
        found = self.claims("room.glb", DONE)
        self.require([(claim["urn"], claim["party"]) for claim in found] == [(self.work, self.maker)], f"{found}")
        self.require(found[0]["state"] == "uncontested", f"{found}")

    def test_a_dry_run_shows_it_and_signs_nothing(self):
        # Without any key: nothing can be signed.
        done = self.cli(DONE, "register", "room.glb", "--title", "Room", "--dry-run", "--json")
        shown = json.loads(done.stdout)["alreadyClaimed"]
        self.require([(claim["hash"], claim["urn"], claim["own"]) for claim in shown] ==
                     [(self.geometry[0], self.work, False)], f"{shown}")
        self.require(self.work in done.stderr and "contested on both sides" in done.stderr, done.stderr)
        similar = [entry["urn"] for entry in json.loads(done.stdout)["similar"]]
        self.require(self.work in similar, f"{similar}")
        self.require([claim["urn"] for claim in self.claims("room.glb")] == [self.work], "something was registered")
        done = self.cli(DONE, "register", "room.glb", "--title", "Room", "--dry-run", "--offline")
        self.require("nobody was asked" in done.stderr, done.stderr)
        done = self.cli(DONE, "register", "room.glb", "--title", "Room", "--dry-run", PROV_NODE=None)
        self.require("nobody was asked" in done.stderr, done.stderr)

    def test_at_a_terminal_it_is_asked_before_anything_is_signed(self):
        arguments = ("register", "room.glb", "--title", "Room", "--key", "other.key")
        for answer in ("n", "maybe"):
            code, shown = self.at_a_terminal(answer, *arguments)
            self.require(code == NO and self.work in shown and "Nothing was signed" in shown, f"{code}: {shown}")
        code, shown = self.at_a_terminal("n", *arguments, "--lang", "zh")
        self.require(code == NO and self.work in shown and chinese(shown), f"{code}: {shown}")
        self.require([claim["urn"] for claim in self.claims("room.glb")] == [self.work], "something was registered")

    def test_whoever_signs_all_the_same_is_contested(self):
        code, shown = self.at_a_terminal(
            "y", "register", "room.glb", "--title", "Room", "--key", "other.key", "--similarity-report", "report.json")
        self.require(code == DONE and self.work in shown, f"{code}: {shown}")
        # Said before, asked, and only then signed: the answer's fields come last.
        asked = shown.index("[y/N]")
        self.require(shown.index("already claimed by") < asked < shown.index("urn:provchain:work:", asked), shown)
        claims = self.claims("room.glb", DONE)
        self.room = next(claim["urn"] for claim in claims if claim["party"] == self.other)
        report = json.loads((self.folder / "report.json").read_text())
        self.require(self.work in [entry["urn"] for entry in report["similar"]], f"{report}")

    def test_both_sides_show_the_contest(self):
        version = self.json("show", f"{self.room.replace(':work:', ':version:')}:1")
        self.require(self.work in json.dumps(version["record"]["contestedWith"]), f"{version}")
        earlier = self.json("show", self.work)
        self.require(earlier["record"]["contests"] == 1, f"{earlier}")
        history = self.json("history", self.work)
        self.require(history["complete"] and len(history["events"]) == 2, f"{history}")
        states = {claim["urn"]: claim["state"] for claim in self.claims("barrel.glb", DONE)}
        self.require(states.get(self.room) == "contested", f"{states}")

    def test_a_program_is_told_and_not_asked(self):
        lifted_again = self.folder / "room2.glb"
        points, triangles = mesh(self.folder / "barrel.glb")
        lifted(points, triangles, MODELS / f"{THIRD}.gltf.glb", lifted_again)
        done = self.cli(DONE, "register", "room2.glb", "--title", "Room 2", "--key", "other.key", "--json")
        self.require(set(json.loads(done.stdout)["contestedWith"]) == {self.work}, done.stdout)
        self.require("contested on both sides" in done.stderr, done.stderr)

    def test_ones_own_mesh_is_no_contest(self):
        points, triangles = mesh(self.folder / "barrel.glb")
        lifted(points, triangles, MODELS / f"{THIRD}.gltf.glb", self.folder / "own.glb")
        document, data = read_glb(self.folder / "own.glb")
        document["asset"]["generator"] = "another"
        write_glb(self.folder / "own.glb", document, data)
        shown = self.json("register", "own.glb", "--title", "Own", "--key", "maker.key", "--dry-run")
        claimants = {claim["party"] for claim in shown["alreadyClaimed"]}
        self.require(claimants == {self.maker, self.other}, f"{shown['alreadyClaimed']}")

    def test_a_scene_without_the_mesh_is_not_contested(self):
        # Every model of the set has the same texture inside.
        leaves = [{leaf["hash"] for leaf in self.json("fingerprint", name)["components"] if leaf["type"] == "IMG"}
                  for name in ("barrel.glb", "stool.glb")]
        self.require(leaves[0] & leaves[1], f"no texture in common: {leaves}")
        answer = self.json("register", "stool.glb", "--title", "Stool", "--key", "maker.key")
        self.require(answer["contestedWith"] in ([], None), f"{answer}")

    def test_a_rounded_copy_looks_alike_and_is_not_contested(self):
        done = self.cli(DONE, "register", "rounded.glb", "--title", "Rounded", "--key", "other.key", "--dry-run",
                        "--json")
        shown = json.loads(done.stdout)
        self.require(all(claim["hash"] != self.geometry[0] for claim in shown["alreadyClaimed"]), f"{shown}")
        near = [entry for entry in shown["similar"] if entry["urn"] == self.work]
        self.require(near and near[0]["resemblance"] == "near-certain" and near[0]["distance"] <= 60, f"{near}")
        print(f"   rounded to 4 decimals: distance {near[0]['distance']}, {near[0]['of']} to {near[0]['basis']}")

    def test_the_maker_proves_the_mesh_in_the_registered_room(self):
        self.cli(DONE, "prove-component", "room.glb", "--component", self.geometry[0], "--type", "GEO", "-o",
                 "mesh.proof")
        proof = (self.folder / "mesh.proof").read_bytes()
        for word in (b"vase", b"table", b"room"):
            self.require(word not in proof, "the proof tells of the scene")
        checked = self.json("check-component", "mesh.proof", "--work", self.room, "--file", "barrel.glb")
        self.require(checked["verified"] and checked["present"] and checked["inFile"], f"{checked}")
        self.json("check-component", "mesh.proof", "--work", self.work, "--file", "barrel.glb", code=NO)
        self.cli(DONE, "prove-component", "stool.glb", "--component", self.geometry[0], "--type", "GEO", "--absent",
                 "-o", "absent.proof")


def main() -> int:
    if not (MODELS / f"{MODEL}.gltf.glb").exists():
        print(f"skipped: no models in {MODELS}\n0 passed, 0 failed")
        return 0
    with tempfile.TemporaryDirectory(prefix="provchain-reuse-") as folder:
        scenario = Reuse(pathlib.Path(folder))
        node = scenario.node
        return run_steps(scenario, close=lambda: node.stop() if node.running else 0, tail=node.tail)


if __name__ == "__main__":
    sys.exit(main())
