"""Our statements in the hands of other people's COSE libraries, and theirs in the form of ours."""

import cbor2
import cwt
import pytest
from pycose.algorithms import EdDSA
from pycose.headers import Algorithm
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import CoseMessage

import make_foreign_statements
import provchain as p
from vectors import golden, golden_named

KEYS = {
    key.kid: key
    for key in [
        p.Key(p.ES256K, p.sha256(b"founder")), p.Key(p.ES256K, p.sha256(b"alice")), p.Key(p.EDDSA, p.sha256(b"bob")),
    ]
}


def parts(data):
    protected, unprotected, payload, signature = cbor2.loads(data).value
    return protected, cbor2.loads(protected), unprotected, payload, signature


def signed():
    return [
        pytest.param(bytes.fromhex(v["hex"]), id=v["name"])
        for v in golden() if v["rule"] in ("statement", "signed-application")
    ]


@pytest.mark.parametrize("data", signed())
def test_cryptography_verifies_our_signatures(data):
    protected, header, unprotected, payload, signature = parts(data)
    key = KEYS[header[4]]
    assert unprotected == {} and header[1] == key.algorithm
    assert p.verifies(key.cose, p.sig_structure(protected, payload), signature)
    assert not p.verifies(key.cose, p.sig_structure(protected, payload + b"x"), signature)


@pytest.mark.parametrize("data", signed())
def test_cwt_verifies_our_messages(data):
    _, header, _, payload, _ = parts(data)
    key = KEYS[header[4]]
    cose = {**key.cose, 2: key.kid, 3: key.algorithm}
    assert cwt.COSE.new().decode(data, cwt.COSEKey.new(cose)) == payload
    broken = data[:-1] + bytes([data[-1] ^ 1])
    with pytest.raises(cwt.VerifyError):
        cwt.COSE.new().decode(broken, cwt.COSEKey.new(cose))


@pytest.mark.parametrize("data", signed())
def test_pycose_verifies_our_eddsa_messages(data):
    _, header, _, payload, _ = parts(data)
    if header[1] != p.EDDSA:
        return  # pycose has no ES256K
    message = CoseMessage.decode(data)
    assert message.phdr[Algorithm] is EdDSA and message.payload == payload
    message.key = OKPKey(crv=Ed25519, x=KEYS[header[4]].cose[-2])
    assert message.verify_signature()


def test_the_id_of_a_key_is_its_thumbprint():
    for name, key in (("key: secp256k1", p.Key(p.ES256K, p.sha256(b"alice"))),
                      ("key: Ed25519", p.Key(p.EDDSA, p.sha256(b"bob")))):
        assert p.encode(key.cose) == golden_named(name)


def test_a_registration_has_the_same_bytes():
    """The same inputs, encoded by cbor2 and signed by `cryptography`: EdDSA makes even the signature equal."""
    data = golden_named("statement: registration, EdDSA")
    _, ours, _, _, _ = parts(data)
    chain = p.sha256(p.tagged("chain", cbor2.loads(golden_named("genesis file"))[0]))
    key = p.Key(p.EDDSA, p.sha256(b"bob"))
    issuer = p.party_id(chain, key.kid)
    nonce = ours[15][7]
    metadata = p.encode({1: 1, 2: "A vase"})
    payload = p.encode({
        1: 1, 2: 1, 3: 1, 4: p.attachment(metadata),
        5: {
            1: p.sha256(b"bowl"), 2: p.attachment(b"manifest of bowl"), 3: "model/gltf-binary", 4: 1000,
            5: [p.sha256(b"lid")],
        },
    })
    header = p.statement_header(
        "work.register", key, issuer, p.urn("work", p.derived_id(chain, issuer, nonce)), chain,
        expiry=1_800_000_600, issued=1_800_000_000, nonce=nonce)
    assert p.sign1(header, payload, key) == data


def test_a_full_registration_has_the_same_content():
    """ES256K differs in the signature alone: header and payload are byte for byte ours."""
    protected, ours, _, payload, _ = parts(golden_named("statement: registration, ES256K"))
    chain = p.sha256(p.tagged("chain", cbor2.loads(golden_named("genesis file"))[0]))
    key = p.Key(p.ES256K, p.sha256(b"alice"))
    issuer = p.party_id(chain, key.kid)
    document = golden_named("manifest")
    files = cbor2.loads(document)[2]
    leaves = sorted([("FILE", file[3]) for file in files] + [tuple(part) for part in cbor2.loads(document)[3]])
    metadata = p.encode({1: 1, 2: "青花瓷瓶 Vase", 3: "A vase, scanned.", 4: ["Alice", "李明"]})
    assert metadata == golden_named("metadata")
    assert payload == p.encode({
        1: 1, 2: 4, 3: 2, 4: p.attachment(metadata),
        5: {
            1: p.merkle_root([p.tagged("manifest-leaf", *leaf) for leaf in leaves]), 2: p.attachment(document),
            3: "model/gltf-binary", 4: 70_300, 5: [p.sha256(b"lid")],
        },
        6: "CC-BY-4.0", 7: [[3, p.sha256(b"scan"), 1_799_000_000]],
    })
    nonce = ours[15][7]
    assert protected == p.encode(p.statement_header(
        "work.register", key, issuer, p.urn("work", p.derived_id(chain, issuer, nonce)), chain,
        expiry=1_800_000_600, issued=1_800_000_000, nonce=nonce))


def test_an_application_has_the_same_content():
    ours = golden_named("signed application")
    protected, header, _, payload, _ = parts(ours)
    chain = bytes.fromhex(header[15][3].rsplit(":", 1)[1])
    party, theirs = p.application(p.Key(p.ES256K, p.sha256(b"alice")), chain)
    other = parts(theirs)
    assert other[0] == protected and header[15][2] == p.urn("party", party)
    # The signatures of ES256K differ; everything around them does not.
    document, again = cbor2.loads(payload), cbor2.loads(other[3])
    assert document[3][0][:2] == again[3][0][:2] and {**document, 3: 0} == {**again, 3: 0}


def test_block_ids_and_header_leaves():
    header = cbor2.loads(golden_named("header of block 0"))
    following = cbor2.loads(golden_named("header of a boundary"))
    assert header[6] == bytes(32) and following[4] > header[4]
    assert golden_named("header leaf") == p.encode(cbor2.CBORTag(0x70726F76, following))
    vote = cbor2.loads(golden_named("vote: finalize"))
    assert vote[-1] == p.sha256(p.tagged("header", following))
    genesis, opening = cbor2.loads(golden_named("genesis file"))
    assert header[2] == p.sha256(p.tagged("chain", genesis))
    assert header[10] == p.merkle_root([opening]), "block 0 holds the opening statement alone"
    certificate = cbor2.loads(golden_named("finality certificate"))
    vote_key = {1: 1, -1: 6, -2: genesis[9][0][2][1][-2]}
    assert p.verifies(vote_key, golden_named("vote: finalize"), certificate[2][0])


def test_the_foreign_statements_can_be_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr(make_foreign_statements, "VECTORS", tmp_path)
    make_foreign_statements.main()
    assert (tmp_path / "foreign.json").exists()
