"""The table behind wrong_inputs.py: per row a surface, what is wrong, the code and the error that must come, and how
to make it. `how` gets the world and a folder of its own, and gives what is tried in each language."""

import dataclasses
import hashlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

import cbor2

from http_api import token
from wire import ES256K, STATEMENT_TYPE, SUBMISSION_TYPE, Key, Party, cbor, sha256, sign1, tagged, urn

COMMANDS, HTTP, STATEMENTS, FILES, SETTINGS, DATABASES = (
    "The command line", "HTTP", "Statements", "Files on disk", "Configuration", "Databases")
SURFACES = {
    COMMANDS: "`provcli` and `provnode` as they are typed.",
    HTTP: "Requests to the node's HTTP API. Every answer is a problem document (RFC 9457).",
    STATEMENTS: "Statements that a node does not take, handed in over HTTP (English) and by `provcli submit --lang zh` "
                "(Chinese).",
    FILES: "Files that were cut, changed, exchanged or lost: of a node's home, of a backup, and those that people keep.",
    SETTINGS: "`provnode.toml`, the variables `PROV_…` and `config.toml` of provcli.",
    DATABASES: "`state.sqlite` and `index.sqlite` of a home. Both can be built again from the log.",
}
UNSHOWN = {
    "statement.too-costly": "no statement that fits costs what a chain allows by default; unit tests lower the limit.",
    "statement.replayed": "a node answers a statement that it has as it did the first time (see the row on it); the "
                          "rule guards blocks, and unit tests reach it.",
    "title.too-many-holders": "takes 256 holders; unit tests have them.",
}
NOBODY = "0" * 63 + "1"
MODEL = "urn:provchain:work:" + NOBODY
ZERO = bytes(32)


@dataclasses.dataclass
class Row:
    surface: str
    wrong: str
    codes: dict[str, int]
    rule: str
    how: Callable


ROWS: list[Row] = []


def add(surface: str, code, rule: str, wrong: str, how: Callable) -> None:
    english, chinese = code if isinstance(code, tuple) else (code, code)
    ROWS.append(Row(surface, wrong, {"en": english, "zh": chinese}, rule, how))


# The command line -----------------------------------------------------------------------------------


def cli(code: int, rule: str, wrong: str, *arguments, **variables) -> None:
    """Arguments may be functions of the world and the row's folder."""
    def how(w, d):
        def value(x):
            return x(w, d) if callable(x) else x
        return w.cli(*map(value, arguments), **{name: value(x) for name, x in variables.items()})
    add(COMMANDS, code, rule, wrong, how)


def operate(surface: str, code: int, wrong: str, *arguments, rule: str = "–", **variables) -> None:
    def how(w, d):
        def value(x):
            return x(w, d) if callable(x) else x
        return w.operate(*map(value, arguments), **{name: value(x) for name, x in variables.items()})
    add(surface, code, rule, wrong, how)


def file(name: str, content: bytes = b"") -> Callable:
    """A file in the row's folder."""
    def made(w, d):
        (d / name).write_bytes(content)
        return d / name
    return made


def in_folder(name: str) -> Callable:
    return lambda w, d: d / name


def plain_key(w, d):
    return w.folder / "creator.key"


