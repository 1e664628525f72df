"""Prints of primitives in usual proportions; run in this folder, it writes PrimitivePrints+….swift.

A proportion is listed if no listed print of the same shape is as near as STEP. Prints move about 60 when a side
grows by 5%, so this is a list of what programs and habits offer, not a net that every box falls into.
"""

import math

import numpy as np

from rsh96 import distance, rsh96

STEP = 40


def patch(columns, rows, point):
    at = [[point(c / columns, r / rows) for c in range(columns + 1)] for r in range(rows + 1)]
    faces = []
    for r in range(rows):
        for c in range(columns):
            a, b, d, e = at[r][c], at[r][c + 1], at[r + 1][c], at[r + 1][c + 1]
            faces += [(a, b, e), (a, e, d)]
    return faces


def turned(profile, sides):
    faces = []
    for (r0, h0), (r1, h1) in zip(profile, profile[1:]):
        for k in range(sides):
            a, b = (2 * math.pi * ((k + d) % sides) / sides for d in (0, 1))
            p, q = (r0 * math.cos(a), r0 * math.sin(a), h0), (r0 * math.cos(b), r0 * math.sin(b), h0)
            s, t = (r1 * math.cos(a), r1 * math.sin(a), h1), (r1 * math.cos(b), r1 * math.sin(b), h1)
            faces += [(p, q, t), (p, t, s)]
    return faces


def box(x, y, z):
    return (
        patch(1, 1, lambda u, v: (x * u, y * v, 0)) + patch(1, 1, lambda u, v: (x * u, y * v, z))
        + patch(1, 1, lambda u, v: (x * u, 0, z * v)) + patch(1, 1, lambda u, v: (x * u, y, z * v))
        + patch(1, 1, lambda u, v: (0, y * u, z * v)) + patch(1, 1, lambda u, v: (x, y * u, z * v))
    )


def arc(rings, start, end, radius=1.0, at=(0.0, 0.0)):
    return [
        (at[0] + radius * math.sin(start + (end - start) * k / rings),
         at[1] + radius * math.cos(start + (end - start) * k / rings))
        for k in range(rings + 1)
    ]


SIDES = (8, 12, 32)
# Height to radius, or long to short side.
RATIOS = (0.1, 0.2, 0.5, 1, 2, 3, 4, 6, 8, 16)


def families():
    """(name, triangles) in an order that starts with the plainest."""
    sizes = (1, 1.5, 2, 3, 4, 6, 8, 16)
    for y in sizes:
        for z in sizes:
            if z >= y:
                yield "box", box(1, y, z)
    for y in sizes:
        yield "plane", patch(1, 1, lambda u, v: (u, y * v, 0))
    for sides in SIDES:
        yield "disc", turned([(0, 0), (1, 0)], sides)
        for inner in (0.5, 0.75, 0.9):
            yield "disc", turned([(inner, 0), (1, 0)], sides)
    for sides in SIDES:
        yield "sphere", turned(arc(sides // 2, 0, math.pi), sides)
        yield "sphere", turned(arc(sides // 4, 0, math.pi / 2), sides)
        yield "sphere", turned(arc(sides // 4, 0, math.pi / 2) + [(0, 0)], sides)
    for ratio in RATIOS:
        for sides in SIDES:
            yield "cylinder", turned([(0, 0), (1, 0), (1, ratio), (0, ratio)], sides)
            yield "tube", turned([(1, 0), (1, ratio)], sides)
            for top in (0, 0.5):
                yield "cone", turned([(0, 0), (1, 0), (top, ratio), (0, ratio)], sides)
            yield "cone", turned([(1, 0), (0, ratio)], sides)
        yield "capsule", turned(arc(8, 0, math.pi / 2, at=(0, ratio)) + arc(8, math.pi / 2, math.pi), 32)
    for tube in (0.05, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5):
        for sides, rings in ((12, 6), (48, 24)):
            yield "torus", turned(arc(rings, 0, 2 * math.pi, tube, (1, 0)), sides)


def listed():
    kept = {}
    for name, faces in families():
        corners = np.array(faces, dtype=np.float32).astype(np.float64)
        value = rsh96(corners)
        if all(distance(value, other) > STEP for other in kept.setdefault(name, [])):
            kept[name].append(value)
    return kept


def swift(name, prints):
    lines = [
        f"/// Prints of primitives, as `Studies/similarity/primitives.py` computes them: {', '.join(prints)}.",
        "extension PrimitivePrints {",
        f"    static let {name}: [PrimitiveShape: String] = [",
    ]
    for shape, values in prints.items():
        lines.append(f'        .{shape}: """')
        for value in values:
            lines += [f"            {value.hex()[:96]}", f"            {value.hex()[96:]}"]
        lines.append('            """,')
    return "\n".join(lines + ["    ]", "}", ""])


if __name__ == "__main__":
    folder = "../../Sources/ProvChain/Assets/Similarity"
    kept = listed()
    print({name: len(prints) for name, prints in kept.items()}, sum(map(len, kept.values())))
    flat = ("box", "plane", "disc", "sphere")
    for file, name, chosen in (
        ("PrimitivePrints+plain.swift", "plain", flat),
        ("PrimitivePrints+turned.swift", "turned", [shape for shape in kept if shape not in flat]),
    ):
        with open(f"{folder}/{file}", "w", encoding="ascii") as out:
            out.write(swift(name, {shape: kept[shape] for shape in chosen}))
