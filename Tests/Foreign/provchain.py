"""The formats of ProvChain as a client in another language needs them. Written from docs/protocol.cddl alone."""

import hashlib

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

ES256K, EDDSA = -47, -8
STATEMENT = "application/vnd.provchain.statement+cbor;type="
APPLICATION = "application/vnd.provchain.application+cbor"
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def encode(item):
    return cbor2.dumps(item, canonical=True)


def sha256(data):
    return hashlib.sha256(data).digest()


def tagged(name, *fields):
    """The bytes of [tag, fields...]: the input of every hash that no standard fixes."""
    return encode([f"provchain/{name}/1", *fields])


def urn(kind, identifier, number=None):
    return f"urn:provchain:{kind}:{identifier.hex()}" + ("" if number is None else f":{number}")


class Key:
    """A signing key: 32 secret bytes, as in a backup."""

    def __init__(self, algorithm, secret):
        self.algorithm, self.secret = algorithm, secret
        if algorithm == EDDSA:
            self.private = ed25519.Ed25519PrivateKey.from_private_bytes(secret)
            self.cose = {1: 1, -1: 6, -2: self.private.public_key().public_bytes_raw()}
        else:
            self.private = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256K1())
            point = self.private.public_key().public_numbers()
            self.cose = {1: 2, -1: 8, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        self.kid = sha256(encode(self.cose))

    def sign(self, message):
        if self.algorithm == EDDSA:
            return self.private.sign(message)
        der = self.private.sign(message, ec.ECDSA(hashes.SHA256()))
        r, s = utils.decode_dss_signature(der)
        return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")


def verifies(cose_key, message, signature):
    """The same check with `cryptography`; high s is not accepted."""
    try:
        if cose_key[1] == 1:
            ed25519.Ed25519PublicKey.from_public_bytes(cose_key[-2]).verify(signature, message)
            return True
        numbers = [int.from_bytes(part, "big") for part in (cose_key[-2], cose_key[-3], signature[:32], signature[32:])]
        public = ec.EllipticCurvePublicNumbers(numbers[0], numbers[1], ec.SECP256K1()).public_key()
        public.verify(utils.encode_dss_signature(*numbers[2:]), message, ec.ECDSA(hashes.SHA256()))
        return numbers[3] <= ORDER // 2
    except InvalidSignature:
        return False


def sig_structure(protected, payload):
    return encode(["Signature1", protected, b"", payload])


def sign1(header, payload, key):
    protected = encode(header)
    return encode(cbor2.CBORTag(18, [protected, {}, payload, key.sign(sig_structure(protected, payload))]))


def statement_header(kind, key, issuer, subject, chain, expiry, issued, nonce):
    claims = {1: urn("party", issuer), 2: subject, 3: urn("chain", chain), 4: expiry, 6: issued, 7: nonce}
    return {
        1: key.algorithm, 3: STATEMENT + kind, 4: key.kid, 15: claims, 16: "application/scitt-statement+cose",
    }


def party_id(chain, kid):
    return sha256(tagged("party-id", chain, kid))


def derived_id(chain, issuer, nonce):
    """The identifier of what a statement creates."""
    return sha256(tagged("derived-id", chain, issuer, nonce))


def application(key, chain, kind=1):
    """A party application, for a registrar to enclose. Returns the party's identifier and the bytes."""
    party = party_id(chain, key.kid)
    proof = key.sign(tagged("possession", chain, party, 1, encode(key.cose)))
    header = {1: key.algorithm, 3: APPLICATION, 4: key.kid, 15: {2: urn("party", party), 3: urn("chain", chain)}}
    return party, sign1(header, encode({1: 1, 2: kind, 3: [[1, key.cose, proof]]}), key)


def merkle_root(leaves):
    """RFC 9162 section 2.1.1."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + merkle_root(leaves[:split]) + merkle_root(leaves[split:]))


def manifest(files, components=()):
    """Bytes and root of manifest/1; files are (path, media type, bytes), components (type, hash)."""
    entries = [[path, media_type, len(data), sha256(data)] for path, media_type, data in files]
    parts = sorted(components, key=lambda part: (part[0].encode(), part[1]))
    document = {1: "manifest/1", 2: entries}
    if parts:
        document[3] = [list(part) for part in parts]
    leaves = sorted([("FILE", entry[3]) for entry in entries] + parts, key=lambda leaf: (leaf[0].encode(), leaf[1]))
    return encode(document), merkle_root([tagged("manifest-leaf", *leaf) for leaf in leaves])


def attachment(data):
    return [sha256(data), len(data)]
