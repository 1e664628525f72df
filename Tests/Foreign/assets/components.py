"""The component leaves of a GLB or glTF, written after docs/formats-components.md and nothing else.

A second implementation, in another language, on numpy and hashlib: what it and the Swift library agree on is what
the document says. It trusts its input: no limits, no checks.
"""

import base64
import hashlib
import json
import os
import struct
import urllib.parse

import numpy as np

SHAPES = {"SCALAR": (1, 1), "VEC2": (2, 1), "VEC3": (3, 1), "VEC4": (4, 1), "MAT2": (2, 2), "MAT3": (3, 3),
          "MAT4": (4, 4)}
TYPES = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
UNIT = [1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0]


# ---- Deterministic CBOR, as much as is needed

def head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 1 << 8 * size:
            return bytes([major << 5 | extra]) + value.to_bytes(size, "big")
    raise ValueError(value)


def cbor(item):
    if item is None:
        return b"\xf6"
    if item is True or item is False:
        return b"\xf5" if item else b"\xf4"
    if isinstance(item, int):
        return head(0, item)
    if isinstance(item, (bytes, bytearray)):
        return head(2, len(item)) + bytes(item)
    if isinstance(item, str):
        return head(3, len(item.encode())) + item.encode()
    return head(4, len(item)) + b"".join(cbor(each) for each in item)


def digest(tag, *fields):
    return hashlib.sha256(cbor([tag, *fields])).digest()


def f32(values):
    """Little-endian bit patterns, −0 as +0."""
    array = np.asarray(values, dtype=np.float64).astype("<f4").reshape(-1)
    if not np.isfinite(array).all():
        raise ValueError("not finite")
    return words(array).astype("<u4").tobytes()


def words(array):
    array = np.array(array, dtype="<f4")
    array[array == 0] = 0
    return array.view("<u4")


# ---- The file

class File:
    def __init__(self, path=None, data=None):
        self.folder = os.path.dirname(path) if path else None
        data = open(path, "rb").read() if path else data
        self.binary = None
        if data[:4] == b"glTF":
            position = 12
            while position + 8 <= len(data):
                length, kind = struct.unpack_from("<II", data, position)
                chunk = data[position + 8:position + 8 + length]
                if kind == 0x4E4F534A:
                    self.root = json.loads(chunk)
                elif kind == 0x004E4942:
                    self.binary = chunk
                position += 8 + length
        else:
            self.root = json.loads(data)
        self.buffers = [self.load(buffer) for buffer in self.root.get("buffers", [])]

    def load(self, entry):
        uri = entry.get("uri")
        if uri is None:
            return self.binary
        if uri.startswith("data:"):
            meta, content = uri[5:].split(",", 1)
            return base64.b64decode(content) if meta.endswith(";base64") else urllib.parse.unquote_to_bytes(content)
        with open(os.path.join(self.folder, urllib.parse.unquote(uri)), "rb") as file:
            return file.read()

    def list(self, name):
        return self.root.get(name, [])

    def view(self, number):
        view = self.list("bufferViews")[number]
        start = view.get("byteOffset", 0)
        return self.buffers[view["buffer"]][start:start + view["byteLength"]]

    def elements(self, data, offset, count, stride, kind, shape):
        """Numbers, element by element and column by column; columns of matrices start at multiples of 4."""
        rows, columns = SHAPES[shape]
        size = np.dtype(kind).itemsize
        pitch = rows * size if columns == 1 else (rows * size + 3) & ~3
        result = np.empty((count, columns, rows), dtype=kind)
        for element in range(count):
            for column in range(columns):
                at = offset + element * stride + column * pitch
                result[element, column] = np.frombuffer(data, kind, rows, at)
        return result.reshape(count, rows * columns), pitch * columns

    def numbers(self, number):
        """An accessor, not normalised: an array with a row for each element."""
        accessor = self.list("accessors")[number]
        kind, shape, count = TYPES[accessor["componentType"]], accessor["type"], accessor["count"]
        rows, columns = SHAPES[shape]
        size = np.dtype(kind).itemsize
        close = columns * (rows * size if columns == 1 else (rows * size + 3) & ~3)
        if "bufferView" in accessor:
            stride = self.list("bufferViews")[accessor["bufferView"]].get("byteStride", close)
            values, _ = self.elements(
                self.view(accessor["bufferView"]), accessor.get("byteOffset", 0), count, stride, kind, shape)
        else:
            values = np.zeros((count, rows * columns), dtype=kind)
        if "sparse" in accessor:
            sparse = accessor["sparse"]
            index_kind = TYPES[sparse["indices"]["componentType"]]
            indices = np.frombuffer(
                self.view(sparse["indices"]["bufferView"]), index_kind, sparse["count"],
                sparse["indices"].get("byteOffset", 0))
            replacements, _ = self.elements(
                self.view(sparse["values"]["bufferView"]), sparse["values"].get("byteOffset", 0), sparse["count"],
                close, kind, shape)
            values = values.copy()
            values[indices] = replacements
        return values

    def floats(self, number):
        values = self.numbers(number)
        accessor = self.list("accessors")[number]
        divisor = {5120: 127, 5121: 255, 5122: 32767, 5123: 65535}.get(accessor["componentType"])
        result = values.astype("<f4")
        if accessor.get("normalized") and divisor:
            result = np.maximum(result / np.float32(divisor), np.float32(-1))
        return result


