"""Writes statements made with pycose, cwt and cbor2 to foreign.json, for the Swift tests to read and verify.

ES256K signatures of these libraries are randomised: running this again gives other bytes, as good as these.
"""

import json

import cbor2
import cwt
from ecdsa.util import sigdecode_string, sigencode_string
from pycose.algorithms import EdDSA
from pycose.headers import Algorithm, ContentType, KID
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import Sign1Message

import provchain as p
from vectors import VECTORS

CHAIN = p.sha256(b"a foreign chain")
ISSUED = 1_800_000_000


def secret(name):
    return p.sha256(name.encode())


def registration():
    return {
        1: 1, 2: 1, 3: 1, 4: [p.sha256(b"metadata"), 8],
        5: {1: p.sha256(b"root"), 2: [p.sha256(b"manifest"), 8], 3: "model/gltf-binary", 4: 1000, 5: []},
    }


def header(key, kind, subject, nonce):
    return p.statement_header(kind, key, p.party_id(CHAIN, key.kid), subject, CHAIN, ISSUED + 600, ISSUED, nonce)


def by_pycose(kind, payload, subject, nonce):
    """EdDSA: pycose encodes the whole message, in the order of the header that it is given."""
    key = p.Key(p.EDDSA, secret("foreign ed25519"))
    fields = header(key, kind, subject(key), nonce)
    phdr = {Algorithm: EdDSA, ContentType: fields[3], KID: fields[4], 15: fields[15], 16: fields[16]}
    message = Sign1Message(phdr=phdr, uhdr={}, payload=p.encode(payload))
    message.key = OKPKey(crv=Ed25519, d=key.secret, x=key.cose[-2])
    return key, message.encode()


def by_cwt(kind, payload, subject, nonce):
    """ES256K: cwt signs; s is made low afterwards, which the library does not do."""
    key = p.Key(p.ES256K, secret("foreign secp256k1"))
    signer = cwt.COSEKey.new({1: 2, 3: -47, -1: 8, -2: key.cose[-2], -3: key.cose[-3], -4: key.secret})
    encoded = cwt.COSE.new().encode_and_sign(
        p.encode(payload), signer, protected=header(key, kind, subject(key), nonce), unprotected={})
    protected, unprotected, body, signature = cbor2.loads(encoded).value
    r, s = sigdecode_string(signature, p.ORDER)
    signature = sigencode_string(r, min(s, p.ORDER - s), p.ORDER)
    return key, p.encode(cbor2.CBORTag(18, [protected, unprotected, body, signature]))


def work(nonce):
    return lambda key: p.urn("work", p.derived_id(CHAIN, p.party_id(CHAIN, key.kid), nonce))


def main():
    cases = []
    for maker, name in ((by_pycose, "pycose, EdDSA"), (by_cwt, "cwt, ES256K")):
        nonce = bytes(range(16))
        statements = [
            ("work.register", registration(), work(nonce)),
            ("title.accept", {1: 1}, lambda key: p.urn("offer", p.sha256(b"offer"))),
        ]
        for kind, payload, subject in statements:
            key, encoded = maker(kind, payload, subject, nonce)
            cases.append({
                "name": f"{name}: {kind}", "statement": encoded.hex(), "key": p.encode(key.cose).hex(),
                "party": p.party_id(CHAIN, key.kid).hex(), "chain": CHAIN.hex(), "type": kind,
            })
    for algorithm, name in ((p.EDDSA, "EdDSA"), (p.ES256K, "ES256K")):
        key = p.Key(algorithm, secret(f"applicant {name}"))
        party, encoded = p.application(key, CHAIN)
        cases.append({
            "name": f"cryptography, {name}: application", "application": encoded.hex(),
            "key": p.encode(key.cose).hex(), "party": party.hex(), "chain": CHAIN.hex(), "type": "application",
        })
    (VECTORS / "foreign.json").write_text(json.dumps(cases, indent=2) + "\n")
    print(f"{len(cases)} foreign statements")


if __name__ == "__main__":
    main()
