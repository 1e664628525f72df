#!/usr/bin/env python3
"""A node that searches: somebody registers a model, somebody else comes with a changed copy of it.

The copies are made here, from the text of OBJ files, by a few lines of arithmetic: turned, scaled, moved, mirrored,
merged into a scene with other models, cut into pieces. Models are those of the folder that PROV_SHARED names, or
../shared; without them the scenario is skipped. Prints one line per test and, last, "N passed, N failed".
"""

import hashlib
import json
import math
import os
import pathlib
import shutil
import sys
import tempfile

from newcomer import DONE, NO, Newcomer, chinese
from node import ROOT
from scenario import run_steps

MODELS = pathlib.Path(os.environ.get("PROV_SHARED") or ROOT.parent / "shared") / "models" / "kaykit-dungeon"
REGISTERED = "barrel_large"
UNLIKE = "banner_shield_green"


def changed(text: str, change) -> str:
    """An OBJ whose vertices went through a function; normals stay, for no print sees them."""
    lines = []
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["v"]:
            lines.append("v " + " ".join(f"{value:.6f}" for value in change(*map(float, words[1:4]))))
        elif words[:1] not in (["mtllib"], ["usemtl"]):
            lines.append(line)
    return "\n".join(lines) + "\n"


def turned(x, y, z, a=0.7, b=-1.1):
    x, y = x * math.cos(a) - y * math.sin(a), x * math.sin(a) + y * math.cos(a)
    return x, y * math.cos(b) - z * math.sin(b), y * math.sin(b) + z * math.cos(b)


def scaled(x, y, z):
    x, y, z = turned(x, y, z)
    return 37.5 * x + 100, 37.5 * y - 20, 37.5 * z + 3


def mirrored(x, y, z):
    return -x, y, z


def merged(texts: list[str]) -> str:
    """One OBJ of several, side by side."""
    lines, counts = [], [0, 0, 0]
    for place, text in enumerate(texts):
        here = [0, 0, 0]
        for line in changed(text, lambda x, y, z: (x + 10 * place, y, z + 0.25)).splitlines():
            words = line.split()
            if words[:1] == ["f"]:
                corners = ["/".join(str(int(number) + counts[kind]) if number else ""
                                    for kind, number in enumerate(corner.split("/"))) for corner in words[1:]]
                line = "f " + " ".join(corners)
            elif words and words[0] in ("v", "vt", "vn"):
                here[("v", "vt", "vn").index(words[0])] += 1
            lines.append(line)
        counts = [a + b for a, b in zip(counts, here)]
    return "\n".join(lines) + "\n"


