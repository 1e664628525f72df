"""Writes the BLAKE3 vectors: the lengths and inputs of the official test_vectors.json, the outputs by the
PyPI package `blake3` (the official Rust implementation).

    pip install blake3 && python3 make_blake3_vectors.py > vectors/blake3.json
"""
import json

from blake3 import blake3

LENGTHS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 63, 64, 65, 127, 128, 129, 1023, 1024, 1025, 2048, 2049, 3072, 3073, 4096,
           4097, 5120, 5121, 6144, 6145, 7168, 7169, 8192, 8193, 16384, 31744, 102400]
KEY = b"whats the Elvish word for friend"
CONTEXT = "BLAKE3 2019-12-27 16:29:52 test vectors context"
OUTPUT_BYTES = 131

cases = []
for length in LENGTHS:
    data = bytes(i % 251 for i in range(length))
    cases.append({
        "input_len": length,
        "hash": blake3(data).digest(length=OUTPUT_BYTES).hex(),
        "keyed_hash": blake3(data, key=KEY).digest(length=OUTPUT_BYTES).hex(),
        "derive_key": blake3(data, derive_key_context=CONTEXT).digest(length=OUTPUT_BYTES).hex(),
    })
head = {"source": "inputs of BLAKE3's test_vectors.json, outputs of the PyPI package blake3",
        "licence": "CC0-1.0 or Apache-2.0", "key": KEY.decode(), "context_string": CONTEXT}
print(json.dumps(head)[:-1] + ', "cases": [\n' + ",\n".join(json.dumps(c) for c in cases) + "\n]}")
