#!/usr/bin/env python3
"""Verifies COSE Receipts (RFC 9942) of a statement with nothing but cbor2 and cryptography.

It shares no code with ProvChain: the inclusion proof is that of RFC 9162 section 2.1.3.2, the receipt a
COSE_Sign1 by an Ed25519 key over the root that the proof leads to.

    verify_receipt.py --statement FILE --receipt FILE --key HEX [--key HEX ...] [--origin NAME]
    verify_receipt.py --transparent FILE --key HEX [--key HEX ...] [--origin NAME]

--statement    the signed statement, exactly the bytes that are in the log
--receipt      a receipt; may be given several times
--transparent  a statement with its receipts under label 394 of its unprotected header (RFC 9943)
--key          the 32 bytes of a log key, hexadecimal; each receipt must be by one of them
--origin       the issuer that every receipt must name

Prints what was verified; the status is 0 only if everything was, 1 if something does not verify, 2 for a wrong
command line.
"""
import argparse
import hashlib
import sys

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ALG, KID, CLAIMS, RECEIPTS, VDS, VDP = 1, 4, 15, 394, 395, 396
EDDSA, RFC9162_SHA256, INCLUSION = -8, 1, -1
COSE_SIGN1 = 18


class Invalid(Exception):
    pass


def require(condition, reason):
    if not condition:
        raise Invalid(reason)


def sign1(data):
    try:
        message = cbor2.loads(data)
    except Exception as error:
        raise Invalid(f"not CBOR: {error}")
    require(isinstance(message, cbor2.CBORTag) and message.tag == COSE_SIGN1, "not a tagged COSE_Sign1")
    require(isinstance(message.value, (list, tuple)) and len(message.value) == 4, "a COSE_Sign1 has four parts")
    protected, unprotected, payload, signature = message.value
    require(isinstance(protected, bytes) and isinstance(signature, bytes), "header and signature are byte strings")
    require(hasattr(unprotected, "keys"), "the unprotected header is a map")
    return protected, unprotected, payload, signature


def sha256(data):
    return hashlib.sha256(data).digest()


def root_from(leaf_hash, index, size, path):
    """RFC 9162 section 2.1.3.2, without the comparison at its end."""
    require(0 <= index < size < 2**63, f"leaf {index} of a tree of {size}")
    fn, sn, r = index, size - 1, leaf_hash
    for p in path:
        require(isinstance(p, bytes) and len(p) == 32, "a path consists of hashes of 32 bytes")
        require(sn != 0, "the path is too long")
        if fn & 1 or fn == sn:
            r = sha256(b"\x01" + p + r)
            while fn and not fn & 1:
                fn >>= 1
                sn >>= 1
        else:
            r = sha256(b"\x01" + r + p)
        fn >>= 1
        sn >>= 1
    require(sn == 0, "the path is too short")
    return r


def thumbprint(key):
    """COSE Key Thumbprint (RFC 9679) of an Ed25519 key."""
    return sha256(cbor2.dumps({1: 1, -1: 6, -2: key}, canonical=True))


def verify(statement, receipt, keys, origin):
    protected, unprotected, payload, signature = sign1(receipt)
    header = cbor2.loads(protected)
    require(header.get(ALG) == EDDSA, f"algorithm {header.get(ALG)}")
    require(header.get(VDS) == RFC9162_SHA256, f"verifiable data structure {header.get(VDS)}")
    require(payload is None, "the payload must be detached")
    claims = header.get(CLAIMS, {})
    require(origin is None or claims.get(1) == origin, f"the issuer is {claims.get(1)!r}")
    key = {thumbprint(key): key for key in keys}.get(header.get(KID))
    require(key is not None, "it is by none of the keys given")

    proofs = unprotected.get(VDP, {}).get(INCLUSION, [])
    require(len(proofs) > 0, "there is no inclusion proof")
    for encoded in proofs:
        size, index, path = cbor2.loads(encoded)
        root = root_from(sha256(b"\x00" + statement), index, size, path)
        to_be_signed = cbor2.dumps(["Signature1", protected, b"", root])
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, to_be_signed)
        except InvalidSignature:
            raise Invalid("the signature does not verify for this statement")
        print(f"leaf {index} of {size}, root {root.hex()}, issuer {claims.get(1)}, key {key.hex()}")


def main():
    parser = argparse.ArgumentParser(description="Verifies COSE Receipts (RFC 9942) of a statement.")
    parser.add_argument("--statement")
    parser.add_argument("--receipt", action="append", default=[])
    parser.add_argument("--transparent")
    parser.add_argument("--key", action="append", required=True, type=bytes.fromhex)
    parser.add_argument("--origin")
    arguments = parser.parse_args()
    if (arguments.transparent is None) == (arguments.statement is None):
        parser.error("give --statement with --receipt, or --transparent")
    if arguments.statement and not arguments.receipt:
        parser.error("a statement needs at least one --receipt")

    def read(path):
        with open(path, "rb") as file:
            return file.read()

    try:
        if arguments.transparent:
            protected, unprotected, payload, signature = sign1(read(arguments.transparent))
            receipts = list(unprotected.get(RECEIPTS, []))
            require(len(receipts) > 0, "there is no receipt under label 394")
            # The leaf is the statement as it was submitted: with an empty unprotected header.
            statement = cbor2.dumps(cbor2.CBORTag(COSE_SIGN1, [protected, {}, payload, signature]))
            receipts = [item if isinstance(item, bytes) else cbor2.dumps(item) for item in receipts]
        else:
            statement = read(arguments.statement)
            sign1(statement)
            receipts = [read(path) for path in arguments.receipt]
        for receipt in receipts:
            verify(statement, receipt, arguments.key, arguments.origin)
    except (Invalid, ValueError, TypeError, AttributeError) as error:
        print(f"not verified: {error}", file=sys.stderr)
        return 1
    print(f"verified: statement {sha256(statement).hex()} ({len(statement)} bytes), {len(receipts)} receipts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
