"""Writes vectors/components.json: small GLB files that use what real models rarely do, and their leaves by
components.py, for the Swift tests to reproduce.

    python Tests/Foreign/assets/make_fixtures.py
"""

import base64
import json
import pathlib
import random
import struct
import zlib

import numpy as np

import components

HERE = pathlib.Path(__file__).parent
CODES = {"i1": 5120, "u1": 5121, "<i2": 5122, "<u2": 5123, "<u4": 5125, "<f4": 5126}


def png(width, height, color):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(color) * width for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Builder:
    def __init__(self):
        self.binary = b""
        self.root = {"asset": {"version": "2.0"}, "accessors": [], "bufferViews": []}

    def add(self, name, item):
        self.root.setdefault(name, []).append(item)
        return len(self.root[name]) - 1

    def view(self, data, **more):
        self.binary += bytes(-len(self.binary) % 4)
        number = self.add(
            "bufferViews", {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data), **more})
        self.binary += data
        return number

    def accessor(self, values, kind, shape, *, normalized=False, bounds=False, stride=None):
        array = np.array(values, dtype=kind)
        if array.ndim == 1:
            array = array.reshape(-1, components.SHAPES[shape][0] * components.SHAPES[shape][1])
        size = array.dtype.itemsize * array.shape[1]
        more = {}
        if stride is None and size % 4 and shape != "SCALAR":
            stride = size + -size % 4
        data = array.tobytes()
        if stride:
            data = b"".join(row.tobytes() + bytes(stride - size) for row in array)
            more["byteStride"] = stride
        item = {"bufferView": self.view(data, **more), "componentType": CODES[kind], "type": shape,
                "count": len(array)}
        if normalized:
            item["normalized"] = True
        if bounds:
            item["min"] = [float(x) for x in array.min(0)]
            item["max"] = [float(x) for x in array.max(0)]
        return self.add("accessors", item)

    def sparse(self, count, shape, indices, values, bounds):
        values = np.array(values, dtype="<f4")
        return self.add("accessors", {
            "componentType": 5126, "type": shape, "count": count, "min": bounds[0], "max": bounds[1],
            "sparse": {
                "count": len(indices),
                "indices": {"bufferView": self.view(np.array(indices, "<u2").tobytes()), "componentType": 5123},
                "values": {"bufferView": self.view(values.tobytes())}}})

    def glb(self):
        self.binary += bytes(-len(self.binary) % 4)
        self.root["buffers"] = [{"byteLength": len(self.binary)}]
        text = json.dumps({key: value for key, value in self.root.items() if value != []}).encode()
        text += b" " * (-len(text) % 4)
        body = struct.pack("<II", len(text), 0x4E4F534A) + text
        body += struct.pack("<II", len(self.binary), 0x004E4942) + self.binary
        return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


TEXTURE = {"KHR_texture_transform": {"offset": [0.25, -0.0], "rotation": 0.1, "texCoord": 1}}