# ---- Leaves

def canonical(arity, vertices, columns):
    """The number of elements, and their bytes; columns are (name, array) with positions first."""
    rows = np.concatenate([words(array) for _, array in columns], axis=1)
    elements = []
    for start in range(0, len(vertices) - arity + 1, arity):
        corners = [tuple(int(word) for word in rows[vertex]) for vertex in vertices[start:start + arity]]
        if arity > 1 and len({corner[:3] for corner in corners}) < arity:
            continue
        if arity == 2:
            corners.sort()
        if arity == 3:
            least = corners.index(min(corners))
            corners = corners[least:] + corners[:least]
        elements.append(corners)
    elements.sort()
    flat = [word for element in elements for corner in element for word in corner]
    return len(elements), np.array(flat, dtype="<u4").tobytes()


def separate(mode, order):
    """Points, lines or triangles out of any mode: (corners of an element, vertices)."""
    order = [int(vertex) for vertex in order]
    count = len(order)
    if mode == 0:
        return 1, order
    if mode == 1:
        return 2, order[:count // 2 * 2]
    if mode in (2, 3):
        pairs = [vertex for pair in zip(order, order[1:]) for vertex in pair]
        return 2, pairs + ([order[-1], order[0]] if mode == 2 and order else [])
    if mode == 4:
        return 3, order[:count // 3 * 3]
    triangles = []
    for number in range(max(0, count - 2)):
        if mode == 5:
            triangles += [order[number], order[number + 1 + number % 2], order[number + 2 - number % 2]]
        else:
            triangles += [order[number + 1], order[number + 2], order[0]]
    return 3, triangles


class Leaves:
    def __init__(self, file):
        self.file = file
        self.found = []
        self.materials = {}
        self.images = {}

    def all(self):
        """[(type, hash as hex)], sorted."""
        file = self.file
        scenes = self.scenes()
        nodes = sorted({node for places in scenes for node, _ in places})
        if file.list("nodes"):
            meshes = sorted({file.list("nodes")[node]["mesh"] for node in nodes if "mesh" in file.list("nodes")[node]})
        else:
            meshes = range(len(file.list("meshes")))
        primitives = {mesh: self.mesh(file.list("meshes")[mesh]) for mesh in meshes}
        for leaf in self.materials.values():
            self.add("MAT", leaf)
        for leaf in self.images.values():
            self.add("IMG", leaf)
        entries = [file.list("nodes")[node] for node in nodes]
        skins = {number: self.skin(number) for number in {
            entry["skin"] for entry in entries if "skin" in entry and "mesh" in entry}}
        for leaf in skins.values():
            self.add("SKIN", leaf)
        for animation in file.list("animations"):
            self.animation(animation, set(nodes))
        for places in scenes:
            self.scene(places, primitives, skins)
        return sorted(self.found)

    def add(self, kind, leaf):
        self.found.append((kind, leaf.hex()))

    # -- meshes

    def mesh(self, mesh):
        leaves = []
        for primitive in mesh["primitives"]:
            attributes = primitive["attributes"]
            if "POSITION" not in attributes:
                continue
            if "indices" in primitive:
                order = self.file.numbers(primitive["indices"]).reshape(-1)
            else:
                order = range(self.file.list("accessors")[attributes["POSITION"]]["count"])
            arity, vertices = separate(primitive.get("mode", 4), order)
            positions = ("POSITION", self.file.floats(attributes["POSITION"]))
            corners, normals = [positions], [positions]
            for number, target in enumerate([attributes] + primitive.get("targets", [])):
                suffix = "" if number == 0 else f"@{number - 1}"
                for name in sorted(target, key=lambda name: (name != "POSITION", name.encode())):
                    if name.startswith("_") or name == "POSITION" and number == 0:
                        continue
                    values = self.file.floats(target[name])
                    if name.startswith("COLOR_") and values.shape[1] == 3:
                        fourth = np.full((len(values), 1), 1 if number == 0 else 0, dtype="<f4")
                        values = np.concatenate([values, fourth], axis=1)
                    (normals if name in ("NORMAL", "TANGENT") else corners).append((name + suffix, values))
            count, data = canonical(arity, vertices, corners)
            material = self.material(primitive.get("material"))
            if count == 0:
                continue
            mode = {1: 0, 2: 1, 3: 4}[arity]
            layout = [[name, values.shape[1]] for name, values in corners]
            leaf = digest("provchain/prim/1", mode, material, layout, count, data)
            leaves.append(leaf)
            self.add("PRIM", leaf)
            if arity == 3:
                self.add("GEO", digest("provchain/geo/1", *canonical(3, vertices, [positions])))
            if len(normals) > 1:
                layout = [[name, values.shape[1]] for name, values in normals]
                self.add("NORM", digest("provchain/norm/1", layout, *canonical(arity, vertices, normals)))
        return leaves

    # -- materials

    def material(self, number):
        if number not in self.materials:
            entry = {} if number is None else self.file.list("materials")[number]
            surface = entry.get("pbrMetallicRoughness", {})
            mode = ["OPAQUE", "MASK", "BLEND"].index(entry.get("alphaMode", "OPAQUE"))
            factors = [
                *surface.get("baseColorFactor", [1, 1, 1, 1]), surface.get("metallicFactor", 1),
                surface.get("roughnessFactor", 1), *entry.get("emissiveFactor", [0, 0, 0]),
                entry.get("normalTexture", {}).get("scale", 1),
                entry.get("occlusionTexture", {}).get("strength", 1),
                entry.get("alphaCutoff", 0.5) if mode == 1 else 0.5,
            ]
            slots = [
                surface.get("baseColorTexture"), surface.get("metallicRoughnessTexture"),
                entry.get("normalTexture"), entry.get("occlusionTexture"), entry.get("emissiveTexture"),
            ]
            extensions = [
                [name, self.value(content, name)]
                for name, content in sorted(
                    entry.get("extensions", {}).items(), key=lambda item: item[0].encode())
                if name.startswith("KHR_materials_")
            ]
            self.materials[number] = digest(
                "provchain/mat/1", f32(factors), mode, entry.get("doubleSided", False),
                [None if slot is None else self.texture(slot) for slot in slots], extensions)
        return self.materials[number]

    def texture(self, info):
        entry = self.file.list("textures")[info["index"]]
        others = entry.get("extensions", {})
        source = entry.get("source")
        for name in ("EXT_texture_webp", "KHR_texture_basisu"):
            if source is None:
                source = others.get(name, {}).get("source")
        image = None if source is None else self.image(source)
        sampler = self.file.list("samplers")[entry["sampler"]] if "sampler" in entry else {}
        transform = info.get("extensions", {}).get("KHR_texture_transform", {})
        return [
            image, transform.get("texCoord", info.get("texCoord", 0)),
            [sampler.get("magFilter", 0), sampler.get("minFilter", 0), sampler.get("wrapS", 10497),
             sampler.get("wrapT", 10497)],
            f32([*transform.get("offset", [0, 0]), transform.get("rotation", 0), *transform.get("scale", [1, 1])]),
        ]

    def image(self, number):
        if number not in self.images:
            entry = self.file.list("images")[number]
            data = self.file.load(entry) if "uri" in entry else self.file.view(entry["bufferView"])
            self.images[number] = digest("provchain/img/1", data)
        return self.images[number]

    def value(self, json_value, name):
        if isinstance(json_value, dict):
            texture = name.endswith("Texture")
            left = {"extensions", "extras"} | ({"index", "texCoord"} if texture else set())
            rest = [
                [key, self.value(content, key)]
                for key, content in sorted(json_value.items(), key=lambda item: item[0].encode()) if key not in left
            ]
            return [self.texture(json_value), rest] if texture else rest
        if isinstance(json_value, list):
            return [self.value(element, name) for element in json_value]
        if json_value is None or isinstance(json_value, (bool, str)):
            return json_value
        return f32([json_value])

    # -- skins, animations, scenes

    def parents(self):
        return {
            child: parent for parent, node in enumerate(self.file.list("nodes")) for child in node.get("children", [])}

    def skin(self, number):
        skin = self.file.list("skins")[number]
        parents, joints = self.parents(), skin["joints"]
        if "inverseBindMatrices" in skin:
            matrices = self.file.floats(skin["inverseBindMatrices"])
        else:
            matrices = [UNIT] * len(joints)
        data = b""
        for joint, node in enumerate(joints):
            above = parents.get(node)
            while above is not None and above not in joints:
                above = parents.get(above)
            data += struct.pack("<I", 0xFFFFFFFF if above is None else joints.index(above)) + f32(matrices[joint])
        return digest("provchain/skin/1", len(joints), data)

    def animation(self, animation, nodes):
        channels = []
        for channel in animation["channels"]:
            target = channel["target"]
            paths = ["translation", "rotation", "scale", "weights"]
            if target.get("node") not in nodes or target["path"] not in paths:
                continue
            sampler = animation["samplers"][channel["sampler"]]
            interpolation = ["STEP", "LINEAR", "CUBICSPLINE"].index(sampler.get("interpolation", "LINEAR"))
            channels.append(digest(
                "provchain/anim-channel/1", paths.index(target["path"]), interpolation,
                f32(self.file.floats(sampler["input"])), f32(self.file.floats(sampler["output"]))))
        if channels:
            self.add("ANIM", digest("provchain/anim/1", sorted(channels)))

    def scenes(self):
        """For each scene, its nodes with their world matrices."""
        nodes = self.file.list("nodes")
        if not nodes:
            return []
        parents = self.parents()
        if "scenes" in self.file.root:
            roots = [scene.get("nodes", []) for scene in self.file.list("scenes")]
        else:
            roots = [[node for node in range(len(nodes)) if node not in parents]]
        result = []
        for starts in roots:
            places = {}
            stack = [(node, UNIT) for node in starts]
            while stack:
                node, above = stack.pop()
                if node not in places:
                    places[node] = times(above, local(nodes[node]))
                    stack += [(child, places[node]) for child in nodes[node].get("children", [])]
            result.append(sorted(places.items()))
        return result

    def scene(self, places, primitives, skins):
        nodes = self.file.list("nodes")
        if any("EXT_mesh_gpu_instancing" in nodes[node].get("extensions", {}) for node, _ in places):
            return
        records = []
        for number, matrix in places:
            node = nodes[number]
            leaves = primitives.get(node.get("mesh"))
            if not leaves:
                continue
            mesh = self.file.list("meshes")[node["mesh"]]
            targets = len(mesh["primitives"][0].get("targets", []))
            weights = node.get("weights", mesh.get("weights", [0] * targets))
            skin = skins[node["skin"]] if "skin" in node else None
            records.append(
                digest("provchain/mesh/1", sorted(leaves), f32(weights)) + (skin or bytes(32))
                + f32(UNIT if skin else matrix))
        if records:
            self.add("SCENE", digest("provchain/scene/1", len(records), b"".join(sorted(records))))


def local(node):
    if "matrix" in node:
        return [float(number) for number in node["matrix"]]
    (tx, ty, tz), (sx, sy, sz) = node.get("translation", [0, 0, 0]), node.get("scale", [1, 1, 1])
    x, y, z, w = (float(number) for number in node.get("rotation", [0, 0, 0, 1]))
    x2, y2, z2 = x + x, y + y, z + z
    xx, xy, xz, yy, yz, zz = x * x2, x * y2, x * z2, y * y2, y * z2, z * z2
    wx, wy, wz = w * x2, w * y2, w * z2
    return [
        (1 - (yy + zz)) * sx, (xy + wz) * sx, (xz - wy) * sx, 0.0,
        (xy - wz) * sy, (1 - (xx + zz)) * sy, (yz + wx) * sy, 0.0,
        (xz + wy) * sz, (yz - wx) * sz, (1 - (xx + yy)) * sz, 0.0,
        float(tx), float(ty), float(tz), 1.0,
    ]


def times(a, b):
    return [
        ((a[row] * b[4 * column] + a[4 + row] * b[4 * column + 1]) + a[8 + row] * b[4 * column + 2])
        + a[12 + row] * b[4 * column + 3]
        for column in range(4) for row in range(4)
    ]


# ---- The tree

def root(leaves):
    """RFC 9162 section 2.1.1, over (type, hash as hex)."""
    level = [
        hashlib.sha256(b"\0" + cbor(["provchain/manifest-leaf/1", kind, bytes.fromhex(value)])).digest()
        for kind, value in sorted(leaves)
    ]

    def tree(part):
        if len(part) == 1:
            return part[0]
        half = 1
        while half * 2 < len(part):
            half *= 2
        return hashlib.sha256(b"\1" + tree(part[:half]) + tree(part[half:])).digest()

    return tree(level).hex()


def leaves(path=None, data=None):
    return Leaves(File(path, data)).all()
