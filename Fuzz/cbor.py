"""As much deterministic CBOR (RFC 8949 section 4.2.1) as the golden vectors need, without a package."""

from dataclasses import dataclass


@dataclass
class Tagged:
    number: int
    value: object


def head(major: int, value: int) -> bytes:
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if value < 24:
            return bytes([major << 5 | value])
        if value < 1 << (8 * size):
            return bytes([major << 5 | info]) + value.to_bytes(size, "big")
    raise ValueError(value)


def encode(item) -> bytes:
    if item is None or isinstance(item, bool):
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[item]
    if isinstance(item, int):
        return head(0, item) if item >= 0 else head(1, -1 - item)
    if isinstance(item, bytes):
        return head(2, len(item)) + item
    if isinstance(item, str):
        return head(3, len(item.encode())) + item.encode()
    if isinstance(item, list):
        return head(4, len(item)) + b"".join(map(encode, item))
    if isinstance(item, dict):
        pairs = sorted((encode(key), encode(value)) for key, value in item.items())
        return head(5, len(pairs)) + b"".join(key + value for key, value in pairs)
    if isinstance(item, Tagged):
        return head(6, item.number) + encode(item.value)
    raise TypeError(type(item))


def decode(data: bytes):
    item, end = _item(data, 0)
    assert end == len(data), f"{len(data) - end} bytes too many"
    return item


def _item(data: bytes, at: int):
    major, value = data[at] >> 5, data[at] & 31
    at += 1
    if value >= 24 and major != 7:
        size = 1 << (value - 24)
        value, at = int.from_bytes(data[at:at + size], "big"), at + size
    if major < 2:
        return (value if major == 0 else -1 - value), at
    if major < 4:
        content = data[at:at + value]
        return (content if major == 2 else content.decode()), at + value
    if major < 6:
        items = []
        for _ in range(value * (major - 3)):
            item, at = _item(data, at)
            items.append(item)
        return (items if major == 4 else dict(zip(items[::2], items[1::2]))), at
    if major == 6:
        item, at = _item(data, at)
        return Tagged(value, item), at
    return {20: False, 21: True, 22: None}[value], at
