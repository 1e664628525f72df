"""Inputs made to cost as much as they can for their length: depth, counts, repetition, everything that has ever
made a parser quadratic. They are as large as the formats let them be, far beyond what a fuzzer tries."""

import base64
import json
import struct

from cbor import Tagged, decode, encode, head

MEBI = 1 << 20


def cbor_cases():
    keys = b"".join(encode(number) + b"\x80" for number in range(200_000))
    nested = b"\x00"
    for _ in range(15):
        # Maps as keys of maps: each level has to be written again to be compared.
        nested = b"\xa1" + nested + b"\xf6"
    wide = encode(b"k" * 60_000)
    for _ in range(15):
        wide = b"\xa1" + wide + b"\xf6"
    yield from (b"\x81" * MEBI, b"\xa1\x00" * MEBI, b"\xc1" * MEBI, b"\x9b" + b"\xff" * 8, b"\x5b" + b"\x7f" * 8)
    yield from (head(5, 200_000) + keys, nested, wide, head(4, MEBI) + b"\x00" * MEBI)
    yield head(4, 100_000) + b"\x80" * 100_000


def statement_cases(golden):
    for vector in golden:
        if vector["name"] in ("statement: registration, EdDSA", "statement: enrolment with two keys"):
            message = decode(bytes.fromhex(vector["hex"]))
            payload = decode(message.value[2])
            if 5 in payload and isinstance(payload[5], dict):
                payload[5][5] = [struct.pack(">I", number) + bytes(28) for number in range(512)]
                payload[7] = [[1, bytes(32), number] for number in range(16)]
            message.value[2] = encode(payload)
            yield encode(Tagged(18, message.value))
    yield encode({1: bytes(65_535), 2: [bytes(MEBI)] * 8})
    yield encode({1: 1, 2: "t" * 1_000, 3: "d" * 20_000, 4: ["a" * 500] * 100})


def bundle_cases(golden):
    whole = decode(next(bytes.fromhex(v["hex"]) for v in golden if v["name"] == "bundle of a work"))
    history, records, statements = whole[11], whole[10], whole[9]
    yield encode({**whole, 11: history[:1] * 50_000})
    yield encode({**whole, 9: [[b"", number, []] for number in range(50_000)]})
    yield encode({**whole, 9: statements[:1] * 2_000})
    yield encode({**whole, 9: [[statements[0][0], number, statements[0][2]] for number in range(2_000)]})
    yield encode({**whole, 10: records[:1] * 5_000})
    many = [[f"urn:provchain:work:{number:064x}", None, [b"", [], None]] for number in range(20_000)]
    yield encode({**whole, 10: many})
    yield encode({**whole, 12: bytes(4 * MEBI), 13: bytes(4 * MEBI)})


def note_cases():
    root = base64.b64encode(bytes(32)).decode()
    line = "— " + "n" * 255 + " " + base64.b64encode(bytes(500)).decode() + "\n"
    texts = ["\n" * MEBI, "a\n\n" + line * 1_024, "a\n\n" + "— n " + "A" * (MEBI - 32) + "\n"]
    texts += [f"origin\n1\n{root}\n" + "x\n" * 500_000, "+".join(["n"] * 300_000), "\n— " * 200_000 + "\n"]
    yield from (text.encode()[:MEBI] for text in texts)
    yield ("a\n\n" + "— n AAAAAAA=\n" * 1_024).encode()


def manifest_cases():
    files = [[f"{number:05}/" + "p" * 1_018, "a/b", 1, bytes(32)] for number in range(4_096)]
    leaves = [["GEO", struct.pack(">I", number) + bytes(28)] for number in range(65_536)]
    prints = [["a" * 32, number, bytes(32)] for number in range(65_536)]
    yield encode({1: "manifest/1", 2: files})
    yield encode({1: "manifest/1", 2: files[:1], 3: leaves})
    yield encode({1: "manifest/1", 2: files[:1], 3: leaves, 4: prints})
    yield ("../" * 300_000).encode()


def json_cases():
    yield from (b"[" * MEBI, b'{"a":' * 200_000, b"[" * 63 + b"]" * 63, b"1" * MEBI, b"[" + b"1," * 500_000 + b"1]")
    yield b"0." + b"9" * 1_090
    yield json.dumps({f"k{number}": number for number in range(60_000)}).encode()
    yield b'"' + b"\\u0041" * 150_000 + b'"'
    yield b'{"' + b"k" * 500_000 + b'":1,"' + b"k" * 500_000 + b'":2}'
    yield b"data:;base64," + b"A" * MEBI
    yield b" " * MEBI


def gltf(**members) -> bytes:
    return json.dumps({"asset": {"version": "2.0"}, **members}, separators=(",", ":")).encode()