def not_a_node(w, d):
    """A web server that knows nothing of ProvChain."""
    class Pages(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<h1>It works!</h1>")

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


add(COMMANDS, 64, "–", "no such command", lambda w, d: w.operate("frobnicate", program="provcli"))
cli(64, "usage", "no such flag", "show", MODEL, "--frobnicate")
cli(64, "usage", "an argument is missing", "show")
cli(64, "usage", "a flag without its value", "show", MODEL, "--node")
cli(64, "usage", "a language that there is not", "show", MODEL, "--lang", "fr")
cli(64, "usage.bad-argument", "not a URN", "show", "nonsense")
cli(64, "usage.bad-argument", "a URN in capitals", "show", MODEL.upper())
cli(64, "usage.bad-argument", "a date that no calendar has", "history", MODEL, "--as-of", "2026-02-31")
cli(64, "usage.bad-argument", "a share above the whole", "title", "offer", MODEL, "--to", NOBODY, "--share", "101%",
    "--key", plain_key)
cli(64, "usage.bad-argument", "a category that there is not", "register", lambda w, d: w.model, "--title", "x",
    "--category", "poem", "--key", plain_key)
cli(64, "usage.bad-argument", "an algorithm that there is not", "key", "new", "--alg", "rsa", "--key", in_folder("k"))
cli(64, "usage.bad-argument", "an empty title", "register", lambda w, d: w.model, "--title", "", "--key", plain_key)
cli(65, "input.too-long", "a title that is too long", "register", lambda w, d: w.model, "--title", "x" * 5000,
    "--key", plain_key)
cli(65, "input.too-many", "too many authors", "register", lambda w, d: w.model, "--title", "x",
    *(word for n in range(101) for word in ("--author", f"A{n}")), "--key", plain_key)
cli(64, "usage.node-missing", "no node is named", "show", MODEL, PROV_NODE=None)
cli(64, "usage.bad-node", "an address that is none", "show", MODEL, "--node", "not an address")
cli(64, "usage.bad-node", "a port that is none", "show", MODEL, "--node", "http://127.0.0.1:99999")
cli(69, "node.unreachable", "nobody listens there", "show", MODEL, "--node", "http://127.0.0.1:9")
cli(70, "node.bad-answer", "a web server that is no node", "show", MODEL, "--node", not_a_node)
cli(1, "not-found", "a record that there is not", "show", MODEL)
cli(65, "chain.not-the-pinned-one", "the node is on another chain than the one named", "register",
    lambda w, d: w.model, "--title", "x", "--chain", NOBODY, "--key", plain_key)
cli(64, "usage.chain-missing", "offline without a chain", "register", lambda w, d: w.model, "--title", "x",
    "--offline", "-o", in_folder("s"), "--key", plain_key)
cli(64, "usage.output-missing", "offline without an output file", "register", lambda w, d: w.model, "--title", "x",
    "--offline", "--chain", NOBODY, "--key", plain_key)
cli(65, "file.missing", "the file is not there", "register", in_folder("no.glb"), "--title", "x", "--key", plain_key)
cli(65, "file.empty", "an empty file", "register", file("empty.glb"), "--title", "x", "--key", plain_key)
cli(65, "folder.empty", "an empty folder", "register", lambda w, d: (d / "e").mkdir() or d / "e", "--title", "x",
    "--key", plain_key)
cli(65, "file.unreadable", "a folder where a file belongs", "submit", in_folder(""))
cli(65, "file.exists", "the output file is there already", "key", "new", "--unencrypted", "--key", file("k", b"mine"))
cli(65, "file.not-written", "the output is no regular file", "party", "apply", "--key", plain_key, "--force", "-o",
    "/dev/null")
cli(65, "key.missing", "the key file is not there", "party", "apply", "--key", in_folder("no.key"), "-o",
    in_folder("a"))
cli(65, "key.wrong-passphrase", "a wrong passphrase", "key", "backup", "--key", lambda w, d: w.folder / "sealed.key",
    PROV_PASSPHRASE="wrong horse")
cli(64, "usage.passphrase-needed", "no passphrase and nobody to ask", "key", "backup", "--key",
    lambda w, d: w.folder / "sealed.key")
cli(65, "key.empty-passphrase", "an empty passphrase", "key", "new", "--key", in_folder("k"), "--passphrase-file",
    file("p"))
cli(65, "key.words-count", "a backup of three words", "key", "import", file("w", b"abandon ability able"), "--key",
    in_folder("k"), "--unencrypted")
cli(65, "key.word-unknown", "a misspelt backup word", "key", "import",
    file("w", b"abandn " + b"abandon " * 22 + b"art"), "--key", in_folder("k"), "--unencrypted")
cli(65, "key.words-checksum", "backup words that do not belong together", "key", "import",
    file("w", b"abandon " * 24), "--key", in_folder("k"), "--unencrypted")
cli(65, "input.bad-content", "JSON where a submission belongs", "submit", file("s.json", b'{"statement": 1}'))
operate(COMMANDS, 64, "provnode: no home is named", "run")
operate(COMMANDS, 64, "provnode: a port that is none", "run", "--home", "h", "--port", "99999")
operate(COMMANDS, 64, "provnode: an origin with a space", "init", "--home", in_folder("h"), "--origin", "a b")
operate(COMMANDS, 65, "provnode: init where a home is", "init", "--home", lambda w, d: w.base, "--unencrypted-keys")
operate(COMMANDS, 64, "provnode: init without a word on passphrases", "init", "--home", in_folder("h"))
operate(COMMANDS, 65, "provnode: run without a home", "run", "--home", in_folder("h"))
operate(COMMANDS, 65, "provnode: a second node on a home", "run", "--home", lambda w, d: w.home)
operate(COMMANDS, 69, "provnode: status of a node that does not run", "status", "--home", lambda w, d: w.base)
operate(COMMANDS, 64, "provnode: prune without a word on what", "prune", "--home", lambda w, d: w.base)
operate(COMMANDS, 64, "provnode: a hash that is none", "prune", "--home", lambda w, d: w.base, "--take-down", "abc")
operate(COMMANDS, 65, "provnode: a backup into a folder in use", "backup", "--home", lambda w, d: w.base, "--to",
        lambda w, d: w.folder)
operate(COMMANDS, 65, "provnode: --continue-after without a restore", "run", "--home", lambda w, d: w.copy(d),
        "--continue-after", "3")

# HTTP -----------------------------------------------------------------------------------------------


def http(status: int, rule: str, wrong: str, method: str, path, body=None, **headers) -> None:
    def how(w, d):
        def value(x):
            return x(w) if callable(x) else x
        return w.http(method, value(path), value(body), **{name: value(x) for name, x in headers.items()})
    add(HTTP, status, rule, wrong, how)


def raw(status: int, rule: str, wrong: str, request: bytes) -> None:
    add(HTTP, status, rule, wrong, lambda w, d: w.raw(request))


def works(w) -> str:
    return f"/api/v1/parties/{w.creator.identifier.hex()}/works"


def secret(w) -> str:
    return f"/api/v1/attachments/{w.secret}"


def bearer(party: str, **changes) -> Callable:
    return lambda w: "Bearer " + token(getattr(w, party), **({"audience": w.url} | {
        name: value() if callable(value) else value for name, value in changes.items()}))


def now() -> int:
    return int(time.time())


http(404, "not-found", "an address that there is not", "GET", "/nowhere")
http(404, "not-found", "an address with two slashes", "GET", "/api//v1/chain")
http(404, "not-found", "a record that there is not", "GET", f"/api/v1/records/{MODEL}")
http(404, "not-found", "a statement that there is not", "GET", f"/api/v1/statements/{NOBODY}")
http(404, "not-found", "a receipt of a statement that there is not", "GET", f"/api/v1/statements/{NOBODY}/receipt")
http(404, "not-found", "an attachment that there is not", "GET", f"/api/v1/attachments/{NOBODY}")
http(404, "not-found", "a tile that there is not", "GET", "/log/tile/0/999")
http(404, "not-found", "a tile whose path leaves the log", "GET", "/log/tile/../../genesis.cbor")
http(404, "not-found", "a block that there is not", "GET", "/api/v1/blocks/9007199254740991")
http(405, "method-not-allowed", "a method that there is not", "DELETE", "/api/v1/chain")
http(400, "parameter.malformed", "a height that is none", "GET", "/api/v1/blocks/-1")
http(400, "parameter.malformed", "not a URN", "GET", "/api/v1/records/nonsense")
http(400, "parameter.malformed", "a hash with too few digits", "GET", "/api/v1/lookup/abc")
http(400, "parameter.malformed", "a limit of nothing", "GET", lambda w: works(w) + "?limit=0")
http(400, "parameter.malformed", "a limit above the limit", "GET", lambda w: works(w) + "?limit=1001")
http(400, "parameter.malformed", "a query that is not UTF-8", "GET", "/api/v1/search?q=%ff")
http(400, "parameter.malformed", "a search for too much", "GET", "/api/v1/search?q=" + "x" * 3000)
http(400, "parameter.malformed", "an event number that is none", "GET", "/api/v1/events?from=x")
http(400, "parameter.missing", "a search for nothing", "GET", "/api/v1/search")
http(400, "parameter.unknown", "a misspelt parameter", "GET", lambda w: works(w) + "?limt=5")
http(400, "parameter.repeated", "a parameter twice", "GET", lambda w: works(w) + "?limit=5&limit=6")
http(400, "parameter.after", "a cursor that is none", "GET", lambda w: works(w) + "?after=17")
http(400, "parameter.after", "a cursor of another list", "GET", lambda w: "/api/v1/search?q=work&after="
     + w.client.json(works(w) + "?limit=1")["next"])
http(415, "unsupported-media-type", "a body without its type", "POST", "/api/v1/statements", b"x")
http(415, "unsupported-media-type", "a body of JSON", "POST", "/api/v1/statements", b"{}",
     Content_Type="application/json")
http(400, "statement.malformed", "no body", "POST", "/api/v1/statements", b"", Content_Type="application/cose")
http(400, "statement.malformed", "a submission that is not CBOR", "POST", "/api/v1/statements", b"\xff\x00",
     Content_Type=SUBMISSION_TYPE)
http(400, "statement.malformed", "more attachments than are taken", "POST", "/api/v1/statements",
     cbor({1: b"x", 2: [b"a"] * 9}), Content_Type=SUBMISSION_TYPE)
http(400, "parameter.malformed", "an unknown way to wait", "POST", "/api/v1/statements?wait=maybe", b"x",
     Content_Type="application/cose")
http(413, "statement.too-large", "a statement that is too large", "POST", "/api/v1/statements",
     cbor({1: bytes(65_536), 2: []}), Content_Type=SUBMISSION_TYPE)
http(413, "request.too-large", "a statement alone that is too large", "POST", "/api/v1/statements", bytes(65_536),
     Content_Type="application/cose")
raw(413, "request.too-large", "a body that is announced too large",
    b"PUT /api/v1/attachments/" + NOBODY.encode() + b" HTTP/1.1\r\nHost: x\r\nAccept-Language: LANG\r\n"
    b"Content-Type: application/octet-stream\r\nContent-Length: 99999999\r\n\r\n")
http(414, "request.target-too-long", "an address that is too long", "GET", "/api/v1/search?q=" + "x" * 5000)
http(431, "request.headers-too-large", "headers that are too large", "GET", "/healthz", X_Filler="x" * 20_000)
raw(400, "request.malformed", "not HTTP", b"HELLO\r\n\r\n")
http(422, "attachment.wrong-hash", "an attachment under another's hash", "PUT", f"/api/v1/attachments/{NOBODY}", b"x",
     Content_Type="application/octet-stream")
http(422, "attachment.unreferenced", "an attachment that no statement names", "PUT",
     f"/api/v1/attachments/{hashlib.sha256(b'unnamed').hexdigest()}", b"unnamed",
     Content_Type="application/octet-stream")
http(400, "parameter.malformed", "a class of data that there is not", "PUT",
     f"/api/v1/attachments/{NOBODY}?class=secret", b"x", Content_Type="application/octet-stream")
http(409, "attachment.already-public", "a public attachment that shall be restricted", "PUT",
     lambda w: f"/api/v1/attachments/{sha256(w.attachments[0]).hex()}?class=restricted", lambda w: w.attachments[0],
     Content_Type="application/octet-stream")
http(401, "access.token-missing", "a restricted attachment without a token", "GET", secret)
http(400, "parameter.malformed", "a token of another scheme", "GET", secret, Authorization="Basic eDp5")
http(401, "access.token-invalid", "a token that is none", "GET", secret, Authorization="Bearer abc")
http(401, "access.token-invalid", "a token that expired", "GET", secret,
     Authorization=bearer("creator", issued=lambda: now() - 400))
http(401, "access.token-invalid", "a token from the future", "GET", secret,
     Authorization=bearer("creator", issued=lambda: now() + 120))
http(401, "access.token-invalid", "a token that lives too long", "GET", secret,
     Authorization=bearer("creator", life=601))
http(401, "access.token-invalid", "a token for another node", "GET", secret,
     Authorization=bearer("creator", audience="https://elsewhere.example"))
http(403, "access.denied", "a token of somebody who may not", "GET", secret, Authorization=bearer("buyer"))

# Statements -----------------------------------------------------------------------------------------


def statement(status: int, code: int, rule: str, wrong: str, make: Callable) -> None:
    """`make` gives the statement, or the statement and its attachments."""
    def how(w, d):
        made = make(w)
        return w.statement(d, *(made if isinstance(made, tuple) else (made,)))
    add(STATEMENTS, (status, code), rule, wrong, how)


def refused(rule: str, wrong: str, make: Callable) -> None:
    statement(422, 77, rule, wrong, make)


def malformed(wrong: str, make: Callable) -> None:
    statement(400, 65, "statement.malformed", wrong, make)


def register(w, party=None, **changes) -> tuple[bytes, list[bytes]]:
    return (party or w.creator).register(changes.get("content") or os.urandom(40), "Another")[:2]


def signed(party: Party, kind: str, subject: str, payload: dict, key: Key | None = None, **changes) -> bytes:
    """A statement each part of whose header can be another one."""
    key, issued = key or party.key, now()
    claims = {1: party.urn, 2: subject, 3: urn("chain", changes.get("chain", party.chain)),
              4: issued + changes.get("life", 1800), 6: issued, 7: changes.get("nonce") or os.urandom(16)}
    protected = {1: changes.get("algorithm", key.algorithm),
                 3: f"application/vnd.provchain.statement+cbor;type={kind}", 4: key.kid, 15: claims,
                 16: changes.get("type", STATEMENT_TYPE)}
    return sign1(changes.get("protected") or cbor(protected), cbor(payload), key)


def work_payload(content: bytes | None = None, **changes) -> dict:
    return {1: 1, 2: 1, 3: 1, 4: [ZERO, 5], 5: version(content)} | changes


def version(content: bytes | None = None) -> dict:
    root = sha256(content or os.urandom(20))
    return {1: root, 2: [sha256(root), 5], 3: "model/gltf-binary", 4: 9, 5: []}


def new_work(w, party=None, key=None, payload=None, **changes) -> bytes:
    party = party or w.creator
    nonce = changes.pop("nonce", None) or os.urandom(16)
    subject = changes.pop("subject", None) or urn(
        "work", tagged("provchain/derived-id/1", party.chain, party.identifier, nonce))
    return signed(party, "work.register", subject, payload or work_payload(), key, nonce=nonce, **changes)


def entry(party: Party, key: Key, purpose: int = 1, possession: bytes | None = None) -> list:
    message = cbor(["provchain/possession/1", party.chain, party.identifier, purpose, key.cose])
    return [purpose, cbor2.loads(key.cose), possession or key.sign(message)]


def application(party: Party, entries: list, chain: bytes | None = None, key: Key | None = None) -> bytes:
    key = key or party.key
    protected = cbor({1: key.algorithm, 3: "application/vnd.provchain.application+cbor", 4: key.kid,
                      15: {2: party.urn, 3: urn("chain", chain or party.chain)}})
    return sign1(protected, cbor({1: 1, 2: 1, 3: entries}), key)


def enrol(w, party: Party, encoded: bytes, by: Party | None = None) -> bytes:
    return (by or w.registrar).statement("party.enrol", party.urn, {1: 1, 2: encoded, 3: 0})


def somebody(w, *purposes: int) -> tuple[Party, list[Key]]:
    """An enrolled party with further keys of these purposes."""
    party = Party.new(Key.random(), w.chain.identifier)
    keys = [Key.random() for _ in purposes]
    entries = [entry(party, party.key)] + [entry(party, key, use) for key, use in zip(keys, purposes)]
    w.final(enrol(w, party, application(party, entries)))
    return party, keys


def rotate(party: Party, new: Key, retired: Key | None = None, purpose: int = 1, possession=None, key=None) -> bytes:
    return signed(party, "party.rotate-key", party.urn,
                  {1: 1, 2: entry(party, new, purpose, possession), 3: (retired or party.key).kid}, key)


def rotated(w) -> bytes:
    party, _ = somebody(w)
    w.final(rotate(party, Key.random()))
    return new_work(w, party)


def offer(w, party=None, nonce=None, work=None, **changes) -> tuple[bytes, str]:
    party, nonce = party or w.creator, nonce or os.urandom(16)
    subject = changes.pop("subject", None) or urn(
        "offer", tagged("provchain/derived-id/1", party.chain, party.identifier, nonce))
    payload = {1: 1, 2: work or bytes.fromhex(w.work[-64:]), 3: 1, 4: w.buyer.identifier, 5: 100, 6: now() + 3600}
    return signed(party, "title.offer", subject, payload | changes.get("payload", {}), nonce=nonce), subject


def offered(w, **changes) -> str:
    encoded, subject = offer(w, **changes)
    w.final(encoded)
    return subject


def answer(party: Party, kind: str, subject: str) -> bytes:
    return signed(party, f"title.{kind}", subject, {1: 1})


def twice(w, make: Callable) -> bytes:
    """Two different statements that create one thing: the second."""
    nonce = os.urandom(16)
    w.final(make(nonce))
    return make(nonce)


def after(first: bytes, then: Callable, w) -> bytes:
    w.final(first)
    return then()


def closed(w) -> bytes:
    subject = offered(w)
    w.final(answer(w.buyer, "decline", subject))
    return answer(w.buyer, "accept", subject)


def late(w) -> bytes:
    subject = offered(w, payload={6: now() + 10})
    time.sleep(12)
    return answer(w.buyer, "accept", subject)


malformed("no CBOR", lambda w: b"\xd2nonsense")
malformed("one byte too few", lambda w: new_work(w)[:-1])
malformed("one byte too many", lambda w: new_work(w) + b"\0")
malformed("a map in another order", lambda w: new_work(w, protected=cbor({3: "x", 1: -8})))
malformed("an algorithm that is not allowed", lambda w: new_work(w, algorithm=-7))
malformed("a type of statement that there is not", lambda w: signed(w.creator, "work.destroy", w.work, {1: 1}))
malformed("another media type", lambda w: new_work(w, type="text/plain"))
malformed("a nonce that is too short", lambda w: signed(w.creator, "title.accept", w.work, {1: 1}, nonce=b"short"))
malformed("a layout that is not known", lambda w: new_work(w, payload=work_payload() | {1: 2}))
malformed("a category that there is not", lambda w: new_work(w, payload=work_payload() | {2: 99}))
malformed("a signature that is too short", lambda w: cbor(cbor2.CBORTag(18, [
    *cbor2.loads(new_work(w)).value[:3], bytes(63)])))
malformed("something in the unprotected header", lambda w: (lambda parts: cbor(cbor2.CBORTag(18, [
    parts[0], {1: 1}, *parts[2:]])))(cbor2.loads(new_work(w)).value))
malformed("no payload", lambda w: (lambda parts: cbor(cbor2.CBORTag(18, [
    *parts[:2], None, parts[3]])))(cbor2.loads(new_work(w)).value))
malformed("a share of nothing", lambda w: offer(w, payload={5: 0})[0])
malformed("a licence that is none", lambda w: new_work(w, payload=work_payload() | {6: "免费"}))
statement(413, 65, "statement.too-large", "more bytes than a statement may have",
          lambda w: new_work(w, payload=work_payload() | {9: bytes(70_000)}))
statement(422, 77, "attachment.invalid", "an attachment that the statement does not name",
          lambda w: (register(w)[0], [b"something else"]))
statement(200, 0, "–", "a statement that was applied before: the answer is that of the first time",
          lambda w: after(encoded := new_work(w), lambda: encoded, w))
refused("statement.wrong-chain", "signed for another chain", lambda w: new_work(w, chain=ZERO))
statement(422, 75, "statement.expired", "expired", lambda w: new_work(w, life=-60))
refused("statement.lifetime-too-long", "would live too long", lambda w: new_work(w, life=10_000))
refused("statement.wrong-subject", "a work named otherwise than by its nonce", lambda w: new_work(w, subject=MODEL))
refused("statement.wrong-subject", "an enrolment about another party", lambda w: w.registrar.statement(
    "party.enrol", w.buyer.urn, {1: 1, 2: Party.new(Key.random(), w.chain.identifier).application(), 3: 0}))
refused("statement.not-allowed-here", "opens a chain", lambda w: signed(
    w.registrar, "chain.open", urn("chain", w.chain.identifier), {1: 1}))
refused("signature.unknown-party", "by nobody who is enrolled",
        lambda w: new_work(w, Party.new(Key.random(), w.chain.identifier)))
refused("signature.unknown-key", "by a key that is not enrolled", lambda w: new_work(w, key=Key.random()))
refused("signature.key-of-another-party", "by the key of somebody else", lambda w: new_work(w, key=w.buyer.key))
refused("signature.key-retired", "by a key that was replaced", rotated)
refused("signature.wrong-purpose", "by a key for recovery",
        lambda w: (lambda made: new_work(w, made[0], made[1][0]))(somebody(w, 2)))
refused("signature.wrong-algorithm", "under another algorithm than the key's",
        lambda w: new_work(w, algorithm=ES256K))
refused("signature.invalid", "a bit of the signature changed",
        lambda w: (lambda encoded: encoded[:-5] + bytes([encoded[-5] ^ 1]) + encoded[-4:])(new_work(w)))
refused("signature.invalid", "signed by another key than it names", lambda w: (lambda parts: cbor(cbor2.CBORTag(18, [
    *parts[:3], w.buyer.key.sign(b"something else")])))(cbor2.loads(new_work(w)).value))
refused("party.not-a-registrar", "enrolment by somebody who is no registrar",
        lambda w: w.creator.enrol(Party.new(Key.random(), w.chain.identifier)))
refused("party.already-enrolled", "enrolment of who is enrolled", lambda w: w.registrar.enrol(w.buyer))
refused("party.key-already-enrolled", "enrolment with a key of somebody else", lambda w: (lambda party: enrol(
    w, party, application(party, [entry(party, party.key), entry(party, w.buyer.key)])))(
        Party.new(Key.random(), w.chain.identifier)))
refused("party.no-proof-of-possession", "enrolment with a key that the applicant does not hold", lambda w: (
    lambda party: enrol(w, party, application(party, [entry(party, party.key, possession=bytes(64))])))(
        Party.new(Key.random(), w.chain.identifier)))
refused("application.invalid", "an application that is no application", lambda w: enrol(
    w, Party.new(Key.random(), w.chain.identifier), b"nonsense"))
refused("application.invalid", "an application whose signature is another's", lambda w: (lambda party: enrol(
    w, party, party.application()[:-64] + bytes(64)))(Party.new(Key.random(), w.chain.identifier)))
refused("application.wrong-chain", "an application for another chain", lambda w: (lambda party: enrol(
    w, party, party.application()))(Party.new(Key.random(), ZERO)))
refused("party.retired-key-not-held", "a rotation of a key of somebody else", lambda w: rotate(
    w.creator, Key.random(), w.buyer.key))
refused("party.retired-key-must-sign", "a rotation signed by another key of the party",
        lambda w: (lambda made: rotate(made[0], Key.random(), made[1][0]))(somebody(w, 1)))
refused("party.purpose-changed", "a rotation to a key for recovery", lambda w: rotate(
    w.creator, Key.random(), purpose=2))
refused("work.already-registered", "two registrations with one nonce",
        lambda w: twice(w, lambda nonce: new_work(w, nonce=nonce)))
refused("work.unknown", "a version of a work that there is not", lambda w: signed(
    w.creator, "work.add-version", MODEL, {1: 1, 2: version(), 3: 1}))
refused("work.not-the-claimant", "a version of somebody else's work", lambda w: signed(
    w.buyer, "work.add-version", w.work, {1: 1, 2: version(), 3: 1}))
refused("work.same-content-already-yours", "the same content again", lambda w: register(w, content=w.content))
refused("work.wrong-previous-version", "a version that does not follow the latest", lambda w: signed(
    w.creator, "work.add-version", w.work, {1: 1, 2: version(), 3: 7}))
refused("title.unknown-recipient", "an offer to nobody", lambda w: offer(w, payload={4: ZERO})[0])
refused("title.recipient-is-holder", "an offer to oneself",
        lambda w: offer(w, payload={4: w.creator.identifier})[0])
refused("title.insufficient-share", "an offer of what somebody else has",
        lambda w: offer(w, w.buyer, payload={4: w.creator.identifier})[0])
refused("title.deadline-passed", "an offer whose deadline has passed", lambda w: offer(w, payload={6: now() - 60})[0])
refused("title.deadline-passed", "an acceptance after the deadline", late)
refused("title.deadline-too-far", "an offer open for two years",
        lambda w: offer(w, payload={6: now() + 2 * 366 * 86_400})[0])
refused("title.offer-exists", "two offers with one nonce",
        lambda w: twice(w, lambda nonce, shares=iter((1, 2)): offer(w, nonce=nonce, payload={5: next(shares)})[0]))
refused("title.unknown-offer", "an answer to an offer that there is not",
        lambda w: answer(w.buyer, "accept", f"urn:provchain:offer:{NOBODY}"))
refused("title.offer-closed", "an acceptance of what was declined", closed)
refused("title.not-the-recipient", "an acceptance by somebody else",
        lambda w: answer(w.registrar, "accept", offered(w)))
refused("title.not-the-offerer", "a cancellation by the recipient",
        lambda w: answer(w.buyer, "cancel", offered(w)))

# Files on disk --------------------------------------------------------------------------------------


def damaged(code: int, wrong: str, name: str, change, command=("verify",), rule="–", of="base", surface=FILES) -> None:
    """A home in which one file (the first that `name` matches) is changed: by a function of its bytes, or removed."""
    def how(w, d):
        home = w.copy(d, getattr(w, of))
        path = next((path for path in sorted(home.glob(name)) if path.is_file()), home / name)
        if change is None:
            path.unlink()
        else:
            content = change(path.read_bytes() if path.exists() else b"")
            path.unlink(missing_ok=True)
            path.write_bytes(content(w) if callable(content) else content)
        return w.operate(*command, "--home", home)
    add(surface, code, rule, wrong, how)


def flip(at: float = 0.5) -> Callable:
    """Changes one bit: at a fraction of the content, or at a byte counted from the end if `at` is negative."""
    def change(content: bytes) -> bytes:
        place = min(int(len(content) * at), len(content) - 1) if at >= 0 else len(content) + int(at)
        return content[:place] + bytes([content[place] ^ 1]) + content[place + 1:]
    return change


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def text(content: bytes) -> bytes:
    return b"This is not what belongs here.\n" * 40


def other(name: str) -> Callable:
    return lambda _: lambda w: (w.other / name).read_bytes()


def restore(wrong: str, change: Callable, code: int = 65) -> None:
    """A backup that `change` damages."""
    def how(w, d):
        backup = w.copy(d, w.folder / "backup")
        change(backup)
        return w.operate("restore", "--from", backup, "--home", d / "new")
    add(FILES, code, "–", wrong, how)


def manifest(backup, **changes) -> None:
    path = backup / "backup.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def bundle(code: int, rule: str, wrong: str, change: Callable, genesis=lambda w: w.base / "genesis.cbor",
           *more) -> None:
    def how(w, d):
        (d / "b.provbundle").write_bytes(change((w.folder / "work.provbundle").read_bytes()))
        return w.cli("check", d / "b.provbundle", "--genesis", genesis(w), *(m(w, d) if callable(m) else m for m in more))
    add(FILES, code, rule, wrong, how)


