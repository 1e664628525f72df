"""The inputs of random.json: (seed, size, kind) to bytes. RandomInput in Tests/ProvChainTests/Assets/ISCC is the
same in Swift.

xorshift64* gives eight little-endian bytes a step. Kind 0 is those bytes; kind 1 keeps two bits of each, so that
chunks get long; kind 2 repeats the first 97 bytes, so that chunks repeat.
"""
MASK = (1 << 64) - 1
PERIOD = 97


def stream(seed, size):
    words, state = [], seed
    for _ in range((size + 7) // 8):
        state ^= state >> 12
        state = (state ^ (state << 25)) & MASK
        state ^= state >> 27
        words.append(((state * 0x2545F4914F6CDD1D) & MASK).to_bytes(8, "little"))
    return b"".join(words)[:size]


def content(seed, size, kind):
    if kind == 0:
        return stream(seed, size)
    if kind == 1:
        return bytes(byte & 3 for byte in stream(seed, size))
    unit = stream(seed, PERIOD)
    return (unit * (size // PERIOD + 1))[:size]