def gltf_cases():
    count = 20_000
    yield gltf(nodes=[{"children": [number + 1]} for number in range(count)] + [{}], scenes=[{"nodes": [0]}])
    yield gltf(nodes=[{"children": [(number + 1) % count]} for number in range(count)])
    yield gltf(nodes=[{"children": list(range(count))}] * 20)
    joints = list(range(1_000))
    yield gltf(nodes=[{}] * 1_000, skins=[{"joints": joints}] * 100)
    chain = [{"children": [number + 1]} for number in range(999)] + [{}]
    yield gltf(nodes=chain, skins=[{"joints": joints, "skeleton": 999}] * 100)
    view = {"buffer": 0, "byteLength": 36}
    accessor = {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0] * 3, "max": [0] * 3}
    buffer = {"byteLength": 36, "uri": "data:application/octet-stream;base64," + base64.b64encode(bytes(36)).decode()}
    yield gltf(buffers=[buffer], bufferViews=[view], accessors=[accessor] * 5_000)
    primitive = {"attributes": {"POSITION": 0}}
    meshes = [{"primitives": [primitive] * 5_000}]
    yield gltf(buffers=[buffer], bufferViews=[view], accessors=[accessor], meshes=meshes)
    huge = {"componentType": 5126, "count": 1 << 40, "type": "VEC3"}
    yield gltf(accessors=[huge], meshes=[{"primitives": [primitive]}])
    targets = {"node": 0, "path": "translation"}
    channels = [{"sampler": 0, "target": targets}] * 5_000
    sampler = {"input": 0, "output": 0}
    yield gltf(nodes=[{}], accessors=[accessor], bufferViews=[view], buffers=[buffer],
               animations=[{"channels": channels, "samplers": [sampler] * 2_000}])
    yield gltf(extensionsUsed=[f"X{number}" for number in range(50_000)])
    yield gltf(extensionsUsed=["X"] * 50_000, extensionsRequired=["X"] * 50_000)
    yield gltf(images=[{"bufferView": 0, "mimeType": "image/png"}] * 5_000, bufferViews=[view], buffers=[buffer])
    chunk = struct.pack("<I4s", 0, b"JUNK")
    yield b"glTF" + struct.pack("<II", 2, 12 + 8 * 100_000) + chunk * 100_000


def mesh_cases():
    points = b"v 0 0 0\n" * 3
    yield points + b"f" + b" 1" * 500_000
    yield b"v 0 0 0 \\\n" * 50_000
    yield b"\\\n" * 500_000
    yield points + b"".join(b"usemtl m%d\nf 1 2 3\n" % number for number in range(40_000))
    yield points + b"".join(b"o " + b"n" * 1_000 + b"%d\nf 1 2 3\n" % number for number in range(900))
    yield b"v " + b"9" * 60 + b"e" + b"\n"
    yield b"solid\n" + b"facet\nouter\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\n" * 12_000 + b"endsolid\n"
    yield b"solid\nendsolid\n" * 60_000
    yield bytes(80) + struct.pack("<I", 20_000) + bytes(50 * 20_000)
    yield b"\xff\xd8\xff" + b"\xe0\x00\x02\xff" * 250_000
    yield b"\xff\xd8" + b"\xff" * MEBI


def text_cases():
    marks = "\u0301\u0327\u05b0\u0f71" * 60_000
    # Three times what gets here: a description has 20 000 bytes at most, the head of a request 16 KiB.
    yield from (text.encode()[:65_536] for text in (
        "a" + marks, marks[::-1], "\ufdfa" * 100_000, "각" * 100_000, "Σ" + "'" * 200_000 + "Σ", "Σ'" * 100_000,
        "\r\n" * 300_000, "a\u0301 " * 100_000, "\U0001F468\u200d" * 50_000, "%41" * 300_000, "a=b&" * 200_000,
        "application/cbor;q=0.1," * 40_000, "A" * MEBI, "0" * MEBI, "ISCC:" + "A" * MEBI, "urn:provchain:" + "a" * MEBI))
    yield b"\xcc\x81" * 32_768


def key_cases():
    yield ("did:key:z" + "2" * MEBI).encode()
    yield " ".join(["abandon"] * 100_000).encode()
    yield " ".join(["x" * 40_000] * 24).encode()
    yield " ".join(["abandom" + "\u0301" * 4] * 24).encode()


def tile_cases():
    yield b"tile/" + b"x000/" * 200_000 + b"000"
    yield b"\0\0" * 500_000
    yield b"\xff\xff" + bytes(65_535)
    yield bytes(256 * 32)


def cases(golden) -> dict:
    header = next(bytes.fromhex(v["hex"]) for v in golden if v["rule"] == "header")
    proof = [b"\xff" * 32, [bytes([1]) * 32] * 256, None]
    # A torn end in which a record begins every 8 bytes, each with a length that could be true.
    claims = b"PROVSEG2" + bytes(24) + b"PREC\0\2\0\0" * (MEBI // 8)
    return {
        "cbor": cbor_cases(), "statement": statement_cases(golden), "bundle": bundle_cases(golden),
        "note": note_cases(), "manifest": manifest_cases(), "json": json_cases(), "gltf": gltf_cases(),
        "mesh": mesh_cases(), "text": text_cases(), "key": key_cases(), "tile": tile_cases(),
        "record": [encode([b"b" * MEBI, 1, bytes(32)]), encode([[0] * 500_000, 1, bytes(32)])],
        "cose": [encode(Tagged(18, [bytes(MEBI), {}, bytes(MEBI), bytes(64)])), b"\xd2\x84\x40" + b"\xa1\x00" * 500_000],
        "block": [encode(proof), header + bytes(MEBI), encode([1, b"\xff" * 7, [bytes(64)] * 50])],
        "genesis": [encode([0, 0, 1, {}, [0] * 50, bytes(32)]), bytes(MEBI)],
        "log": [encode([0, 0, [b""] * 500_000, b""]), encode([0, 0, [bytes(65_535)] * 16, b""]), b"PREC" * 500, claims],
    }
