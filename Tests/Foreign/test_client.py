"""The client against a node that only records what it is sent."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import cbor2
import pytest

import client
import provchain as p
from vectors import golden_named


@pytest.fixture
def node():
    received = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self, body):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.answer(golden_named("genesis file") if self.path == "/api/v1/genesis" else b'{"chain": "x"}')

        def do_POST(self):
            data = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.path, self.headers["Content-Type"], data))
            self.answer(b'{"status": "final"}')

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()


@pytest.mark.parametrize("algorithm", ["es256k", "eddsa"])
def test_a_work_is_registered(node, tmp_path, algorithm):
    url, received = node
    key_path, model = str(tmp_path / "key.json"), tmp_path / "vase.glb"
    model.write_bytes(b"glTF")
    client.make_key(key_path, algorithm)
    applied = client.apply(url, key_path, str(tmp_path / "application.cose"))
    result = client.register(url, key_path, "A vase", [str(model)])
    assert json.dumps(result) and applied["party"].startswith("urn:provchain:party:")
    path, content_type, data = received[0]
    assert path == "/api/v1/statements?wait=final"
    assert content_type == "application/vnd.provchain.submission+cbor"
    submission = cbor2.loads(data)
    protected, _, payload, signature = cbor2.loads(submission[1]).value
    key = client.load_key(key_path)
    assert p.verifies(key.cose, p.sig_structure(protected, payload), signature)
    content = cbor2.loads(payload)
    assert [content[4], content[5][2]] == [p.attachment(data) for data in submission[2]]
    assert content[5][1].hex() == result["manifestRoot"]
    assert cbor2.loads(protected)[15][1] == applied["party"]