def kept(code: int, rule: str, wrong: str, content, *arguments) -> None:
    """provcli with a file that somebody keeps; FILE stands for it."""
    def how(w, d):
        (d / "kept").write_bytes(content(w) if callable(content) else content)
        return w.cli(*(d / "kept" if x == "FILE" else x(w, d) if callable(x) else x for x in arguments))
    add(FILES, code, rule, wrong, how)


damaged(65, "no genesis", "genesis.cbor", None, ("run",))
damaged(65, "half a genesis", "genesis.cbor", half, ("run",))
damaged(65, "a genesis that is text", "genesis.cbor", text, ("run",))
damaged(65, "the genesis of another chain", "genesis.cbor", other("genesis.cbor"), ("run",))
damaged(65, "a home of a newer provnode", "format", lambda _: b"provnode-home 2\n", ("run",))
damaged(65, "a format that is text", "format", text, ("run",))
damaged(65, "a key of the validator is gone", "keys/vote.key", None, ("run",))
damaged(65, "half a key file", "keys/vote.key", half, ("run",))
damaged(65, "a key file that is text", "keys/log.key", text, ("run",))
damaged(65, "the key of another validator", "keys/vote.key", other("keys/vote.key"), ("run",))
damaged(65, "sealed keys without a passphrase", "nothing", lambda _: b"", ("run",), of="sealed")
damaged(65, "a bit of the mark of what is durable", "log/durable", flip(), ("run",))
damaged(65, "the mark of what is durable is gone", "log/durable", None, ("run",))
damaged(1, "a bit of an entry of the log", "log/partial/entries/*", flip(), rule="verify: log files")
damaged(1, "half the entries of the log", "log/partial/entries/*", half, rule="verify: log files")
damaged(1, "the entries of the log are gone", "log/partial/entries/*", None, rule="verify: log files")
damaged(1, "a bit of a tile", "log/partial/0/*", flip(), rule="verify: log files")
damaged(1, "a bit of a certificate", "log/certificates/*", flip(-10), rule="verify: replay")
damaged(65, "a bit in the middle of a log segment", "log/commit/*", flip(0.1), ("run",), of="killed")
damaged(1, "a bit of an attachment", "attachments/**/*", flip(), rule="verify: attachments")
damaged(1, "a bit of the access log", "access/*", flip(0.2), rule="verify: access log")
restore("a backup without its list", lambda backup: (backup / "backup.json").unlink())
restore("a backup whose list is not JSON", lambda backup: (backup / "backup.json").write_text("{"))
restore("a backup of a newer provnode", lambda backup: manifest(backup, format=9))
restore("a backup whose list leads elsewhere", lambda backup: manifest(
    backup, files=[{"path": "../../etc/passwd", "bytes": 1, "sha256": NOBODY}]))
