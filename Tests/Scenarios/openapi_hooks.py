"""Bodies for schemathesis in the media types that the node takes: good ones, and any bytes and CBOR.

`PROV_STATEMENTS` is a folder of statements that the node has.
"""

import os
import pathlib

import cbor2
import schemathesis
from hypothesis import strategies

STATEMENTS = [path.read_bytes() for path in sorted(pathlib.Path(os.environ["PROV_STATEMENTS"]).iterdir())]

statements = strategies.sampled_from(STATEMENTS) | strategies.binary(max_size=500)
submissions = strategies.builds(
    lambda statement, attachments, extra: cbor2.dumps({1: statement, 2: attachments, **extra}),
    statements, strategies.lists(strategies.binary(max_size=50), max_size=3),
    strategies.sampled_from([{}, {}, {3: [bytes(32)]}, {3: []}, {4: 1}])) | strategies.binary(max_size=500)

schemathesis.openapi.media_type("application/cose", statements)
schemathesis.openapi.media_type("application/vnd.provchain.submission+cbor", submissions)


@schemathesis.serializer("application/cose", "application/vnd.provchain.submission+cbor")
def as_it_is(context, value):
    return value if isinstance(value, bytes) else str(value).encode()
