"""RSH-96 in Python, written from the text of docs/similarity.md and nothing else.

numpy's float64 operations are IEEE 754 and element by element, so every rounding is that of the text. Sums are of
integers. Slow and short on purpose.
"""

import math

import numpy as np

ONE = 1048576.0


def weld(corners):
    """corners: (n, 3, 3) float32. Returns the label of each triangle: its connected component."""
    points, numbers = np.unique((corners + np.float32(0)).reshape(-1, 3), axis=0, return_inverse=True)
    numbers = numbers.reshape(-1, 3)
    parents = list(range(len(points)))

    def root(i):
        while parents[i] != i:
            parents[i] = parents[parents[i]]
            i = parents[i]
        return i

    for a, b, c in numbers.tolist():
        for other in (b, c):
            x, y = root(a), root(other)
            if x != y:
                parents[max(x, y)] = min(x, y)
    return np.array([root(a) for a in numbers[:, 0].tolist()])


def place(corners, matrix):
    """corners: (n, 3, 3) of any float type; matrix: 3 rows of 4, as float64. The order of additions counts."""
    x, y, z = (corners[..., k].astype(np.float64) for k in range(3))
    return np.stack([row[0] * x + row[1] * y + row[2] * z + row[3] for row in matrix], axis=-1)


def harmonics(x, y, z):
    """Eighty values for each direction: a list of (degree, array), in the order of the text."""
    values = []
    cosine, sine = np.ones_like(x), np.zeros_like(x)
    diagonal = 1.0
    for m in range(9):
        if m > 0:
            cosine, sine = x * cosine - y * sine, x * sine + y * cosine
        if m > 1:
            diagonal = diagonal * math.sqrt((2 * m - 1) / (2 * m))
        previous, current = np.zeros_like(x), np.full_like(x, diagonal)
        for l in range(m, 9):
            if l > m:
                root = math.sqrt(l * l - m * m)
                rise, fall = (2 * l - 1) / root, math.sqrt((l - 1) * (l - 1) - m * m) / root
                previous, current = current, rise * z * current - fall * previous
            if m == 0 and l > 0:
                values.append((l, current))
            elif m > 0:
                values.append((l, cosine * current))
                values.append((l, sine * current))
    return values


def integers(values):
    """To the nearest integer, ties to even."""
    return np.rint(values).astype(np.int64)


def total(values):
    """The exact sum of an int64 array that may not fit 64 bits on the way."""
    high, low = values >> 32, values & 0xFFFFFFFF
    return (int(high.sum()) << 32) + int(low.sum())


def rsh96(corners):
    """corners: (n, 3, 3) float64, where they stand. 96 bytes, or None if there is no area."""
    if len(corners) == 0 or not np.isfinite(corners).all():
        return None
    low, high = corners.min(axis=(0, 1)), corners.max(axis=(0, 1))
    extent = float((high - low).max())
    if not extent > 0 or not math.isfinite(extent):
        return None
    grid = np.trunc((corners - low) * (ONE / extent) + 0.5).astype(np.int64)
    order = np.lexsort((grid[..., 2], grid[..., 1], grid[..., 0]), axis=-1)
    grid = np.take_along_axis(grid, order[..., None], axis=1)

    u, v = grid[:, 1] - grid[:, 0], grid[:, 2] - grid[:, 0]
    cx = (u[:, 1] * v[:, 2] - u[:, 2] * v[:, 1]).astype(np.float64)
    cy = (u[:, 2] * v[:, 0] - u[:, 0] * v[:, 2]).astype(np.float64)
    cz = (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]).astype(np.float64)
    areas = np.trunc(np.sqrt(cx * cx + cy * cy + cz * cz) * 0.25 + 0.5).astype(np.int64)
    grid, areas = grid[areas > 0], areas[areas > 0]
    if len(areas) == 0:
        return None
    area = float(total(areas))

    weights = integers(areas.astype(np.float64) * (2.0**40 / area))
    whole = total(weights)
    centre = [
        float(total(weights * grid[:, :, axis].sum(axis=1))) / float(3 * whole) * (1 / ONE) for axis in range(3)
    ]
    mean = np.zeros(len(grid))
    for axis in range(3):
        p, q, r = (grid[:, k, axis].astype(np.float64) * (1 / ONE) - centre[axis] for k in range(3))
        part = p * p + q * q + r * r + p * q + q * r + r * p
        mean = part if axis == 0 else mean + part
    radius = math.sqrt(float(total(integers(weights.astype(np.float64) * mean))) / float(6 * whole))

    if radius == 0:
        return None
    inverse = 1 / radius
    corner = [
        [(grid[:, k, axis].astype(np.float64) * (1 / ONE) - centre[axis]) * inverse for axis in range(3)]
        for k in range(3)
    ]
    exact = np.sqrt(areas.astype(np.float64) * 12000.0 / area)
    splits = np.maximum(1, np.ceil(exact)).astype(np.int64)

    points, shares = [[], [], []], []
    for split in np.unique(splits).tolist():
        chosen = splits == split
        a, b, c = ([corner[k][axis][chosen] for axis in range(3)] for k in range(3))
        share = weights[chosen].astype(np.float64) / float(split * split)
        third = 1 / float(3 * split)
        for i in range(split):
            for j in range(split - i):
                for offset in (1, 2) if i + j + 2 <= split else (1,):
                    s, t = float(3 * i + offset) * third, float(3 * j + offset) * third
                    for axis in range(3):
                        points[axis].append(a[axis] + (b[axis] - a[axis]) * s + (c[axis] - a[axis]) * t)
                    shares.append(share)
    x, y, z = (np.concatenate(points[axis]) for axis in range(3))
    w = np.concatenate(shares)
    r = np.sqrt(x * x + y * y + z * z)

    radial = [0] * 32
    bins = r * 12.8
    last = bins >= 31
    radial[31] += total(integers(w[last]))
    index = np.where(last, 0, np.trunc(bins)).astype(np.int64)
    part = bins - index
    for k in range(31):
        here = ~last & (index == k)
        radial[k] += total(integers(w[here] * (1 - part[here])))
        radial[k + 1] += total(integers(w[here] * part[here]))

    away = r > 0
    x, y, z, w, r = x[away], y[away], z[away], w[away], r[away]
    turn = 1 / r
    values = harmonics(x * turn, y * turn, z * turn)
    position = r * (8.0 / 2.4) - 0.5
    sums = [[0] * 80 for _ in range(8)]
    for shell, chosen in ((0, position <= 0), (7, position >= 7)):
        for k, (_, value) in enumerate(values):
            sums[shell][k] += total(integers(value[chosen] * w[chosen]))
    between = (position > 0) & (position < 7)
    index = np.where(between, np.trunc(position), 0).astype(np.int64)
    part = position - index
    for shell in range(7):
        here = between & (index == shell)
        for target, weight in ((shell, w[here] * (1 - part[here])), (shell + 1, w[here] * part[here])):
            for k, (_, value) in enumerate(values):
                sums[target][k] += total(integers(value[here] * weight))

    print_ = [float(value) / float(whole) * 0.5 for value in radial]
    for shell in range(8):
        power = [0.0] * 9
        for k, (degree, _) in enumerate(values):
            power[degree] += float(sums[shell][k]) * float(sums[shell][k])
        print_ += [math.sqrt(power[degree]) / float(whole) for degree in range(1, 9)]
    return bytes(int(min(255.0, 512 * value + 0.5)) for value in print_)


def distance(a, b):
    return sum(abs(x - y) for x, y in zip(a, b))