class LookAlikes(Newcomer):
    """The tests run in the order in which they stand here; later ones use what earlier ones made."""

    def __init__(self, folder: pathlib.Path):
        os.environ["PROV_SEARCH"] = "on"
        super().__init__(folder)
        self.text = (MODELS / f"{REGISTERED}.obj").read_text()
        for name, change in [("turned", turned), ("scaled", scaled), ("mirrored", mirrored)]:
            (folder / f"{name}.obj").write_text(changed(self.text, change))
        others = [(MODELS / f"{name}.obj").read_text() for name in (UNLIKE, "sword_shield_gold")]
        (folder / "scene.obj").write_text(merged([others[0], self.text, others[1]]))
        shutil.copy(MODELS / f"{UNLIKE}.obj", folder / "unlike.obj")

    def similar(self, path: str, code: int = NO) -> list[dict]:
        answer = self.json("lookup", path, code=code)
        self.require(answer["similarSearched"], "the node searches")
        return answer["similar"]

    def test_a_model_is_registered_with_its_prints_and_codes(self):
        self.first, self.second = self.party("first"), self.party("second")
        shutil.copy(MODELS / f"{REGISTERED}.gltf.glb", self.folder / "barrel.glb")
        shown = self.json("register", "barrel.glb", "--title", "Barrel", "--dry-run", "--key", "first.key")
        self.require(shown["prints"] >= 1, f"prints in the manifest: {shown}")
        self.require(shown["codes"][0].startswith("ISCC:K"), f"an ISCC in the manifest: {shown['codes']}")
        answer = self.json("register", "barrel.glb", "--title", "Barrel", "--key", "first.key")
        self.work = answer["work"]
        self.require(self.similar("barrel.glb", DONE)[0]["distance"] == 0, "the file itself is at distance 0")

    def test_its_turned_scaled_and_mirrored_copies_look_like_it(self):
        for name in ("turned", "scaled", "mirrored"):
            found = self.similar(f"{name}.obj")
            shapes = [entry for entry in found if entry["of"] != "iscc"]
            self.require([entry["urn"] for entry in shapes] == [self.work], f"{name}: {found}")
            self.require(shapes[0]["distance"] <= 60 and shapes[0]["resemblance"] == "near-certain",
                         f"{name}: {shapes[0]}")
            self.require(shapes[0]["party"] == self.first and shapes[0]["title"] == "Barrel", f"{shapes[0]}")
            print(f"   {name}: distance {shapes[0]['distance']}, {shapes[0]['of']} to {shapes[0]['basis']}")

    def test_it_is_found_inside_a_merged_scene(self):
        found = [entry for entry in self.similar("scene.obj") if entry["urn"] == self.work]
        self.require(len(found) == 1 and found[0]["of"] == "part" and found[0]["distance"] <= 60, f"{found}")
        print(f"   merged: distance {found[0]['distance']}, {found[0]['of']} to {found[0]['basis']}")

    def test_another_model_does_not_look_like_it(self):
        self.require(self.similar("unlike.obj") == [], "an unlike model")

    def test_an_edited_file_is_found_by_its_data_code(self):
        content = bytearray((self.folder / "barrel.glb").read_bytes())
        # No GLB any more, so that nothing but its bytes can be compared.
        content[0] ^= 0x20
        (self.folder / "edited.bin").write_bytes(content)
        found = self.similar("edited.bin")
        self.require([(entry["urn"], entry["of"], entry["basis"]) for entry in found] ==
                     [(self.work, "iscc", "data")], f"{found}")

    def test_whoever_registers_a_copy_is_told_before_signing(self):
        done = self.cli(DONE, "register", "scaled.obj", "--title", "Cask", "--key", "second.key",
                        "--similarity-report", "report.json")
        report = (self.folder / "report.json").read_bytes()
        self.require(self.work in done.stderr and "near-certain" in done.stderr, done.stderr)
        self.require(hashlib.sha256(report).hexdigest() in done.stderr, "the report's hash is told")
        content = json.loads(report)
        self.require(content["format"] == "similarity-report/1" and content["complete"], f"{content}")
        self.require(content["similar"][0]["urn"] == self.work, f"{content['similar']}")
        self.require(json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == report,
                     "the report is JSON with its members in order")
        # Signing comes after: whoever cannot sign is told as well.
        done = self.cli((64, 65), "register", "mirrored.obj", "--title", "X", "--key", "missing.key")
        again = self.cli((64, 65), "register", "scaled.obj", "--title", "Cask", "--key", "second.key",
                         "--similarity-report", "report.json")
        self.require("report.json" in again.stderr, "an existing file is not written over")

    def test_it_is_told_in_chinese(self):
        done = self.cli(NO, "lookup", "turned.obj", "--lang", "zh")
        self.require(self.work in done.stdout, done.stdout)
        done = self.cli(DONE, "register", "turned.obj", "--title", "木桶", "--key", "second.key", "--lang", "zh")
        told = [line for line in done.stderr.splitlines() if self.work in line]
        self.require(told and chinese(told[0]), done.stderr)

    def test_a_killed_node_finds_the_same(self):
        before = self.similar("mirrored.obj")
        self.require(len(before) >= 3, f"{before}")
        self.node.kill()
        self.restart()
        self.same(before, "after a kill")
        self.node.stop()
        shutil.rmtree(self.node.home / "search")
        self.restart()
        self.same(before, "after the files were lost")
        self.node.stop()
        self.expect(DONE, "provnode", "reindex", "--home", self.node.home)
        self.restart()
        self.same(before, "after a reindex")

    def test_a_restricted_manifest_is_not_told(self):
        (self.folder / "sword.obj").write_text((MODELS / "sword_shield_gold.obj").read_text())
        self.cli(DONE, "register", "sword.obj", "--title", "Sword", "--key", "first.key", "--restrict-manifest")
        (self.folder / "sword2.obj").write_text(changed((MODELS / "sword_shield_gold.obj").read_text(), turned))
        self.require(self.similar("sword2.obj") == [], "a restricted sword")

    def test_a_node_without_the_role_says_so(self):
        self.node.stop()
        os.environ["PROV_SEARCH"] = "off"
        self.restart()
        answer = self.json("lookup", "turned.obj", code=DONE)
        self.require(answer["similar"] == [] and answer["similarSearched"] is False, f"{answer}")
        done = self.cli((NO, 65), "register", "unlike.obj", "--title", "X", "--key", "first.key",
                        "--similarity-report", "none.json")
        self.require(not (self.folder / "none.json").exists(), done.stderr)

    def same(self, before: list[dict], when: str) -> None:
        found = self.complete("mirrored.obj")
        self.require(found == before, f"{when}: {found} instead of {before}")

    def restart(self):
        self.node.start()
        self.url = self.node.ready()
        self.environment["PROV_NODE"] = self.url

    def complete(self, path: str) -> list[dict]:
        """Asks until the node has read everything again; it says so until then."""
        for _ in range(200):
            done = self.cli(NO, "lookup", path, "--json")
            if "still reading" not in done.stderr:
                return json.loads(done.stdout)["similar"]
        raise AssertionError("the node never finished reading")


def main() -> int:
    if not (MODELS / f"{REGISTERED}.obj").exists():
        print(f"skipped: no models in {MODELS}\n0 passed, 0 failed")
        return 0
    with tempfile.TemporaryDirectory(prefix="provchain-lookalikes-") as folder:
        scenario = LookAlikes(pathlib.Path(folder))
        node = scenario.node
        return run_steps(scenario, close=lambda: node.stop() if node.running else 0, tail=node.tail)


if __name__ == "__main__":
    sys.exit(main())
