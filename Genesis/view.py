#!/usr/bin/env python3
"""Prints a genesis file as JSON, for people.

    Genesis/view.py genesis.cbor

Needs Python 3 and cbor2. The CBOR file is what counts; nothing reads this JSON back.
"""

import hashlib
import json
import sys

import cbor2

ROLES = ["administrator", "registrar", "copyright-reviewer", "content-reviewer", "issuer", "arbiter",
         "regulator-observing", "regulator-acting", "auditor"]
KINDS = ["person", "organisation", "agent"]
PURPOSES = {1: "sign", 2: "recover", 3: "delegate", 16: "identity", 17: "vote", 18: "log", 19: "cosign"}
PARAMETERS = ["maximumLifetimeSeconds", "maximumStatementCost", "maximumBlockCost", "maximumBlockBytes",
              "maximumBlockStatements", "maximumClockSkewMilliseconds", "epochLengthMilliseconds",
              "idleIntervalMilliseconds"]
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
# The head of the text that opens every hash input of the protocol is written out here by hand.
TAG = {name: bytes([0x60 + len(name)]) + name.encode() for name in ("provchain/chain/1", "provchain/party-id/1",
                                                                   "provchain/member-id/1")}


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def item(value) -> bytes:
    # All maps here have keys of one byte, for which every canonical order is the same.
    return cbor2.dumps(value, canonical=True)


def did(key: dict) -> str:
    """did:key: a multicodec number and the key's bytes, in base 58."""
    if key[1] == 2:
        data = b"\xe7\x01" + bytes([2 + key[-3][-1] % 2]) + key[-2]
    else:
        data = {4: b"\xec\x01", 6: b"\xed\x01"}[key[-1]] + key[-2]
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = BASE58[digit] + digits
    return "did:key:z" + digits


def entry(value) -> dict:
    purpose, key, proof = value
    return {"purpose": PURPOSES[purpose], "key": did(key), "kid": sha256(item(key)).hex(), "possession": proof.hex()}


def roles(numbers) -> list:
    return [ROLES[number - 1] for number in numbers]


def view(content: bytes) -> dict:
    genesis, opening = cbor2.loads(content)
    # The genesis as it stands in the file: after the head of the array, before the opening statement.
    encoded = content[1:len(content) - len(item(opening))]
    origin = genesis[2]

    def party(value) -> dict:
        member, kind, role, keys = value
        first = next(key for purpose, key, _ in keys if purpose == 1)
        identifier = sha256(b"\x83" + TAG["provchain/party-id/1"] + item(origin.encode()) + item(sha256(item(first))))
        return {"party": "urn:provchain:party:" + identifier.hex(), "member": member, "kind": KINDS[kind - 1],
                "roles": roles(role), "keys": [entry(key) for key in keys]}

    def member(value) -> dict:
        name, role = value
        identifier = sha256(b"\x83" + TAG["provchain/member-id/1"] + item(origin) + item(name))
        return {"member": "urn:provchain:member:" + identifier.hex(), "name": name, "roles": roles(role)}

    def validator(value) -> dict:
        index, identity, vote, log, cosign = value
        return {"member": index, "identity": did(identity), "vote": entry(vote), "log": entry(log),
                "cosign": entry(cosign)}

    return {
        "chain": "urn:provchain:chain:" + sha256(b"\x82" + TAG["provchain/chain/1"] + encoded).hex(),
        "fileSHA256": sha256(content).hex(),
        "formatVersion": genesis[1],
        "origin": origin,
        "hashSuite": genesis[3],
        "time": genesis[4],
        "protocolVersion": genesis[5],
        "parameters": {name: genesis[6][number] for number, name in enumerate(PARAMETERS, 1)},
        "members": [member(value) for value in genesis[7]],
        "parties": [party(value) for value in genesis[8]],
        "validators": [validator(value) for value in genesis[9]],
        "openingStatement": opening.hex(),
    }


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 0 if "--help" in sys.argv else 64
    with open(sys.argv[1], "rb") as file:
        print(json.dumps(view(file.read()), indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
