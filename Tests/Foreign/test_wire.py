"""Messages between nodes and whole connections, by cbor2 and noiseprotocol; the Swift tests hold our code to the same file."""

import json

import cbor2
import pytest

from test_cddl import conforms, mutations, types
from wire import make_vectors

VECTORS = json.loads(make_vectors.FILE.read_text())
BLOCKS = [pytest.param(v["rule"], bytes.fromhex(v["hex"]), id=v["name"]) for v in VECTORS["blocks"]]
MESSAGES = [pytest.param(bytes.fromhex(v["hex"]), id=v["name"]) for v in VECTORS["messages"]]



def test_the_file_is_what_the_other_implementations_make():
    assert make_vectors.make() == VECTORS


@pytest.mark.parametrize("data", MESSAGES)
def test_the_schema_describes_the_message(data):
    assert types()["wire-message"].validate_str(data)


@pytest.mark.parametrize("data", MESSAGES)
def test_the_schema_refuses_missing_and_further_fields(data):
    for changed in mutations(data):
        assert not conforms("wire-message", changed), changed.hex()


@pytest.mark.parametrize("rule,data", BLOCKS)
def test_the_schema_describes_what_is_in_the_byte_strings(rule, data):
    assert types()[rule].validate_str(data)
    for changed in mutations(data):
        assert not conforms(rule, changed), changed.hex()


def test_the_schema_describes_the_prologue():
    assert types()["wire-prologue"].validate_str(make_vectors.PROLOGUE)


def test_other_kinds_are_refused():
    for kind in (0, 12):
        assert not conforms("wire-message", cbor2.dumps([kind, [b"x"]]))
