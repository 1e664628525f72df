"""Writes vectors/compressed.json: one made-up mesh as other people's tools compress it.

    python Tests/Foreign/assets/make_compressed.py

Needs draco_transcoder (Debian: draco) and gltfpack (Debian: gltfpack). The mesh is a knot of 960 triangles.
"""

import base64
import json
import math
import pathlib
import struct
import subprocess
import tempfile

HERE = pathlib.Path(__file__).parent


def knot(around=48, across=10):
    """A torus knot: closed, and no primitive."""

    def path(t):
        r = 2 + math.cos(3 * t)
        return r * math.cos(2 * t), r * math.sin(2 * t), math.sin(3 * t)

    points, triangles = [], []
    for i in range(around):
        t = 2 * math.pi * i / around
        x, y, z = path(t)
        for j in range(across):
            a = 2 * math.pi * j / across
            points.append((x + 0.4 * math.cos(a) * math.cos(2 * t), y + 0.4 * math.cos(a) * math.sin(2 * t),
                           z + 0.4 * math.sin(a)))
            b, c = (i + 1) % around * across, (j + 1) % across
            triangles += [(i * across + j, b + j, b + c), (i * across + j, b + c, i * across + c)]
    return points, triangles


def glb():
    points, triangles = knot()
    binary = b"".join(struct.pack("<3f", *p) for p in points)
    indices = b"".join(struct.pack("<3H", *t) for t in triangles)
    rounded = [struct.unpack("<3f", struct.pack("<3f", *p)) for p in points]
    document = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "buffers": [{"byteLength": len(binary) + len(indices)}],
        "bufferViews": [{"buffer": 0, "byteLength": len(binary)},
                        {"buffer": 0, "byteOffset": len(binary), "byteLength": len(indices)}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": len(points), "type": "VEC3",
             "min": [min(p[k] for p in rounded) for k in range(3)],
             "max": [max(p[k] for p in rounded) for k in range(3)]},
            {"bufferView": 1, "componentType": 5123, "count": 3 * len(triangles), "type": "SCALAR"}]}
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text
    body += struct.pack("<I4s", len(binary + indices), b"BIN\0") + binary + indices
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def main():
    cases = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        plain = folder / "plain.glb"
        plain.write_bytes(glb())
        for name, extension, command in [
                ("plain", None, None),
                ("Draco", "KHR_draco_mesh_compression", ["draco_transcoder", "-i", plain, "-o", folder / "out.glb"]),
                ("meshopt, gltfpack -c", "EXT_meshopt_compression", ["gltfpack", "-i", plain, "-o", folder / "out.glb", "-c"]),
                ("meshopt, gltfpack -cc", "EXT_meshopt_compression",
                 ["gltfpack", "-i", plain, "-o", folder / "out.glb", "-cc"]),
                ("meshopt with fallback, gltfpack -cf", "EXT_meshopt_compression",
                 ["gltfpack", "-i", plain, "-o", folder / "out.glb", "-cf"])]:
            if command:
                subprocess.run(command, check=True, capture_output=True)
            result = plain if command is None else folder / "out.glb"
            beside = folder / "out.fallback.bin"
            cases.append({
                "name": name, "extension": extension, "glb": base64.b64encode(result.read_bytes()).decode(),
                "beside": {beside.name: base64.b64encode(beside.read_bytes()).decode()}
                if command and command[-1] == "-cf" else {}})
    (HERE / "vectors/compressed.json").write_text(json.dumps({"cases": cases}, indent=1) + "\n")


main()
