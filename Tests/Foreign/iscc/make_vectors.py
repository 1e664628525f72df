"""Writes the ISCC vectors with the reference implementation, iscc-core (Apache-2.0).

    pip install iscc-core==1.5.0 && python3 make_vectors.py

vectors/iscc-core.json   what iscc-core's data.json has for the four kinds of code that ProvChain makes
vectors/random.json      1,000 inputs of all size classes: [seed, size, kind, Data-Code, Instance-Code], 256 bits
vectors/text.json        titles and descriptions from all over Unicode, with their Meta-Codes
vectors/models.json      every public model beside the repository: [path, size, Data-Code, Instance-Code, ISCC-SUM]
"""
import io
import json
import math
import os
import pathlib
import random

import iscc_core as ic
import jcs
import unicodedata
from data_url import DataURL
from prng import content

OUTPUT = pathlib.Path(__file__).parent / "vectors"
SHARED = pathlib.Path(os.environ.get("PROV_SHARED") or pathlib.Path(__file__).resolve().parents[3].parent / "shared")
MODELS = SHARED / "models"
ROWS = 1000
LARGE_ROWS = 30


def write(name, head, key, rows):
    text = json.dumps(head, ensure_ascii=False)[:-1] + f', "{key}": [\n'
    text += ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]}\n"
    (OUTPUT / name).write_text(text)


def published():
    data = json.loads((pathlib.Path(ic.__file__).parent / "data.json").read_text())
    rows = []
    for function in ("gen_meta_code_v0", "gen_data_code_v0", "gen_instance_code_v0", "gen_iscc_code_v0"):
        for name, case in data[function].items():
            row = {"function": function, "name": name, **case["outputs"]}
            inputs = case["inputs"]
            if function == "gen_meta_code_v0":
                row |= {"title": inputs[0], "about": inputs[1] or "", "bits": inputs[3]}
                if isinstance(inputs[2], dict):
                    row["payload"] = jcs.canonicalize(inputs[2]).hex()
                elif inputs[2]:
                    row["payload"] = DataURL.from_url(inputs[2]).data.hex()
                row |= {"name": name, "normalTitle": row["name"], "normalAbout": row.pop("description", "")}
                row.pop("meta", None)
            elif function == "gen_iscc_code_v0":
                row["units"] = inputs[0]
            else:
                row |= {"bytes": inputs[0].removeprefix("stream:"), "bits": inputs[1]}
            rows.append(row)
    head = {"source": "iscc-core 1.5.0, iscc_core/data.json, trimmed; `payload` is the metadata as bytes",
            "licence": "Apache-2.0", "copyright": "The ISCC Foundation"}
    write("iscc-core.json", head, "cases", rows)


def sizes(rng):
    edges = [255, 256, 257, 639, 640, 641, 1023, 1024, 1025, 4095, 4096, 4097, 8191, 8192, 8193, 16383, 16384, 16385,
             65535, 65536, 65537, 131071, 131072, 131073]
    yield from range(65)
    for edge in edges:
        yield from (edge,) * 3
    for _ in range(LARGE_ROWS):
        yield int(math.exp(rng.uniform(math.log(65536), math.log(4 << 20))))
    while True:
        yield int(math.exp(rng.uniform(math.log(64), math.log(65536))))


def generated():
    rng, rows = random.Random(24138), []
    for number, size in zip(range(ROWS), sizes(rng)):
        seed, kind = rng.getrandbits(63) | 1, number % 3
        data = content(seed, size, kind)
        rows.append([str(seed), size, kind, ic.soft_hash_data_v0(io.BytesIO(data)).hex(),
                     ic.hash_instance_v0(io.BytesIO(data)).hex()])
    write("random.json", {"source": "iscc-core 1.5.0 on the inputs of prng.py"}, "rows", rows)


def models():
    """Real files: the same numbers as those of a user who asks iscc-core and provcli."""
    rows = []
    for path in sorted(MODELS.rglob("*")):
        if path.suffix not in (".glb", ".gltf", ".vrm", ".obj", ".stl", ".png"):
            continue
        data = path.read_bytes()
        units = [make(io.BytesIO(data))["iscc"] for make in (ic.gen_data_code_v0, ic.gen_instance_code_v0)]
        rows.append([path.relative_to(MODELS).as_posix(), len(data), ic.soft_hash_data_v0(io.BytesIO(data)).hex(),
                     ic.hash_instance_v0(io.BytesIO(data)).hex(), ic.gen_iscc_code_v0(units)["iscc"]])
    write("models.json", {"source": "iscc-core 1.5.0 on ../shared/models"}, "rows", rows)


def random_texts(rng, assigned, special):
    lines = [0x0A, 0x0D, 0x0B, 0x85, 0x2028, 0x20, 0x20, 0x09, 0xA0, 0x3000, 0x200B]
    greek = [ord(c) for c in "ΣΑΒσς.'- "] + [0x301, 0x345]
    hangul = [0x1100, 0x1161, 0x11A8, 0xAC00, 0xAC01, 0x1112, 0x1175, 0x11C2]

    def text(size):
        pools = [assigned, special, lines, greek, hangul, range(0x20, 0x7F)]
        weights = [rng.random() ** 3 for _ in pools]
        return "".join(chr(rng.choice(rng.choices(pools, weights)[0])) for _ in range(size))

    while True:
        yield text(rng.randrange(1, 60)), text(rng.choice([0, 0, 3, 10, 40]))


def texts():
    """First every scalar that has a decomposition or a combining class, then random texts of every kind.

    Only scalars that this Python's Unicode knows: the one of Swift is newer, and unassigned ones are left out."""
    rng = random.Random(24138)
    assigned = [c for c in range(0x20, 0x110000) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")]
    special = [c for c in assigned if unicodedata.normalize("NFKD", chr(c)) != chr(c) or unicodedata.combining(chr(c))]
    special = [c for c in special if not 0xAC00 <= c < 0xD7A4 or c % 28 < 2]
    inputs = [("all", "x".join(map(chr, special[i:i + 80]))) for i in range(0, len(special), 80)]
    source, rows = random_texts(rng, assigned, special), []
    while len(rows) < ROWS:
        title, about = inputs.pop(0) if inputs else next(source)
        try:
            result = ic.gen_meta_code_v0(title, about, bits=256)
        except ValueError:  # nothing is left of the title
            continue
        rows.append([title, about, result["iscc"], result["metahash"]])
    write("text.json", {"source": f"iscc-core 1.5.0, Unicode {unicodedata.unidata_version}"}, "rows", rows)


if __name__ == "__main__":
    published()
    generated()
    texts()
    if MODELS.is_dir():
        models()