def figure(seed, dressed):
    """A skinned, morphing, animated, textured figure; `dressed` adds and shuffles what must not matter."""
    chance = random.Random(seed)
    b = Builder()
    grid = [(x, y) for y in range(4) for x in range(4)]
    triangles = [
        corner for y in range(3) for x in range(3) for corner in (
            (4 * y + x, 4 * y + x + 1, 4 * y + x + 4), (4 * y + x + 1, 4 * y + x + 5, 4 * y + x + 4))]
    order = list(range(16))
    if dressed:
        chance.shuffle(order)
        chance.shuffle(triangles)
        triangles = [t[k:] + t[:k] for t in triangles for k in [chance.randrange(3)]]
        triangles.append((3, 3, 4))
    grid = [grid[vertex] for vertex in order]
    place = {vertex: number for number, vertex in enumerate(order)}
    indices = [place[corner] for triangle in triangles for corner in triangle]
    zero = -0.0 if dressed else 0.0
    points = [(x / 3, y / 7, zero if x * y == 0 else x * y / 11) for x, y in grid]
    if dressed:
        b.add("images", {"bufferView": b.view(png(1, 1, (9, 9, 9))), "mimeType": "image/png"})
        b.add("meshes", {"primitives": [{"attributes": {
            "POSITION": b.accessor([(0, 0, 0), (1, 0, 0), (0, 1, 0)], "<f4", "VEC3", bounds=True)}}]})
        b.add("materials", {"name": "unused", "emissiveFactor": [1, 0, 0]})
        b.root["asset"] |= {"generator": "another", "extras": {"a": [1]}}
    images = [
        b.add("images", {"bufferView": b.view(png(2, 2, color)), "mimeType": "image/png"})
        for color in [(200, 10, 10), (10, 200, 10)]]
    b.add("samplers", {"magFilter": 9728, "wrapS": 33071})
    textures = [b.add("textures", {"source": images[0], "sampler": 0}), b.add("textures", {"source": images[1]})]
    material = b.add("materials", {
        "pbrMetallicRoughness": {
            "baseColorFactor": [0.1, 0.2, 0.3, 0.4], "roughnessFactor": 0.7,
            "baseColorTexture": {"index": textures[0], "extensions": TEXTURE},
            **({"metallicFactor": 1.0} if dressed else {})},
        "normalTexture": {"index": textures[1], "scale": 0.5, **({"texCoord": 0} if dressed else {})},
        "alphaMode": "MASK", "alphaCutoff": 0.25, "doubleSided": True,
        "extensions": {
            "KHR_materials_clearcoat": {
                "clearcoatFactor": 0.3, "clearcoatNormalTexture": {"index": textures[0], "scale": 2}},
            "KHR_materials_emissive_strength": {"emissiveStrength": 4},
            **({"VENDOR_materials_other": {"x": 1}} if dressed else {})}})
    attributes = {
        "TEXCOORD_0": b.accessor([(x * 20000, y * 20000) for x, y in grid], "<u2", "VEC2", normalized=True),
        "POSITION": b.accessor(points, "<f4", "VEC3", bounds=True, stride=20 if dressed else None),
        "NORMAL": b.accessor([(0, 0, 1)] * 16, "<f4", "VEC3"),
        "TANGENT": b.accessor([(1, 0, 0, -1)] * 16, "<f4", "VEC4"),
        "TEXCOORD_1": b.accessor([(x / 3, zero) for x, y in grid], "<f4", "VEC2"),
        "COLOR_0": b.accessor(
            [(255, 17 * x, 9, 255)[:4 if dressed else 3] for x, y in grid], "u1",
            "VEC4" if dressed else "VEC3", normalized=True),
        "JOINTS_0": b.accessor([(x % 2, 1 - x % 2, 0, 0) for x, y in grid], "<u2" if dressed else "u1", "VEC4"),
        "WEIGHTS_0": b.accessor([(0.75, 0.25, 0, 0)] * 16, "<f4", "VEC4")}
    if dressed:
        attributes["_EXTRA"] = b.accessor([1.0] * 16, "<f4", "SCALAR")
    moved = sorted(place[vertex] for vertex in (5, 6))
    targets = [
        {"POSITION": b.sparse(16, "VEC3", moved, [(0, 0, 1)] * 2, ([0, 0, 0], [0, 0, 1])),
         "NORMAL": b.accessor([(0, 1, 0)] * 16, "<f4", "VEC3"),
         "TANGENT": b.accessor([(0, 0, 1)] * 16, "<f4", "VEC3")},
        {"POSITION": b.accessor([(x, 0, 0) for x, y in grid], "<f4", "VEC3", bounds=True),
         "COLOR_0": b.accessor([(0.5, 0, 0)] * 16, "<f4", "VEC3"),
         "TEXCOORD_0": b.accessor([(0.5, 0)] * 16, "<f4", "VEC2")}]
    mesh = b.add("meshes", {
        "name": "figure" if not dressed else "renamed", "weights": [0.5, 0],
        "primitives": [{
            "attributes": attributes, "targets": targets, "material": material,
            "indices": b.accessor(indices, "<u4" if dressed else "u1", "SCALAR")}]})
    matrices = np.array([np.eye(4).T.reshape(-1), np.diag([2, 2, 2, 1]).reshape(-1)])
    if dressed:
        b.add("nodes", {"name": "unused", "mesh": 0})
    base = len(b.root.get("nodes", []))
    b.add("nodes", {"children": [base + 1, base + 2], "translation": [1, 2, 3], "rotation": [0, 0.6, 0, 0.8]})
    b.add("nodes", {"children": [base + 3], "scale": [1, 1, 2]})
    b.add("nodes", {"mesh": mesh, "skin": 0, "translation": [5, 5, 5]})
    b.add("nodes", {"children": [base + 4]})
    b.add("nodes", {"mesh": mesh, "weights": [0, 1], "matrix": [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0.1, 0, 0, 1]})
    b.add("skins", {"joints": [base + 1, base + 4], "inverseBindMatrices": b.accessor(matrices, "<f4", "MAT4")})
    times = b.accessor([0, 0.5, 1], "<f4", "SCALAR", bounds=True)
    samplers = [
        {"input": times, "output": b.accessor([(k, 0, 0) for k in range(3)], "<f4", "VEC3")},
        {"input": times, "output": b.accessor([(0, 0, 0, 32767)] * 3, "<i2", "VEC4", normalized=True),
         "interpolation": "STEP"},
        {"input": times, "output": b.accessor([k / 9 for k in range(18)], "<f4", "SCALAR"),
         "interpolation": "CUBICSPLINE"},
        {"input": times, "output": b.accessor([(1, 1, 1)] * 3, "<f4", "VEC3"), "interpolation": "LINEAR"}]
    channels = [
        {"sampler": 0, "target": {"node": base + 1, "path": "translation"}},
        {"sampler": 1, "target": {"node": base + 3, "path": "rotation"}},
        {"sampler": 2, "target": {"node": base + 2, "path": "weights"}},
        {"sampler": 3, "target": {"node": base + 1, "path": "scale"}}]
    if dressed:
        channels.reverse()
        channels.append({"sampler": 0, "target": {"node": 0, "path": "translation"}})
    b.add("animations", {"samplers": samplers, "channels": channels})
    b.add("scenes", {"nodes": [base], **({"name": "stage"} if dressed else {})})
    b.root["extensionsUsed"] = ["KHR_texture_transform", "KHR_materials_clearcoat", "KHR_materials_emissive_strength"]
    if dressed:
        b.root["extensionsUsed"].append("VENDOR_materials_other")
        b.root["cameras"] = [{"type": "perspective", "perspective": {"yfov": 1, "znear": 0.1}}]
    return b.glb()