restore("a backup that lost a file", lambda backup: (backup / "genesis.cbor").unlink())
restore("a backup with a changed file", lambda backup: (backup / "genesis.cbor").write_bytes(
    flip()((backup / "genesis.cbor").read_bytes())))
bundle(65, "input.bad-content", "half a bundle", half)
bundle(65, "input.bad-content", "a bundle that is text", text)
bundle(65, "input.bad-content", "an empty bundle", lambda _: b"")
bundle(65, "input.bad-content", "a bundle with a byte behind it", lambda content: content + b"\0")
bundle(1, "chain", "a bundle under another genesis", lambda content: content, lambda w: w.other / "genesis.cbor")
bundle(65, "file.missing", "a bundle without the genesis", lambda content: content, lambda w: w.folder / "none.cbor")
bundle(65, "input.bad-content", "a bundle and text for a genesis", lambda content: content, lambda w: w.model)
bundle(1, "file", "a bundle of another file", lambda content: content, lambda w: w.base / "genesis.cbor", "--file",
       lambda w, d: w.model)
kept(65, "key.not-usable", "half of somebody's key file", lambda w: half((w.folder / "creator.key").read_bytes()),
     "key", "show", "--key", "FILE")
kept(65, "key.not-usable", "text for somebody's key file", b"my key\n", "key", "show", "--key", "FILE")
kept(65, "file.too-large", "a key file of a megabyte", bytes(1 << 20), "key", "show", "--key", "FILE")
kept(65, "key.damaged", "a key file whose secret was exchanged", lambda w: cbor(
    cbor2.loads((w.folder / "creator.key").read_bytes()) | {6: bytes(range(32))}), "key", "backup", "--key", "FILE")
