"""The project's side of the study, and what is counted of it."""

import json
import re
import subprocess

import numpy as np

# Fixed before anything was measured.
NEAR, REVIEW = 60, 120
FAR = 10**6


def measured(prints, paths):
    """Asks the `prints` program, a line of JSON for each path: hashes, GEO leaves, prints."""
    done = subprocess.run([prints], input="\n".join(map(str, paths)), capture_output=True, text=True, check=True)
    return {line["path"]: line for line in map(json.loads, done.stdout.splitlines())}


def is_read(line):
    return line is not None and not line.get("error")


def array(text):
    return np.frombuffer(bytes.fromhex(text), np.uint8).astype(int)


def whole(line):
    shape = (line.get("prints") or {}).get("whole")
    return None if shape is None else array(shape["print"])


def is_distinctive(line):
    shape = (line.get("prints") or {}).get("whole")
    return shape is not None and shape["distinction"] == "distinctive"


def parts(line, distinctive=False):
    shapes = (line.get("prints") or {}).get("components", [])
    return [array(s["print"]) for s in shapes if s["distinction"] == "distinctive" or not distinctive]


def nearest(wanted, prints):
    return min((int(np.abs(wanted - other).sum()) for other in prints), default=FAR)


def short(path):
    return re.sub(r"(\.gltf)?\.\w+$", "", path.name)


def share(part, of):
    return f"{part} of {of} ({100 * part / of:.0f}%)" if of else "–"


class Tally:
    """What one variant kept, over all models: pairs of how many were found, and of how many."""

    def __init__(self):
        self.made = self.unread = 0
        self.found = {layer: [0, 0] for layer in ("bytes", "leaves", "components", "components120", "wholes",
                                                  "wholes120")}
        self.distances = []
        self.missed = []

    def count(self, layer, found, of=1):
        self.found[layer][0] += found
        self.found[layer][1] += of

    def add(self, name, base, line):
        """A variant of a base; one that our reader refuses has nothing of it."""
        self.made += 1
        if not is_read(line):
            self.unread += 1
            self.missed.append(f"{name}: not read")
            line = {"sha256": "", "geometry": [], "prints": None}
        self.count("bytes", base["sha256"] == line["sha256"])
        wanted, there = set(base["geometry"]), set(line["geometry"])
        self.count("leaves", len(wanted & there), len(wanted))
        mine, other = whole(base), whole(line)
        if mine is not None:
            distance = nearest(mine, [] if other is None else [other])
            self.distances.append(distance)
            self.count("wholes", distance <= NEAR)
            self.count("wholes120", distance <= REVIEW)
            if distance > NEAR:
                self.missed.append(f"{name}: whole at {distance if distance < FAR else '–'}")
        others = parts(line)
        for part in parts(base, distinctive=True):
            distance = nearest(part, others)
            self.count("components", distance <= NEAR)
            self.count("components120", distance <= REVIEW)
            if distance > NEAR:
                self.missed.append(f"{name}: a component at {distance if distance < FAR else '–'}")

    def row(self, name):
        median = f"{int(np.median(self.distances))}" if self.distances else "–"
        unread = f" ({self.unread} not read)" if self.unread else ""
        cells = [name, f"{self.made}{unread}"] + [share(*self.found[layer]) for layer in self.found] + [median]
        return "| " + " | ".join(cells) + " |"


HEAD = (
    "| variant | files | same bytes | GEO leaves | components ≤ 60 | components ≤ 120 | wholes ≤ 60"
    " | wholes ≤ 120 | median distance of wholes |\n|---|---|---|---|---|---|---|---|---|"
)