def modes():
    """All seven modes, with and without indices, and accessors without bytes; no scenes."""
    b = Builder()
    points = [(0, 0, 0), (1, -0.0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 0), (2, 2, 2), (1, 1, 0)]
    position = b.accessor(points, "<f4", "VEC3", bounds=True)
    indices = b.accessor([6, 5, 4, 3, 2, 1, 0, 6], "<u2", "SCALAR")
    empty = b.add("accessors", {"componentType": 5126, "type": "VEC2", "count": 7})
    b.add("materials", {})
    for mode in range(7):
        b.add("meshes", {"primitives": [
            {"attributes": {"POSITION": position}, "mode": mode},
            {"attributes": {"POSITION": position, "TEXCOORD_0": empty}, "mode": mode, "indices": indices,
             "material": 0}]})
        b.add("nodes", {"mesh": mode, **({"children": [mode + 1]} if mode < 6 else {}),
                        "translation": [0.1, 0.2, 0.3], "rotation": [0.1, 0.7, 0.1, 0.7]})
    return b.glb()


def scenes():
    """Two scenes that share a node's mesh, quantised positions, and no nodes that draw in a third."""
    b = Builder()
    position = b.accessor(
        [(0, 0, 0), (30000, 1, 2), (-32768, 32767, 5), (7, 7, 7)], "<i2", "VEC3", normalized=True, bounds=True)
    b.root["accessors"][position] |= {"min": [-32768, 0, 0], "max": [30000, 32767, 7]}
    b.root |= {"extensionsUsed": ["KHR_mesh_quantization"], "extensionsRequired": ["KHR_mesh_quantization"]}
    b.add("meshes", {"primitives": [{"attributes": {"POSITION": position},
                                     "indices": b.accessor([0, 1, 2, 2, 1, 3], "u1", "SCALAR")}]})
    b.add("nodes", {"mesh": 0})
    b.add("nodes", {"mesh": 0, "scale": [-1, 1, 1e-3]})
    b.add("nodes", {"name": "empty"})
    for nodes in ([0, 1], [1], [2]):
        b.add("scenes", {"nodes": nodes})
    b.root["scene"] = 1
    return b.glb()


def main():
    files = {"figure": figure(1, False), "figure dressed": figure(2, True), "modes": modes(), "scenes": scenes()}
    cases = []
    for name, data in files.items():
        leaves = components.leaves(data=data)
        cases.append({
            "name": name, "glb": base64.b64encode(data).decode(), "leaves": leaves, "root": components.root(leaves)})
    assert cases[0]["leaves"] == cases[1]["leaves"]
    folder = HERE / "vectors"
    folder.mkdir(exist_ok=True)
    (folder / "components.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n")


if __name__ == "__main__":
    main()
