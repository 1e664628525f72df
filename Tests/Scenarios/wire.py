"""What a client of ProvChain has to know, written from the documents and not from the Swift sources.

Statements (COSE_Sign1 over deterministic CBOR), key files, party applications, receipts (RFC 9942),
signed notes and tiles (C2SP). Only cbor2 and cryptography are used, so that an error in the Swift
library cannot hide behind the same error here.
"""

import base64
import hashlib
import json
import http.client
import os
import time
import urllib.parse

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

EDDSA, ES256K = -8, -47
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
STATEMENT_TYPE = "application/scitt-statement+cose"
SUBMISSION_TYPE = "application/vnd.provchain.submission+cbor"


def cbor(value) -> bytes:
    """Deterministic CBOR; the maps in this file are written with their keys in canonical order."""
    return cbor2.dumps(value)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def tagged(tag: str, *fields) -> bytes:
    return sha256(cbor([tag, *fields]))


def urn(kind: str, identifier: bytes, number: int | None = None) -> str:
    return f"urn:provchain:{kind}:{identifier.hex()}" + ("" if number is None else f":{number}")


# Keys ---------------------------------------------------------------------------------------------


class Key:
    """A signing key: Ed25519, or secp256k1 with low-S signatures."""

    def __init__(self, secret: bytes, algorithm: int = EDDSA):
        self.algorithm = algorithm
        if algorithm == EDDSA:
            self.secret = ed25519.Ed25519PrivateKey.from_private_bytes(secret)
            public = self.secret.public_key().public_bytes_raw()
            self.cose = cbor({1: 1, -1: 6, -2: public})
        elif algorithm == ES256K:
            self.secret = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256K1())
            point = self.secret.public_key().public_numbers()
            self.cose = cbor({1: 2, -1: 8, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        else:
            raise ValueError(f"algorithm {algorithm}; known are -8 (EdDSA) and -47 (ES256K)")
        self.kid = sha256(self.cose)

    @classmethod
    def random(cls, algorithm: int = EDDSA) -> "Key":
        return cls(os.urandom(32), algorithm)

    @classmethod
    def load(cls, path) -> "Key":
        """Opens an unencrypted key file."""
        with open(path, "rb") as file:
            fields = cbor2.loads(file.read())
        if fields.get(1) != "provchain/key-file/1":
            raise ValueError(f"{path} is not a key file")
        if 4 in fields:
            raise ValueError(f"{path} is encrypted; the scenarios use development keys")
        key = cls(fields[6], fields[2])
        if key.cose != fields[3]:
            raise ValueError(f"{path}: the public key does not belong to the secret one")
        return key

    def save(self, path) -> None:
        raw = (
            self.secret.private_bytes_raw()
            if self.algorithm == EDDSA
            else self.secret.private_numbers().private_value.to_bytes(32, "big")
        )
        content = cbor({1: "provchain/key-file/1", 2: self.algorithm, 3: self.cose, 6: raw})
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)

    def sign(self, message: bytes) -> bytes:
        if self.algorithm == EDDSA:
            return self.secret.sign(message)
        r, s = utils.decode_dss_signature(self.secret.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + min(s, SECP256K1_ORDER - s).to_bytes(32, "big")


def ed25519_from_did(did: str) -> ed25519.Ed25519PublicKey:
    """The key of a did:key: base58btc of the multicodec prefix 0xed 0x01 and 32 bytes."""
    if not did.startswith("did:key:z"):
        raise ValueError(f"not a did:key: {did}")
    number = 0
    for character in did[len("did:key:z"):]:
        number = number * 58 + "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".index(character)
    raw = number.to_bytes(34, "big")
    if raw[:2] != b"\xed\x01":
        raise ValueError(f"not an Ed25519 key: {did}")
    return ed25519.Ed25519PublicKey.from_public_bytes(raw[2:])


# Statements ---------------------------------------------------------------------------------------


def sign1(protected: bytes, payload: bytes, key: Key) -> bytes:
    message = cbor(["Signature1", protected, b"", payload])
    return cbor(cbor2.CBORTag(18, [protected, {}, payload, key.sign(message)]))


def statement_id(encoded: bytes) -> bytes:
    protected, _, payload, _ = cbor2.loads(encoded).value
    return sha256(cbor(["Signature1", protected, b"", payload]))


class Party:
    """Somebody who makes statements: an identifier for life, and the key in force."""

    def __init__(self, identifier: bytes, key: Key, chain: bytes):
        self.identifier, self.key, self.chain = identifier, key, chain

    @classmethod
    def new(cls, key: Key, chain: bytes) -> "Party":
        return cls(tagged("provchain/party-id/1", chain, key.kid), key, chain)

    @classmethod
    def of_genesis(cls, key: Key, chain: bytes, origin: str) -> "Party":
        """Before there is a chain id, the origin's name stands for it."""
        return cls(tagged("provchain/party-id/1", origin.encode(), key.kid), key, chain)

    @property
    def urn(self) -> str:
        return urn("party", self.identifier)

    def statement(self, kind: str, subject: str, payload: dict, nonce: bytes | None = None, life: int = 1800) -> bytes:
        now = int(time.time())
        claims = {1: self.urn, 2: subject, 3: urn("chain", self.chain), 4: now + life, 6: now,
                  7: nonce or os.urandom(16)}
        protected = cbor({
            1: self.key.algorithm,
            3: f"application/vnd.provchain.statement+cbor;type={kind}",
            4: self.key.kid,
            15: claims,
            16: STATEMENT_TYPE,
        })
        return sign1(protected, cbor(payload), self.key)

    def application(self, kind: int = 1) -> bytes:
        """What a registrar needs to enrol this party."""
        proof = self.key.sign(
            cbor(["provchain/possession/1", self.chain, self.identifier, 1, self.key.cose]))
        payload = {1: 1, 2: kind, 3: [[1, cbor2.loads(self.key.cose), proof]]}
        protected = cbor({
            1: self.key.algorithm,
            3: "application/vnd.provchain.application+cbor",
            4: self.key.kid,
            15: {2: self.urn, 3: urn("chain", self.chain)},
        })
        return sign1(protected, cbor(payload), self.key)

    def enrol(self, other: "Party") -> bytes:
        return self.statement("party.enrol", other.urn, {1: 1, 2: other.application(), 3: 0})

    def register(self, content: bytes, title: str, path: str = "model.bin") -> tuple[bytes, list[bytes], str]:
        """A registration of one file: the statement, its attachments and the URN of the work."""
        digest = sha256(content)
        manifest = cbor({1: "manifest/1", 2: [[path, "application/octet-stream", len(content), digest]]})
        metadata = cbor({1: 1, 2: title})
        root = sha256(b"\0" + cbor(["provchain/manifest-leaf/1", "FILE", digest]))
        version = {1: root, 2: [sha256(manifest), len(manifest)], 3: "application/octet-stream",
                   4: len(content), 5: [digest]}
        payload = {1: 1, 2: 1, 3: 1, 4: [sha256(metadata), len(metadata)], 5: version}
        nonce = os.urandom(16)
        work = urn("work", tagged("provchain/derived-id/1", self.chain, self.identifier, nonce))
        return self.statement("work.register", work, payload, nonce), [metadata, manifest], work


# Trees, notes and receipts ------------------------------------------------------------------------


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\0" + leaf)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right)


def tree_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, over leaf hashes."""
    if not leaves:
        return sha256(b"")
    level = leaves
    while len(level) > 1:
        paired = [node_hash(a, b) for a, b in zip(level[::2], level[1::2])]
        level = paired + ([level[-1]] if len(level) % 2 else [])
    return level[0]


def inclusion_root(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.3.2; raises ValueError where that algorithm fails."""
    if index >= size:
        raise ValueError(f"leaf {index} of a tree of {size}")
    at, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("the path is too long")
        if at & 1 or at == last:
            found = node_hash(sibling, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        at, last = at >> 1, last >> 1
    if last:
        raise ValueError("the path is too short")
    return found


def check_receipt(receipt: bytes, statement: bytes, log_keys: dict) -> tuple[int, int]:
    """Verifies a COSE Receipt (RFC 9942) for a statement; returns (leaf index, tree size)."""
    message = cbor2.loads(receipt)
    if message.tag != 18:
        raise ValueError(f"tag {message.tag} instead of 18")
    protected, unprotected, payload, signature = message.value
    header = cbor2.loads(protected)
    if payload is not None or header[1] != EDDSA or header[395] != 1:
        raise ValueError("not a receipt of an RFC 9162 tree by an Ed25519 key")
    size, index, path = cbor2.loads(unprotected[396][-1][0])
    root = inclusion_root(index, size, leaf_hash(statement), path)
    key = log_keys.get(header[4])
    if key is None:
        raise ValueError("signed by a key that is not a log key of this chain")
    try:
        key.verify(signature, cbor(["Signature1", protected, b"", root]))
    except InvalidSignature:
        raise ValueError("the signature over the root does not verify") from None
    return index, size


def check_checkpoint(note: bytes, origin: str, log_keys: dict) -> tuple[int, bytes]:
    """Verifies a C2SP checkpoint by at least one log key; returns (size, root)."""
    text, _, signatures = note.rpartition(b"\n\n")
    text += b"\n"
    lines = text.decode().split("\n")
    if lines[0] != origin:
        raise ValueError(f"a checkpoint of {lines[0]}, not of {origin}")
    signed = 0
    for line in signatures.decode().splitlines():
        mark, name, encoded = line.split(" ")
        raw = base64.b64decode(encoded)
        for key in log_keys.values():
            public = key.public_bytes_raw()
            if name != origin or raw[:4] != sha256(origin.encode() + b"\n\x01" + public)[:4]:
                continue
            try:
                key.verify(raw[4:], text)
                signed += 1
            except InvalidSignature:
                raise ValueError("a log key's signature under the checkpoint does not verify") from None
        if mark != "\u2014":
            raise ValueError("a signature line must open with an em dash")
    if not signed:
        raise ValueError("no log key signed the checkpoint")
    return int(lines[1]), base64.b64decode(lines[2])


def tile_path(level: int, index: int, width: int) -> str:
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/" + "/".join(groups) + ("" if width == 256 else f".p/{width}")


# HTTP ---------------------------------------------------------------------------------------------


class Unreachable(Exception):
    """No answer came: the node is down, or went down while it was asked."""


class Problem(Exception):
    """The node answered with an error; `body` is its problem document."""

    def __init__(self, status: int, body):
        super().__init__(f"HTTP {status}: {body}")
        self.status, self.body = status, body

    @property
    def retry(self) -> bool:
        return self.status in (429, 503) or (isinstance(self.body, dict) and bool(self.body.get("retry")))


class Client:
    """One connection to a node, opened again when needed. Not for use by several threads at once."""

    def __init__(self, url: str, timeout: float = 40):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def request(self, method: str, path: str, body: bytes | None = None, headers: dict | None = None) -> bytes:
        try:
            self.connection.request(method, path, body=body, headers=headers or {})
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise Unreachable(f"{method} {path}: {error!r}") from error
        self.status = answer.status
        if answer.status >= 400:
            try:
                document = json.loads(content)
            except ValueError:
                document = content[:200].decode(errors="replace")
            raise Problem(answer.status, document)
        return content

    def get(self, path: str, accept: str | None = None) -> bytes:
        return self.request("GET", path, headers={"Accept": accept} if accept else None)

    def json(self, path: str):
        return json.loads(self.get(path))

    def submit(self, statement: bytes, attachments: list[bytes] = (), wait: str = "final") -> dict:
        body = cbor({1: statement, 2: list(attachments)})
        return json.loads(self.request(
            "POST", f"/api/v1/statements?wait={wait}", body, {"Content-Type": SUBMISSION_TYPE}))

    def leaf_hashes(self, size: int) -> list[bytes]:
        """All leaf hashes of the log up to a size, from its tiles of level 0."""
        leaves: list[bytes] = []
        for index in range(0, (size + 255) // 256):
            width = min(256, size - index * 256)
            tile = self.get("/log/" + tile_path(0, index, width))
            if len(tile) != 32 * width:
                raise ValueError(f"tile 0/{index} has {len(tile)} bytes, expected {32 * width}")
            leaves += [tile[at:at + 32] for at in range(0, len(tile), 32)]
        return leaves


class Chain:
    """What one has to know of a chain to talk to it and to check what it says."""

    def __init__(self, view: dict):
        self.identifier = bytes.fromhex(view["chain"].rpartition(":")[2])
        self.origin = view["origin"]
        keys = [ed25519_from_did(validator["log"]) for validator in view["validators"]]
        self.log_keys = {sha256(cbor({1: 1, -1: 6, -2: key.public_bytes_raw()})): key for key in keys}
