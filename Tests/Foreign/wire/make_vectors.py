"""Writes vectors.json: messages between nodes as cbor2 encodes them, and whole connections as noiseprotocol makes
them. Nothing of it is random: running this again gives the same bytes.

    .venv/bin/python Tests/Foreign/wire/make_vectors.py
"""

import hashlib
import json
import struct
import warnings
from pathlib import Path

import cbor2
from noise.connection import Keypair, NoiseConnection

FILE = Path(__file__).with_name("vectors.json")
CHAIN = hashlib.sha256(b"a chain").digest()
PROLOGUE = cbor2.dumps(["provchain/wire/1", CHAIN, 1], canonical=True)
MESSAGES_PER_KEY = 1 << 16


def digest(name):
    return hashlib.sha256(name.encode()).digest()


def messages():
    """Every kind of message; the fields beside the number are what the Swift test builds."""
    one, two = digest("one"), digest("two")
    return {
        "hello": [1, "provnode 0.2.0", 300, one, 1_800_000_000_000],
        "hello of nobody": [1, "", 0, bytes(32), 0],
        "statements": [2, [b"first", b"second statement that is longer than 23 bytes"]],
        "proposal": [3, b"block"],
        "consensus": [4, b"notarize"],
        "attachments": [5, [one, two]],
        "fetch": [6, 7, [[1, one], [2, two], [3, one], [4, two, 24]]],
        "fetched": [7, 7, [b"statement", None, b"certificate"]],
        "fetched nothing": [7, 8, []],
        "leaf hashes": [8, True, [one, two]],
        "no leaf hashes": [8, False, []],
        "range": [9, 255, 1, 65_536, 4_096],
        "range of statements": [9, 256, 2, 0, 1],
        "ranged": [10, 255, [b"header and certificate"]],
        "ranged nothing": [10, 256, []],
        "beat": [11, 300, 301, 1_800_000_000_000],
    }


def header(view, ends=False):
    names = {6: "parent", 10: "history", 11: "state", 12: "epoch"} | ({13: "next epoch"} if ends else {})
    numbers = {1: 1, 3: 2, 4: 300, 5: view, 7: 1_800_000_000_000, 8: 3, 9: 70_000}
    return {2: CHAIN} | numbers | {key: digest(name) for key, name in names.items()}


def block_id(header):
    return hashlib.sha256(cbor2.dumps(["provchain/header/1", header], canonical=True)).digest()


def signature(name):
    return digest(name) + digest(name + ", second half")


def blocks():
    """What is in the byte strings of a proposal and of an answered range, by its rule in the schema."""
    first, last = header(301), header(23, ends=True)
    vote = [2, 301, 1, 3, 299, block_id(first), signature("vote")]
    again = [2, 302, 1, 3, 23, block_id(last), signature("vote again")]
    notarization = [1, 2, 299, 298, digest("parent"), bytes([0b1011]), [signature(f"notarize {n}") for n in (0, 1, 3)]]
    nullification = [2, 2, 300, 0, bytes(32), bytes([0, 2]), [signature("nullify 9")]]
    finality = [301, bytes([0b1110]), [signature(f"finalize {n}") for n in (1, 2, 3)]]
    return {
        "proposal": ("compact-proposal", [[first, vote, [notarization, nullification]], [digest("one"), digest("two")]]),
        "proposal of an epoch's last block again": ("compact-proposal", [[last, again, []], []]),
        "full block": ("full-block", [first, [b"first", b"a" * 256]]),
        "full block without statements": ("full-block", [last, []]),
        "certified header": ("certified-header", [first, finality]),
        "header that a later one certifies": ("certified-header", [last, None]),
    }


def side(initiator):
    name = "initiator" if initiator else "responder"
    connection = NoiseConnection.from_name(b"Noise_XX_25519_ChaChaPoly_SHA256")
    (connection.set_as_initiator if initiator else connection.set_as_responder)()
    connection.set_prologue(PROLOGUE)
    connection.set_keypair_from_private_bytes(Keypair.STATIC, digest(name))
    connection.set_keypair_from_private_bytes(Keypair.EPHEMERAL, digest(name + " ephemeral"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # It warns of the fixed ephemeral keys.
        connection.start_handshake()
    return connection


def record(message):
    return struct.pack(">H", len(message)) + message


def frame(body):
    return struct.pack(">I", len(body)) + body


def connection():
    """A handshake and some frames each way. Three frames share two Noise messages, cut inside the second length."""
    a, b = side(True), side(False)
    handshake = []
    for writer, reader in ((a, b), (b, a), (a, b)):
        message = bytes(writer.write_message())
        reader.read_message(message)
        handshake.append(message)
    frames = [cbor2.dumps(messages()[name], canonical=True) for name in ("hello", "consensus", "beat")]
    plain = b"".join(map(frame, frames))
    cut = len(frames[0]) + 6
    from_initiator = [bytes(a.encrypt(part)) for part in (plain[:cut], plain[cut:])]
    from_responder = [bytes(b.encrypt(plain))]
    return {
        "chain": CHAIN.hex(),
        "prologue": PROLOGUE.hex(),
        "handshake": [record(m).hex() for m in handshake],
        "transcript": a.get_handshake_hash().hex(),
        "frames": [f.hex() for f in frames],
        "fromInitiator": b"".join(map(record, from_initiator)).hex(),
        "fromResponder": b"".join(map(record, from_responder)).hex(),
    }, a


def after_the_change_of_keys(a):
    """The digest of all messages up to the first with the second key, each sealing its own number."""
    cipher = a.noise_protocol.cipher_state_encrypt
    everything = hashlib.sha256()
    first = cipher.n
    for number in range(first, MESSAGES_PER_KEY + 1):
        if number == MESSAGES_PER_KEY:
            cipher.rekey()
        message = bytes(a.encrypt(struct.pack(">I", number)))
        everything.update(message)
    return {"first": first, "digest": everything.hexdigest(), "last": message.hex()}


def make():
    made, a = connection()
    encoded = [{"name": name, "hex": cbor2.dumps(m, canonical=True).hex()} for name, m in messages().items()]
    parts = [{"name": name, "rule": rule, "hex": cbor2.dumps(part, canonical=True).hex()}
             for name, (rule, part) in blocks().items()]
    return {"messages": encoded, "blocks": parts, "connection": made, "changeOfKeys": after_the_change_of_keys(a)}


if __name__ == "__main__":
    FILE.write_text(json.dumps(make(), indent=2) + "\n")
