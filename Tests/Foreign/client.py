"""A client of a ProvChain node in about a hundred lines, without any of our code: key, application, work.

    client.py key FILE [es256k|eddsa]                 make a key (the secret stands in FILE, unencrypted: a demonstration)
    client.py --node URL chain                        what chain the node is on
    client.py --node URL application KEY OUT          write an application, for a registrar to enrol
    client.py --node URL register KEY TITLE FILE...   register the files as a work; the first is the main file
    client.py --node URL show URN                     print a record

Prints JSON. Exit status 0: done; 1: the node refused, with its reason on standard output; 2: wrong usage.
"""

import argparse
import json
import mimetypes
import os
import secrets
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import cbor2

import provchain as p

MEDIA_TYPES = {".glb": "model/gltf-binary", ".gltf": "model/gltf+json", ".usdz": "model/vnd.usdz+zip", ".obj": "model/obj"}


def request(node, path, body=None, content_type=None):
    headers = {"Content-Type": content_type} if content_type else {}
    message = urllib.request.Request(node.rstrip("/") + path, data=body, headers=headers)
    with urllib.request.urlopen(message, timeout=60) as answer:
        return answer.read()


def chain_id(node):
    """The chain's id, computed from the genesis and not believed."""
    return p.sha256(p.tagged("chain", cbor2.loads(request(node, "/api/v1/genesis"))[0]))


def load_key(path):
    stored = json.loads(Path(path).read_text())
    return p.Key(stored["algorithm"], bytes.fromhex(stored["secret"]))


def make_key(path, algorithm):
    key = p.Key({"es256k": p.ES256K, "eddsa": p.EDDSA}[algorithm], secrets.token_bytes(32))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"algorithm": key.algorithm, "secret": key.secret.hex()}, file)
    return {"kid": key.kid.hex(), "key": path}


def apply(node, key_path, out):
    key, chain = load_key(key_path), chain_id(node)
    party, encoded = p.application(key, chain)
    Path(out).write_bytes(encoded)
    return {"party": p.urn("party", party), "chain": chain.hex(), "application": out}


def media_type(path):
    suffix = Path(path).suffix.lower()
    return MEDIA_TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"


def register(node, key_path, title, paths):
    key, chain = load_key(key_path), chain_id(node)
    party = p.party_id(chain, key.kid)
    files = [(Path(path).name, media_type(path), Path(path).read_bytes()) for path in paths]
    document, root = p.manifest(files)
    metadata = p.encode({1: 1, 2: title})
    payload = p.encode({
        1: 1, 2: 1, 3: 1, 4: p.attachment(metadata),  # a 3D model, claimed by its author
        5: {
            1: root, 2: p.attachment(document), 3: files[0][1], 4: sum(len(data) for _, _, data in files),
            5: sorted({p.sha256(data) for _, _, data in files}),
        },
    })
    now, nonce = int(time.time()), secrets.token_bytes(16)
    subject = p.urn("work", p.derived_id(chain, party, nonce))
    header = p.statement_header("work.register", key, party, subject, chain, now + 600, now, nonce)
    submission = p.encode({1: p.sign1(header, payload, key), 2: [metadata, document]})
    answer = request(
        node, "/api/v1/statements?wait=final", submission, "application/vnd.provchain.submission+cbor")
    return {"work": subject, "manifestRoot": root.hex(), "answer": json.loads(answer)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--node", default="http://127.0.0.1:8080")
    commands = parser.add_subparsers(dest="command", required=True)
    key = commands.add_parser("key")
    key.add_argument("file")
    key.add_argument("algorithm", nargs="?", choices=["es256k", "eddsa"], default="es256k")
    commands.add_parser("chain")
    application = commands.add_parser("application")
    application.add_argument("key")
    application.add_argument("out")
    work = commands.add_parser("register")
    work.add_argument("key")
    work.add_argument("title")
    work.add_argument("files", nargs="+")
    commands.add_parser("show").add_argument("urn")
    options = parser.parse_args()
    actions = {
        "key": lambda: make_key(options.file, options.algorithm),
        "chain": lambda: {
            **json.loads(request(options.node, "/api/v1/chain")), "computedChain": chain_id(options.node).hex(),
        },
        "application": lambda: apply(options.node, options.key, options.out),
        "register": lambda: register(options.node, options.key, options.title, options.files),
        "show": lambda: json.loads(request(options.node, f"/api/v1/records/{options.urn}")),
    }
    try:
        result, status = actions[options.command](), 0
    except urllib.error.HTTPError as error:
        body = error.read().decode(errors="replace")
        try:
            result = json.loads(body)
        except ValueError:
            result = {"status": error.code, "detail": body}
        status = 1
    except (urllib.error.URLError, FileExistsError) as error:
        result, status = {"detail": str(error)}, 1
    print(json.dumps(result, indent=2, ensure_ascii=False))
    return status


if __name__ == "__main__":
    sys.exit(main())
