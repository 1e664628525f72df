"""Writes models made to harm whoever reads them, each into a folder named after what must come of it:
`invalid`, `over-budget`, `not-verified`, `verified`. scripts/hostile-models reads them.

    python3 Fuzz/attacks.py FOLDER
"""

import base64
import json
import pathlib
import struct
import sys

import worst

MEBI = 1 << 20


def glb(document: dict, binary: bytes = b"", length: int | None = None) -> bytes:
    text = json.dumps({"asset": {"version": "2.0"}, **document}, separators=(",", ":")).encode()
    return packed(text, binary, length)


def packed(text: bytes, binary: bytes = b"", length: int | None = None) -> bytes:
    text += b" " * (-len(text) % 4)
    binary += bytes(-len(binary) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text
    if binary:
        body += struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body) if length is None else length) + body


def mesh(count: int, **more) -> dict:
    """A document with one mesh of `count` vertices in one view."""
    return {
        "buffers": [{"byteLength": 12 * count}], "bufferViews": [{"buffer": 0, "byteLength": 12 * count}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": count, "type": "VEC3", "min": [0] * 3,
                       "max": [1] * 3}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}], **more}


TRIANGLE = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)


def amplification():
    """A little that becomes a lot."""
    accessor = {"bufferView": 0, "componentType": 5121, "count": MEBI, "type": "SCALAR"}
    document = mesh(3, buffers=[{"byteLength": MEBI}], bufferViews=[{"buffer": 0, "byteLength": MEBI}])
    yield "over-budget/accessors-over-one-buffer.glb", glb(
        {**document, "accessors": [accessor] * 5_000, "meshes": []}, bytes(MEBI))
    yield "verified/zeros-that-nobody-stores.glb", glb(
        {**mesh(3), "accessors": [{"componentType": 5126, "count": 1 << 40, "type": "VEC3", "min": [0] * 3,
                                   "max": [0] * 3}]}, TRIANGLE)
    images = [{"bufferView": 0, "mimeType": "image/png"}] * 5_000
    yield "over-budget/one-image-many-times.glb", glb(
        {"buffers": [{"byteLength": MEBI}], "bufferViews": [{"buffer": 0, "byteLength": MEBI}], "images": images},
        b"\x89PNG\r\n\x1a\n" + bytes(MEBI - 8))
    corners = 30_000
    many = mesh(corners)
    many["meshes"] = [{"primitives": [{"attributes": {"POSITION": 0}}] * 3_000}]
    yield "over-budget/primitives-over-one-accessor.glb", glb(many, TRIANGLE * (corners // 3))
    nodes = 2_000
    yield "over-budget/scenes-of-all-nodes.glb", glb(
        {"nodes": [{}] * nodes, "scenes": [{"nodes": list(range(nodes))}] * 1_200})
    yield "verified/wide-extras.glb", glb({"extras": [0] * 5_000_000})
    # 60,000 nodes show one mesh of 1,200 triangles: 72 million, which are not written out.
    placed = mesh(3_600, nodes=[{"mesh": 0}] * 60_000, scenes=[{"nodes": list(range(60_000))}], scene=0)
    yield "verified/one-mesh-at-many-nodes.glb", glb(placed, TRIANGLE * 1_200)
    yield "verified/one-polygon.obj", b"".join(b"v %d %d 0\n" % (k, k * k % 997) for k in range(50_000)) \
        + b"f " + b" ".join(b"%d" % (k + 1) for k in range(50_000)) + b"\n"


def crowds():
    """Products: each list is short, and there is work or memory for each pair."""
    def nodes(count: int, **more) -> dict:
        return {"nodes": [{"mesh": 0, **more}] * count, "scenes": [{"nodes": list(range(count))}], "scene": 0}

    instanced = {"extensionsUsed": ["EXT_mesh_gpu_instancing"]}
    for name, primitives, places, more in (
            ("over-budget/primitives-at-nodes.glb", 4_000, 4_000, {}),
            ("verified/some-primitives-at-nodes.glb", 500, 1_500, {}),
            ("over-budget/primitives-at-instanced-nodes.glb", 4_000, 4_000, instanced)):
        document = mesh(3, meshes=[{"primitives": [{"attributes": {"POSITION": 0}}] * primitives}],
                        **nodes(places), **more)
        if more:
            document["nodes"] = [{"mesh": 0, "extensions": {"EXT_mesh_gpu_instancing": {}}}] * places
        yield name, glb(document, TRIANGLE)
    # Trees of skinned meshes and of joints, in scenes that never have both.
    trees, scenes = 300, 4_000
    joints = [{"joints": [number]} for number in range(trees, 2 * trees)]
    document = mesh(3, skins=joints, scenes=[
        {"nodes": list(range(trees)) if number % 2 else list(range(trees, 2 * trees))} for number in range(scenes)])
    document["nodes"] = [{"children": list(range((2 + k) * trees, (3 + k) * trees))} for k in range(trees)] \
        + [{}] * trees + [{"mesh": 0, "skin": k % trees} for k in range(trees * trees)]
    document["accessors"] += [{"componentType": 5121, "count": 3, "type": "VEC4"},
                              {"componentType": 5126, "count": 3, "type": "VEC4"}]
    document["meshes"][0]["primitives"][0]["attributes"] |= {"JOINTS_0": 1, "WEIGHTS_0": 2}
    yield "any/skins-in-other-scenes.glb", glb(document, TRIANGLE)
    # Vertices that differ in the last of thousands of columns only, so that sorting compares all of them.
    columns, rows = 600, 1 << 15
    document = mesh(3)
    document["accessors"] = [{"componentType": 5126, "count": rows, "type": "VEC3", "min": [0] * 3, "max": [0] * 3}]
    document["meshes"] = [{"primitives": [{"mode": 0, "attributes": {"POSITION": 0},
                                           "targets": [{"POSITION": 0}] * columns}]}]
    yield "any/wide-rows.glb", glb(document, TRIANGLE)
    # A thousand meshes that all have to be looked at: 110 triangles among 60 points each.
    many = 1_100
    document = {"buffers": [{"byteLength": many * 1_380}], "bufferViews": [], "accessors": [], "meshes": []}
    data = b""
    for number in range(many):
        points = [struct.unpack("<3f", struct.pack(
            "<3f", k * 37 % 60 / 60, k * k % 61 / 61 + number / 1e5, k * 11 % 59 / 59)) for k in range(60)]
        corners = [(k + j * (1 + number % 7) * 17 + j * j) % 60 for k in range(110) for j in range(3)]
        document["bufferViews"] += [{"buffer": 0, "byteOffset": len(data), "byteLength": 720},
                                    {"buffer": 0, "byteOffset": len(data) + 720, "byteLength": 660}]
        document["accessors"] += [
            {"bufferView": 2 * number, "componentType": 5126, "count": 60, "type": "VEC3",
             "min": [min(p[k] for p in points) for k in range(3)], "max": [max(p[k] for p in points) for k in range(3)]},
            {"bufferView": 2 * number + 1, "componentType": 5123, "count": 330, "type": "SCALAR"}]
        document["meshes"].append(
            {"primitives": [{"attributes": {"POSITION": 2 * number}, "indices": 2 * number + 1}]})
        data += b"".join(struct.pack("<3f", *point) for point in points) + struct.pack("<330H", *corners)
    document["nodes"] = [{"mesh": k, "translation": [k, 0, 0]} for k in range(many)]
    document["scenes"] = [{"nodes": list(range(many))}]
    yield "verified/a-thousand-meshes.glb", glb(document, data)
    # Two thousand mistakes that change nothing.
    for accessor in document["accessors"][::2]:
        accessor |= {"min": [-1] * 3, "max": [9] * 3}
    yield "verified/two-thousand-mistakes.glb", glb(document, data)
    yield "verified/solids-of-nothing.stl", b"solid\nendsolid\n" * 1_000_000
    yield "verified/faces-of-a-long-name.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl " + b"n" * 1_000 + b"\n" \
        + b"f 1 2 3\n" * 500_000
    uri = "data:application/octet-stream," + "%41" * 4_000_000
    yield "verified/percent-signs.gltf", json.dumps(
        {"asset": {"version": "2.0"}, "buffers": [{"byteLength": 4_000_000, "uri": uri}]}).encode()


def dust():
    """Shapes at the edge of what has a print: all area in a corner of the grid, and nothing anywhere else."""
    for copies in (1, 2, 3, 8, 400):
        yield f"verified/dust-{copies}.obj", b"v 0 0 0\nv 2 0 0\nv 0 1 0\nv 1048576 0 0\n" + b"f 1 2 3\n" * copies \
            + b"f 4 4 4\n"
        facets = [[0, 0, 0, 2, 0, 0, 0, 1, 0]] * copies + [[1048576, 0, 0] * 3]
        yield f"verified/dust-{copies}.stl", bytes(80) + struct.pack("<I", len(facets)) + b"".join(
            struct.pack("<12fH", 0, 0, 1, *corners, 0) for corners in facets)
    yield "verified/dust-in-two-corners.obj", b"v 0 0 0\nv 2 0 0\nv 0 1 0\nv 1048576 0 0\nv 1048574 0 0\n" \
        b"v 1048576 1 0\n" + b"f 1 2 3\n" * 70_000 + b"f 4 5 6\n"


def cycles():
    yield "invalid/node-is-its-own-child.glb", glb({"nodes": [{"children": [0]}]})
    count = 20_000
    yield "invalid/circle-of-nodes.glb", glb({"nodes": [{"children": [(k + 1) % count]} for k in range(count)]})
    yield "invalid/two-parents.glb", glb({"nodes": [{"children": [2]}, {"children": [2]}, {}]})
    yield "verified/chain-of-nodes.glb", glb(
        {"nodes": [{"children": [k + 1]} for k in range(count)] + [{}], "scenes": [{"nodes": [0]}], "scene": 0})


def overflow():
    for number, value in enumerate([1 << 31, 1 << 32, (1 << 53) - 1, (1 << 63) - 1, 1 << 64, -1, 0.5, 1e300]):
        document = mesh(3)
        document["accessors"][0]["count"] = value
        yield f"invalid/count-{number}.glb", glb(document, TRIANGLE)
        document = mesh(3)
        document["bufferViews"][0]["byteOffset"] = value
        yield f"invalid/offset-{number}.glb", glb(document, TRIANGLE)
    document = mesh(3)
    document["bufferViews"][0] |= {"byteOffset": (1 << 53) - 1, "byteLength": (1 << 53) - 1}
    yield "invalid/offset-and-length.glb", glb(document, TRIANGLE)
    for number, length in enumerate([0, 11, 12, 19, 0x7FFFFFFF, 0xFFFFFFFF]):
        yield f"invalid/declared-length-{number}.glb", glb(mesh(3), TRIANGLE, length)
    yield "invalid/chunk-length.glb", struct.pack("<4sIIII", b"glTF", 2, 20, 0xFFFFFFFF, 0x4E4F534A)
    yield "invalid/index-beyond.glb", glb(
        {**mesh(3), "buffers": [{"byteLength": 48}],
         "bufferViews": [{"buffer": 0, "byteLength": 36}, {"buffer": 0, "byteOffset": 36, "byteLength": 12}],
         "accessors": mesh(3)["accessors"] + [{"bufferView": 1, "componentType": 5125, "count": 3, "type": "SCALAR"}],
         "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}]},
        TRIANGLE + struct.pack("<3I", 0, 1, 0xFFFFFFFE))
    yield "invalid/not-a-number.glb", glb(mesh(3), struct.pack("<9f", float("nan"), *[0.0] * 8))
    yield "verified/largest-numbers.stl", bytes(80) + struct.pack("<I", 2) + b"".join(
        struct.pack("<12fH", 0, 0, 1, *corners, 0) for corners in
        ([3e38, 3e38, 3e38, -3e38, 0, 0, 0, -3e38, 0], [3e38, 0, 0, 0, 3e38, 0, 0, 0, 3e38]))
    yield "invalid/triangles-that-are-not-there.stl", bytes(80) + struct.pack("<I", 0xFFFFFFFF) + bytes(50)
    yield "invalid/vertex-that-is-not-there.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 4\n"
    yield "invalid/vertex-before-the-first.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf -1 -2 -4\n"
    yield "invalid/vertex-beyond-integers.obj", b"v 0 0 0\nf 1 1 9223372036854775808\n"
    yield "invalid/coordinate-beyond-floats.obj", b"v 1e39 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"


def paths():
    for number, uri in enumerate([
            "/etc/passwd", "file:///etc/passwd", "../../etc/passwd", "a/../../b", "%2e%2e/%2e%2e/b", "..%2fb",
            "..\\b", "C:/b", "http://127.0.0.1/b", "https://example.com/b", "//example.com/b", "%2Fetc%2Fpasswd"]):
        document = mesh(3, buffers=[{"byteLength": 36, "uri": uri}])
        yield f"invalid/buffer-at-{number}.gltf", json.dumps({"asset": {"version": "2.0"}, **document}).encode()
        document = mesh(3, images=[{"uri": uri}])
        yield f"invalid/image-at-{number}.glb", glb(document, TRIANGLE)
    document = mesh(3, buffers=[{"byteLength": 36, "uri": "beside.bin"}])
    yield "invalid/file-that-is-not-there.gltf", json.dumps({"asset": {"version": "2.0"}, **document}).encode()


def texts():
    yield "invalid/deep.glb", packed(b'{"a":' + b"[" * MEBI)
    yield "invalid/deep-objects.glb", packed(b'{"a":' * 200_000)
    yield "invalid/key-twice.glb", packed(b'{"asset":{"version":"2.0"},"asset":{"version":"2.0"}}')
    yield "invalid/key-twice-escaped.glb", packed(b'{"asset":{"version":"2.0"},"\\u0061sset":{"version":"2.0"}}')
    yield "invalid/not-utf8.glb", packed(b'{"asset":{"version":"2.0","generator":"\xff\xfe"}}')
    yield "invalid/text-without-end.glb", packed(b'{"asset":{"version":"2.0","generator":"' + b"a" * MEBI)
    yield "invalid/number-without-end.glb", packed(b'{"asset":{"version":"2.0"},"scene":' + b"1" * MEBI + b"}")
    yield "not-verified/unknown-extension.glb", glb(
        mesh(3, extensionsUsed=["EXT_x"], extensionsRequired=["EXT_x"]), TRIANGLE)


def compressed():
    """Models that draco_transcoder and gltfpack compressed; whoever decodes them sees something else than we do."""
    root = pathlib.Path(__file__).resolve().parent.parent
    cases = json.loads((root / "Tests/Foreign/assets/vectors/compressed.json").read_text())["cases"]
    for number, case in enumerate(case for case in cases if not case["beside"]):
        folder = "not-verified" if case["extension"] else "verified"
        yield f"{folder}/compressed-{number}.glb", base64.b64decode(case["glb"])


def attacks():
    for group in (amplification, crowds, dust, cycles, overflow, paths, texts, compressed):
        yield from group()
    # What the fuzzers keep of the kind: no verdict is laid down, only that there is one, in time and within bounds.
    for kind, cases in (("gltf", worst.gltf_cases()), ("mesh", worst.mesh_cases())):
        for number, case in enumerate(cases):
            endings = {"gltf": ["glb"], "mesh": ["obj", "stl"]}[kind]
            for ending in endings:
                yield f"any/worst-{kind}-{number}.{ending}", case


def main():
    folder = pathlib.Path(sys.argv[1])
    for name, content in attacks():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


main()
