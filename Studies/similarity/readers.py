"""Just enough of GLB, OBJ and binary STL to read triangles exactly, independent of the project's parsers."""

import json
import struct

import numpy as np

TYPES = {5120: np.int8, 5121: np.uint8, 5122: np.int16, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


def glb_parts(path):
    data = open(path, "rb").read()
    assert data[:4] == b"glTF"
    at, text, binary = 12, None, b""
    while at < len(data):
        length, kind = struct.unpack_from("<II", data, at)
        chunk = data[at + 8 : at + 8 + length]
        if kind == 0x4E4F534A:
            text = json.loads(chunk)
        elif kind == 0x004E4942:
            binary = chunk
        at += 8 + length
    return text, binary


def accessor(text, binary, number):
    entry = text["accessors"][number]
    view = text["bufferViews"][entry["bufferView"]]
    kind, width = np.dtype(TYPES[entry["componentType"]]).newbyteorder("<"), WIDTHS[entry["type"]]
    start = view.get("byteOffset", 0) + entry.get("byteOffset", 0)
    stride = view.get("byteStride", kind.itemsize * width)
    rows = [
        np.frombuffer(binary, kind, width, start + stride * row) for row in range(entry["count"])
    ]
    return np.array(rows).reshape(entry["count"], width), entry.get("normalized", False)


def positions(text, binary, number):
    values, normalized = accessor(text, binary, number)
    if values.dtype == np.float32 or not normalized:
        return values.astype(np.float32)
    top = {np.dtype(np.int8): 127, np.dtype(np.uint8): 255, np.dtype(np.int16): 32767, np.dtype(np.uint16): 65535}
    return np.maximum(values.astype(np.float64) / top[values.dtype], -1).astype(np.float32)


def product(a, b):
    """a · b for two lists of 3 rows of 4, in double precision, additions from left to right."""
    rows = []
    for r in a:
        row = [r[0] * b[0][k] + r[1] * b[1][k] + r[2] * b[2][k] for k in range(3)]
        row.append(r[0] * b[0][3] + r[1] * b[1][3] + r[2] * b[2][3] + r[3])
        rows.append(row)
    return rows


def local(node):
    if "matrix" in node:
        m = [float(value) for value in node["matrix"]]
        return [[m[row], m[4 + row], m[8 + row], m[12 + row]] for row in range(3)]
    x, y, z, w = (float(value) for value in node.get("rotation", (0, 0, 0, 1)))
    sx, sy, sz = (float(value) for value in node.get("scale", (1, 1, 1)))
    t = [float(value) for value in node.get("translation", (0, 0, 0))]
    return [
        [(1 - 2 * (y * y + z * z)) * sx, (2 * (x * y - z * w)) * sy, (2 * (x * z + y * w)) * sz, t[0]],
        [(2 * (x * y + z * w)) * sx, (1 - 2 * (x * x + z * z)) * sy, (2 * (y * z - x * w)) * sz, t[1]],
        [(2 * (x * z - y * w)) * sx, (2 * (y * z + x * w)) * sy, (1 - 2 * (x * x + y * y)) * sz, t[2]],
    ]


IDENTITY = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]


def glb(path):
    """[(corners (n, 3, 3) float32, [matrices])], one for each primitive that the default scene places."""
    text, binary = glb_parts(path)
    nodes = text.get("nodes", [])
    placed = {}
    scene = text["scenes"][text.get("scene", 0)]
    waiting = [(node, IDENTITY) for node in reversed(scene.get("nodes", []))]
    while waiting:
        number, parent = waiting.pop()
        world = product(parent, local(nodes[number]))
        if "mesh" in nodes[number]:
            # A mesh with a skin does not follow its node.
            own = IDENTITY if "skin" in nodes[number] else world
            placed.setdefault(nodes[number]["mesh"], []).append(own)
        waiting += [(child, world) for child in reversed(nodes[number].get("children", []))]
    groups = []
    for number in sorted(placed):
        # A mesh with several primitives: each is placed alike.
        for primitive in text["meshes"][number]["primitives"]:
            if primitive.get("mode", 4) < 4:
                continue
            assert primitive.get("mode", 4) == 4
            points = positions(text, binary, primitive["attributes"]["POSITION"])
            if "indices" in primitive:
                index = accessor(text, binary, primitive["indices"])[0].reshape(-1)
            else:
                index = np.arange(len(points))
            groups.append((points[index[: len(index) // 3 * 3].reshape(-1, 3)], placed[number]))
    return groups


def obj_parts(path):
    """Faces by object and material, as the formats that know no more are split."""
    points, faces, part = [], {}, ["", ""]
    for line in open(path, encoding="utf-8", errors="replace"):
        words = line.split()
        if not words:
            continue
        if words[0] == "v":
            points.append([np.float32(word) for word in words[1:4]])
        elif words[0] in ("o", "g"):
            part[0] = " ".join(words[1:])
        elif words[0] == "usemtl":
            part[1] = " ".join(words[1:])
        elif words[0] == "f":
            corners = [int(word.split("/")[0]) for word in words[1:]]
            corners = [corner - 1 if corner > 0 else len(points) + corner for corner in corners]
            triangles = faces.setdefault(tuple(part), [])
            triangles += [[corners[0], corners[k], corners[k + 1]] for k in range(1, len(corners) - 1)]
    points = np.array(points, dtype=np.float32)
    return [points[np.array(triangles)] for triangles in faces.values()]


def obj(path):
    return [(corners, [IDENTITY]) for corners in obj_parts(path)]


def stl(path):
    data = open(path, "rb").read()
    count = struct.unpack_from("<I", data, 80)[0]
    rows = np.frombuffer(data, np.dtype([("n", "<f4", 3), ("c", "<f4", (3, 3)), ("a", "<u2")]), count, 84)
    return [(np.array(rows["c"]), [IDENTITY])]


def read(path):
    return {"glb": glb, "obj": obj, "stl": stl}[path.lower().rsplit(".", 1)[1]](path)


def primitives(path):
    return [corners for corners, _ in read(path)]