kept(65, "input.bad-content", "an application that is text", b"let me in\n", "party", "enrol", "FILE", "--key",
     lambda w, d: w.home / "keys/registrar.key")
kept(65, "input.bad-content", "an application with a bit changed", lambda w: flip(0.99)(
    Party.new(Key.random(), w.chain.identifier).application()), "party", "enrol", "FILE", "--key",
    lambda w, d: w.home / "keys/registrar.key")
kept(65, "input.bad-content", "an empty submission", b"", "submit", "FILE")
kept(65, "input.bad-content", "a proof of a part that is text", b"proof\n", "check-component", "FILE", "--root",
     NOBODY)
kept(65, "file.too-large", "a file too large for a submission's application", bytes(9_000), "party", "enrol", "FILE",
     "--key", lambda w, d: w.home / "keys/registrar.key")

# Configuration --------------------------------------------------------------------------------------


def setting(code: int, wrong: str, lines: str) -> None:
    """provnode.toml with its lines of these names replaced."""
    def change(content: bytes) -> bytes:
        names = {line.partition("=")[0].strip() for line in lines.splitlines()}
        old = [line for line in content.decode().splitlines() if line.partition("=")[0].strip() not in names]
        return "\n".join(old + lines.splitlines()).encode()
    damaged(code, wrong, "provnode.toml", change, ("run",), surface=SETTINGS)


