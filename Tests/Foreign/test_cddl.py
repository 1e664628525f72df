"""Holds the golden vectors against docs/protocol.cddl, with a CDDL tool and a CBOR library that are not ours."""

import cbor2
import pycddl
import pytest

from vectors import SCHEMA, golden


def schema(rule):
    # A CDDL tool validates against the first rule.
    return pycddl.Schema(f"root = {rule}\n" + SCHEMA.read_text())


@pytest.mark.parametrize("vector", golden(), ids=lambda v: v["name"])
def test_the_schema_describes_the_vector(vector):
    schema(vector["rule"]).validate_cbor(bytes.fromhex(vector["hex"]))


@pytest.mark.parametrize("vector", golden(), ids=lambda v: v["name"])
def test_the_encoding_is_canonical(vector):
    data = bytes.fromhex(vector["hex"])
    assert cbor2.dumps(cbor2.loads(data), canonical=True) == data


# Rules whose vectors must not pass as one another: the schema says something.
@pytest.mark.parametrize("vector", golden(), ids=lambda v: v["name"])
def test_the_schema_refuses_other_types(vector):
    other = "manifest" if vector["rule"] != "manifest" else "statement"
    with pytest.raises(pycddl.ValidationError):
        schema(other).validate_cbor(bytes.fromhex(vector["hex"]))


def mutations(data):
    """The item with one field dropped, and with one field more."""
    item = cbor2.loads(data)
    if isinstance(item, cbor2.CBORTag):
        item = item.value
        wrap = lambda value: cbor2.dumps(cbor2.CBORTag(cbor2.loads(data).tag, value), canonical=True)
    else:
        wrap = lambda value: cbor2.dumps(value, canonical=True)
    if isinstance(item, dict):
        yield wrap({**item, 99: 1})
        yield wrap({key: value for key, value in item.items() if key != min(item)})
    else:
        yield wrap(list(item) + [1])
        yield wrap(list(item)[1:])


@pytest.mark.parametrize("vector", golden(), ids=lambda v: v["name"])
def test_the_schema_refuses_missing_and_further_fields(vector):
    rule = schema(vector["rule"])
    for data in mutations(bytes.fromhex(vector["hex"])):
        with pytest.raises(pycddl.ValidationError):
            rule.validate_cbor(data)
