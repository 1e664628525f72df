"""Holds the golden vectors against docs/protocol.cddl, with a CDDL tool and a CBOR library that are not ours."""

import collections
import re
import sys
from functools import cache

import cbor2
import pytest
from zcbor import CddlValidationError, DataTranslator

from vectors import SCHEMA, golden

# The tool names the fields of a map by their types and wants the names to differ; our maps have numbers.
sys.modules[DataTranslator.__module__].namedtuple = lambda name, fields: collections.namedtuple(name, fields, rename=True)

# The tool takes the semicolon inside a text for a comment; content types are checked by a test of their own.
CONTENT_TYPE = re.compile(r'"(application/vnd\.provchain\.statement\+cbor;type=[a-z.-]+)"')


@cache
def types():
    schema = re.sub(r"content-type = .*?\n\n", "content-type = tstr\n\n", SCHEMA.read_text(), flags=re.S)
    return DataTranslator.from_cddl(cddl_string=schema, default_max_qty=1 << 20).my_types


def conforms(rule, data):
    try:
        return types()[rule].validate_str(data)
    except (CddlValidationError, cbor2.CBORDecodeError):
        return False


def vectors():
    return [pytest.param(v["rule"], bytes.fromhex(v["hex"]), id=v["name"]) for v in golden()]


@pytest.mark.parametrize("rule,data", vectors())
def test_the_schema_describes_the_vector(rule, data):
    assert types()[rule].validate_str(data)


@pytest.mark.parametrize("rule,data", vectors())
def test_the_encoding_is_canonical(rule, data):
    assert cbor2.dumps(cbor2.loads(data), canonical=True) == data


@pytest.mark.parametrize("rule,data", vectors())
def test_the_schema_refuses_other_types(rule, data):
    assert not conforms("submission" if rule != "submission" else "header", data)


def mutations(data):
    """The item with one field dropped, and with one field more."""
    item = cbor2.loads(data)
    tag = item.tag if isinstance(item, cbor2.CBORTag) else None
    value = item.value if tag is not None else item
    if isinstance(value, dict):
        changed = [{**value, 99: 1}, {key: value[key] for key in value if key != min(value)}]
    else:
        changed = [list(value) + [1], list(value)[1:]]
    for one in changed:
        yield cbor2.dumps(one if tag is None else cbor2.CBORTag(tag, one), canonical=True)


@pytest.mark.parametrize("rule,data", vectors())
def test_the_schema_refuses_missing_and_further_fields(rule, data):
    for changed in mutations(data):
        assert not conforms(rule, changed), changed.hex()


def test_the_schema_looks_inside_byte_strings():
    data = next(bytes.fromhex(v["hex"]) for v in golden() if v["rule"] == "statement")
    protected, unprotected, payload, signature = cbor2.loads(data).value
    header = cbor2.loads(protected)
    for changed in ({**header, 1: -7}, {**header, 99: 1}, {k: header[k] for k in header if k != 16}):
        encoded = cbor2.dumps(
            cbor2.CBORTag(18, [cbor2.dumps(changed, canonical=True), unprotected, payload, signature]))
        assert not conforms("statement", encoded)


def test_the_schema_lists_the_content_types():
    listed = set(CONTENT_TYPE.findall(SCHEMA.read_text()))
    found = {
        cbor2.loads(cbor2.loads(bytes.fromhex(v["hex"])).value[0])[3] for v in golden() if v["rule"] == "statement"
    }
    assert listed == found


def test_every_rule_that_has_a_vector_is_in_the_schema():
    assert {v["rule"] for v in golden()} <= set(types())