def variable(code: int, wrong: str, **variables) -> None:
    operate(SETTINGS, code, wrong, "run", "--home", lambda w, d: w.copy(d), **variables)


def remembered(rule: str, wrong: str, content: bytes | None) -> None:
    """config.toml of provcli; None makes it a folder."""
    def how(w, d):
        if content is None:
            (d / "config.toml").mkdir()
        else:
            (d / "config.toml").write_bytes(content)
        return w.cli("show", MODEL, PROV_HOME=d)
    add(SETTINGS, 65, rule, wrong, how)


setting(65, "a misspelt key", "prot = 1")
setting(65, "a port that is a word", 'port = "eight"')
setting(65, "a port that is too high", "port = 70000")
setting(65, "a log level that there is not", 'log_level = "loud"')
setting(65, "a host that is a number", "host = 127")
setting(65, "a public address with a path", 'public_url = "https://node.example/api"')
setting(65, "a quota that is a text", 'attachment_quota = "much"')
setting(65, "a quota below nothing", "attachment_quota = -1")
setting(65, "a reserve below nothing", "space_reserve = -1")
setting(65, "a passphrase file that is a number", "passphrase_file = 1")
setting(65, "no TOML", "port = = 1")
setting(65, "a key twice", "port = 0\nport = 1")
operate(SETTINGS, 65, "a passphrase file that is not there", "run", "--home",
        lambda w, d: w.copy(d), PROV_PASSPHRASE_FILE="/nowhere/passphrase")
