#!/usr/bin/env python3
"""Makes what the fuzzers start from, out of what is in the repository.

    Fuzz/inputs.py FOLDER

FOLDER/seeds/TARGET/…   valid inputs: golden vectors, their parts, and texts of each format
FOLDER/worst/TARGET/…   large hostile inputs, each of which has to be done within the time limit
FOLDER/words/TARGET     words that a fuzzer puts in, one to a line, in libFuzzer's form
FOLDER/trusted/…        the genesis file and the bundles that really are of its chain

Needs nothing but Python. Models and the Khronos validator's files are added if PROV_SHARED or ../shared has them.
"""

import base64
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import worst
from cbor import Tagged, decode, encode

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("PROV_SHARED", ROOT.parent / "shared"))
# Larger files of other projects are left out: a fuzzer learns little from them.
LARGEST_FOREIGN_FILE = 16_384
MOST_FOREIGN_FILES = 200


def golden():
    return json.loads((ROOT / "Tests/ProvChainTests/Vectors/golden.json").read_text())


def base58(data: bytes) -> str:
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = alphabet[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def record(payload: bytes, salt: bytes, offset: int) -> bytes:
    length = struct.pack(">I", len(payload))
    place = salt + struct.pack(">Q", offset) + length
    seal, checksum = hashlib.sha256(place).digest()[:8], hashlib.sha256(place + payload).digest()
    return b"PREC" + length + seal + checksum + payload


class Seeds:
    def __init__(self):
        self.by_target: dict[str, list[bytes]] = {}

    def add(self, target: str, *inputs):
        for data in inputs:
            self.by_target.setdefault(target, []).append(data.encode() if isinstance(data, str) else bytes(data))

    def write(self, folder: Path):
        for target, inputs in self.by_target.items():
            place = folder / target
            place.mkdir(parents=True, exist_ok=True)
            for data in inputs:
                (place / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def message_parts(seeds: Seeds, data: bytes):
    """A COSE_Sign1 and what is inside it."""
    protected, _, payload, signature = decode(data).value
    seeds.add("statement", data, protected, payload, encode(decode(protected)[15]))
    seeds.add("cose", data, encode([protected, signature]))


def from_golden(seeds: Seeds, trusted: Path):
    for vector in golden():
        rule, data = vector["rule"], bytes.fromhex(vector["hex"])
        if len(data) <= 4096:
            seeds.add("cbor", data)
        if rule in ("statement", "signed-application"):
            message_parts(seeds, data)
        elif rule in ("submission", "work-metadata"):
            seeds.add("statement", data)
        elif rule.startswith("stored-") or rule == "history-link":
            seeds.add("record", data, encode(decode(data)[0]))
        elif rule == "receipt":
            protected, _, _, signature = decode(data).value
            seeds.add("cose", data, encode([protected, signature]))
        elif rule == "cose-key":
            keys(seeds, data)
        elif rule in ("genesis-file", "epoch-record", "state-checkpoint"):
            seeds.add("genesis", data)
            if rule == "genesis-file":
                genesis = decode(data)[0]
                seeds.add("genesis", encode(genesis), encode(genesis[6]))
            if rule == "epoch-record":
                seeds.add("genesis", encode(decode(data)[4][0]))
        elif rule in ("header", "header-leaf", "certificate", "vote-message") or rule.endswith("-proof"):
            seeds.add("block", data)
        elif rule == "manifest":
            seeds.add("manifest", data, *(encode(part) for key in (2, 3, 4, 5) for part in decode(data).get(key, [])))
        elif rule == "bundle":
            seeds.add("bundle", data)
            (trusted / f"bundle-{len(data)}").write_bytes(data)
        if vector["name"] == "genesis file of the bundles":
            (trusted / "genesis").write_bytes(data)


def keys(seeds: Seeds, data: bytes):
    key = decode(data)
    x, codec = key[-2], {6: b"\xed\x01", 4: b"\xec\x01", 8: b"\xe7\x01"}[key[-1]]
    point = (b"\x03" if key[-3][-1] & 1 else b"\x02") + x if -3 in key else x
    seeds.add("key", data, point, "did:key:z" + base58(codec + point))
    algorithm = {6: {2: -8}, 8: {2: -47}, 4: {}}[key[-1]]
    plain = {1: "provchain/key-file/1", **algorithm, 3: data, 6: bytes(range(32))}
    derivation = [2, 3, 1 << 16, bytes(range(16))]
    sealed = {**plain, 4: derivation, 5: bytes(range(24)), 6: bytes(range(48))}
    seeds.add("key", encode(plain), encode(sealed), encode(derivation))


def of_texts(seeds: Seeds):
    digest = hashlib.sha256(b"x").hexdigest()
    for kind in ("chain", "member", "party", "key", "work", "offer", "component", "statement"):
        seeds.add("text", f"urn:provchain:{kind}:{digest}", encode(f"urn:provchain:{kind}:{digest}"))
    seeds.add("text", f"urn:provchain:version:{digest}:12", f"urn:provchain:title:{digest}:1", digest, "2.0")
    vectors = ROOT / "Tests/Foreign/iscc/vectors"
    for case in json.loads((vectors / "iscc-core.json").read_text())["cases"]:
        seeds.add("text", *(value for value in case.values() if isinstance(value, str) and len(value) <= 512))
    seeds.add("text", "q=glazed+vase&after=%E8%8A%B1&limit=10&pretty", "application/cbor;q=0.9, application/json;q=0.5")
    seeds.add("text", "ΣΑΣ. ο̈́ ﷺ ﬁ 각 각 K Å", "application/vnd.provchain.statement+cbor;type=work.register")
    seeds.add("key", " ".join(["abandon"] * 23 + ["art"]), bytes(32))
    root = base64.b64encode(bytes(range(32))).decode()
    checkpoint = f"museum.example/provchain\n42\n{root}\n"
    line = "— museum.example/provchain " + base64.b64encode(bytes(range(68))).decode() + "\n"
    witness = "— Witness/花 " + base64.b64encode(bytes(range(76))).decode() + "\n"
    seeds.add("note", checkpoint, checkpoint + "\n" + line, checkpoint + "extension\n\n" + line + witness, "name")
    # The example of Go's golang.org/x/mod/sumdb/note.
    seeds.add("note", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    for path in ("0/000", "0/x001/x234/067", "7/000.p/255", "entries/x123/456.p/1", "entries/000"):
        seeds.add("tile", "tile/" + path)


def of_trees(seeds: Seeds):
    statements = [bytes.fromhex(v["hex"]) for v in golden() if v["rule"] == "statement"]
    for count in (1, 2, 3):
        seeds.add("tile", b"".join(struct.pack(">H", len(entry)) + entry for entry in statements[:count]))
    seeds.add("tile", bytes(range(32)), bytes(range(128)), b"\0", b"\2\1\2", b"".join(b"\0\1" + b"x" for _ in range(256)))
    seeds.add("block", encode([5, [bytes(range(32)), bytes(range(32))]]), encode([7, 6, [bytes(range(32))] * 2]))
    blocks = [encode([height, 1000 + height, statements[height:height + 2], b"certificate"]) for height in (0, 1)]
    salt = bytes(range(16))
    segment = b"PROVSEG2" + bytes(8) + salt
    for payload in blocks:
        segment += record(payload, salt, len(segment))
    durable = encode([1, 10, 3, 1003, bytes(range(32)), 500, 60])
    seeds.add("log", *blocks, segment, segment[:-7], segment[:32], durable, encode([3, 9, 1003, b"certificate"]))
    seeds.add("log", b"".join(struct.pack(">I", 8) + bytes(8) for _ in range(3)))


def of_assets(seeds: Seeds, folder: Path):
    sample = folder / "sample.glb"
    subprocess.run([sys.executable, ROOT / "scripts/sample-model", sample], check=True, stdout=subprocess.DEVNULL)
    data = sample.read_bytes()
    length = struct.unpack("<I", data[12:16])[0]
    document, binary = json.loads(data[20:20 + length]), data[28 + length:]
    seeds.add("gltf", data)
    for uri in ("data:application/octet-stream;base64," + base64.b64encode(binary).decode(), "folder/part%20one.bin"):
        document["buffers"][0]["uri"] = uri
        seeds.add("gltf", json.dumps(document))
        seeds.add("json", uri, json.dumps(document)[:4096])
    seeds.add("json", json.dumps(document, indent=1), '{"a": [1, -0, 1.5e-3, "\\u00e9\\ud83d\\ude00", true, null, {}]}')
    seeds.add("json", "9007199254740993", "1e400", '"\\\\ \\/ \\b"', "[[[[[[[[]]]]]]]]", "../a.bin", "a/%2e%2e/b")
    obj = "mtllib a.mtl\no vase\nv 0 0 0\nv 1 0 0\nv 0 1 0 # top\nv 1 1 0\nvt 0 0\nvn 0 0 1\nusemtl jade\nf 1/1/1 2/1/1 3/1/1\n"
    seeds.add("mesh", obj, obj + "g two\nf -1 -2 \\\n-3 -4\n")
    facet = "facet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1e-2 0\nendloop\nendfacet\n"
    seeds.add("mesh", f"solid a\n{facet}{facet}endsolid a\nsolid b\nendsolid b\n")
    corners = struct.pack("<12fH", 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0)
    seeds.add("mesh", bytes(80) + struct.pack("<I", 2) + corners * 2)
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBBI", 13, b"IHDR", 64, 32, 8, 6, 0, 0, 0, 0)
    seeds.add("mesh", png, b"\xff\xd8\xff\xe0\0\x04ab\xff\xc0\0\x11\x08\0\x20\0\x40\x03")
    foreign(seeds)


def foreign(seeds: Seeds):
    """Files of other projects, the smallest first; without them the fuzzers only start with less."""
    for target, endings in (("gltf", (".glb", ".gltf")), ("mesh", (".obj", ".stl"))):
        files = [path for ending in endings for path in SHARED.rglob("*" + ending) if path.is_file()]
        small = sorted((path for path in files if path.stat().st_size <= LARGEST_FOREIGN_FILE),
                       key=lambda path: (path.stat().st_size, path.name))
        for path in small[:MOST_FOREIGN_FILES]:
            seeds.add(target, path.read_bytes())


def words(folder: Path):
    """The names of the formats, as the sources spell them."""
    folder.mkdir(parents=True, exist_ok=True)
    for target, place in (("gltf", "GLTF"), ("json", "GLTF"), ("mesh", "OBJ"), ("mesh", "STL")):
        sources = "".join(path.read_text() for path in sorted((ROOT / "Sources/ProvChain/Assets" / place).glob("*.swift")))
        names = sorted(set(re.findall(r'"([A-Za-z][A-Za-z0-9_]{1,40})"', sources)))
        with open(folder / target, "a") as file:
            file.writelines(f'"{name}"\n' for name in names)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    trusted = folder / "trusted"
    trusted.mkdir(parents=True, exist_ok=True)
    seeds = Seeds()
    from_golden(seeds, trusted)
    of_texts(seeds)
    of_trees(seeds)
    of_assets(seeds, folder)
    seeds.write(folder / "seeds")
    words(folder / "words")
    hostile = Seeds()
    for target, inputs in worst.cases(golden()).items():
        hostile.add(target, *inputs)
    hostile.write(folder / "worst")
    for kind, made in (("seeds", seeds), ("worst cases", hostile)):
        print(f"{sum(map(len, made.by_target.values()))} {kind} for {len(made.by_target)} targets")


if __name__ == "__main__":
    main()