operate(SETTINGS, 65, "a wrong passphrase of the node's keys", "run", "--home", lambda w, d: w.copy(d, w.sealed),
        PROV_PASSPHRASE="wrong horse")
variable(65, "PROV_PORT is a word", PROV_PORT="eight")
variable(65, "PROV_LOG_LEVEL that there is not", PROV_LOG_LEVEL="loud")
variable(65, "PROV_SPACE_RESERVE below nothing", PROV_SPACE_RESERVE="-1")
variable(65, "PROV_ATTACHMENT_QUOTA is a word", PROV_ATTACHMENT_QUOTA="much")
variable(65, "PROV_PUBLIC_URL of another scheme", PROV_PUBLIC_URL="ftp://node.example")
remembered("configuration.bad-line", "config.toml: a misspelt name", b'nod = "http://127.0.0.1:1"\n')
remembered("configuration.bad-line", "config.toml: a value without quotes", b"node = http://127.0.0.1:1\n")
remembered("configuration.bad-line", "config.toml: a language that there is not", b'lang = "fr"\n')
remembered("configuration.bad-line", "config.toml: not text", bytes(range(256)))
remembered("file.too-large", "config.toml: a megabyte", b"#\n" * (1 << 19))
remembered("file.unreadable", "config.toml: a folder", None)

# Databases ------------------------------------------------------------------------------------------


def database(code: int, wrong: str, name: str, change: Callable, command=("run",), rule="–") -> None:
    """A home whose database `change` gets the path of."""
    def how(w, d):
        home = w.copy(d)
        change(home / name)
        return w.operate(*command, "--home", home)
    add(DATABASES, code, rule, wrong, how)


def execute(*statements: str) -> Callable:
    def change(path) -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        for one in statements:
            connection.execute(one)
        connection.close()
    return change


def foreign(path) -> None:
    remove(path)
    execute("CREATE TABLE recipes (name TEXT)", "INSERT INTO recipes VALUES ('soup')")(path)


def foreign_marked(path) -> None:
    remove(path)
    execute("PRAGMA application_id = 252006674", "CREATE TABLE recipes (name TEXT)")(path)


def remove(path) -> None:
    for one in path.parent.glob(path.name + "*"):
        one.unlink()


def rewritten(change: Callable) -> Callable:
    """All of a database is in its file before it is changed."""
    def rewrite(path) -> None:
        execute("PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA journal_mode = DELETE")(path)
        path.write_bytes(change(path.read_bytes()))
    return rewrite


def half_the_pages(content: bytes) -> bytes:
    page = int.from_bytes(content[16:18], "big")
    return content[: max(1, len(content) // page // 2) * page]


def in_pages(content: bytes) -> bytes:
    """Every page but the first is noise."""
    return content[:4096] + b"\x55" * (len(content) - 4096)


for name in ("state.sqlite", "index.sqlite"):
    database(65, f"{name}: not a database", name, rewritten(text))
    database(65, f"{name}: a database of something else", name, foreign)
    database(65, f"{name}: a database of another application", name, foreign_marked)
    database(65, f"{name}: made by a newer provnode", name, execute("PRAGMA user_version = 999"))
    database(65, f"{name}: cut in the middle", name, rewritten(half_the_pages))
    database(65, f"{name}: pages of noise", name, rewritten(in_pages))
    database(65, f"{name}: a folder", name, lambda path: remove(path) or path.mkdir())
database(1, "state.sqlite: pages of noise, seen by verify", "state.sqlite", rewritten(in_pages), ("verify",),
         "verify: state database")
database(1, "index.sqlite: pages of noise, seen by verify", "index.sqlite", rewritten(in_pages), ("verify",),
         "verify: index")
database(1, "index.sqlite: a database of something else, seen by verify", "index.sqlite", foreign, ("verify",),
         "verify: index")
