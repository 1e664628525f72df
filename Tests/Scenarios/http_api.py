#!/usr/bin/env python3
"""The HTTP API as its users meet it: metrics, events, pages, restricted attachments, TLS by a proxy.

Prints one line per test and, last, "N passed, N failed".
"""

import http.client
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.parse

import cbor2
from prometheus_client.parser import text_string_to_metric_families

from node import Node, run, until
from scenario import run_steps
from wire import Chain, Client, EDDSA, ES256K, Key, Party, Problem, SUBMISSION_TYPE, cbor, sha256, sign1
from python_client import equal, refused

TOKEN_TYPE = "application/vnd.provchain.read-token+cbor"


def base64url(value: bytes) -> str:
    import base64
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def token(party: Party, audience: str, life: int = 300, issued: int | None = None) -> str:
    """A read token as docs/protocol.md describes it."""
    issued = int(time.time()) if issued is None else issued
    protected = cbor({1: party.key.algorithm, 3: TOKEN_TYPE, 4: party.key.kid})
    payload = cbor(["provchain/read-token/1", party.chain, party.identifier, audience, issued, issued + life,
                    os.urandom(16)])
    return base64url(sign1(protected, payload, party.key))


class Events:
    """A reader of server-sent events (WHATWG HTML, section 9.2), on a connection of its own."""

    def __init__(self, url: str, path: str = "/api/v1/events", headers: dict | None = None):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        self.connection.request("GET", path, headers={"Accept": "text/event-stream", **(headers or {})})
        self.answer = self.connection.getresponse()
        self.identifier = None

    def next(self) -> dict:
        """The next event's data; blocks without data only move the identifier."""
        data, name = [], None
        while True:
            line = self.answer.readline()
            if not line:
                raise EOFError("the stream ended")
            line = line.decode().rstrip("\n")
            if not line:
                if data:
                    equal(name, "block", "the event's name")
                    return json.loads("\n".join(data))
                continue
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                data.append(value)
            elif field == "event":
                name = value
            elif field == "id":
                self.identifier = int(value)

    def close(self):
        self.connection.close()


class Scenario:
    """The tests run in the order in which they stand here; later ones use what earlier ones made."""

    def __init__(self, node: Node):
        self.node, self.home, self.url = node, node.home, node.address()
        self.client = Client(self.url)
        self.chain = Chain(self.client.json("/api/v1/chain"))
        self.registrar = Party.of_genesis(
            Key.load(self.home / "keys" / "registrar.key"), self.chain.identifier, self.chain.origin)
        self.creator = Party.new(Key.random(EDDSA), self.chain.identifier)
        self.stranger = Party.new(Key.random(ES256K), self.chain.identifier)
        for party in (self.creator, self.stranger):
            self.client.submit(self.registrar.enrol(party))

    # Metrics

    def metrics(self) -> dict:
        text = self.client.get("/metrics").decode()
        return {family.name: family for family in text_string_to_metric_families(text)}

    def sample(self, name: str, **labels) -> float:
        for family in self.metrics().values():
            for sample in family.samples:
                if sample.name == name and labels.items() <= sample.labels.items():
                    return sample.value
        return 0.0

    def test_metrics_are_what_prometheus_reads(self):
        families = self.metrics()
        types = {name: family.type for name, family in families.items()}
        for name, kind in {
            "provchain_height": "gauge", "provchain_blocks": "counter", "provchain_statements_applied": "counter",
            "provchain_statements_refused": "counter", "provchain_block_duration_seconds": "histogram",
            "provchain_http_requests": "counter", "provchain_http_request_duration_seconds": "histogram",
            "provchain_mempool_statements": "gauge", "provchain_lag_blocks": "gauge",
            "process_resident_memory_bytes": "gauge", "process_open_fds": "gauge", "provchain_build_info": "gauge",
        }.items():
            equal(types.get(name), kind, name)
        for family in families.values():
            if not family.documentation:
                raise AssertionError(f"{family.name} has no help")
            names = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in family.samples]
            equal(len(names), len(set(names)), f"different samples of {family.name}")

    def test_histograms_add_up(self):
        for family in self.metrics().values():
            if family.type != "histogram":
                continue
            buckets, counts = {}, {}
            for sample in family.samples:
                labels = tuple(sorted(item for item in sample.labels.items() if item[0] != "le"))
                if sample.name.endswith("_bucket"):
                    buckets.setdefault(labels, []).append((float(sample.labels["le"]), sample.value))
                elif sample.name.endswith("_count"):
                    counts[labels] = sample.value
            for labels, values in buckets.items():
                equal(values, sorted(values), f"cumulative buckets of {family.name}")
                equal(values[-1][1], counts[labels], f"count of {family.name}")

    def test_metrics_count_what_happens(self):
        applied = self.sample("provchain_statements_applied_total", type="work.register")
        unknown = self.sample(
            "provchain_statements_refused_total", rule="signature.unknown-party", stage="submission")
        statement, attachments, self.work = self.creator.register(os.urandom(50), "Counted")
        self.client.submit(statement, attachments)
        nobody = Party.new(Key.random(), self.chain.identifier)
        statement, attachments, _ = nobody.register(os.urandom(50), "Refused")
        refused("signature.unknown-party", 422, lambda: self.client.submit(statement, attachments))
        equal(self.sample("provchain_statements_applied_total", type="work.register"), applied + 1, "applied")
        equal(self.sample("provchain_statements_refused_total", rule="signature.unknown-party",
                          stage="submission"), unknown + 1, "refused")
        equal(self.sample("provchain_http_requests_total", route="/api/v1/statements", status="422") >= 1, True,
              "the route and status")
        equal(self.sample("provchain_height"), self.client.json("/api/v1/chain")["height"], "the height")
        if self.sample("process_resident_memory_bytes") < 1e6:
            raise AssertionError("less than a megabyte of memory")

    # Events

    def test_events_tell_of_every_block_and_go_on_after_a_break(self):
        stream = Events(self.url)
        equal(stream.answer.getheader("Content-Type"), "text/event-stream", "the type")
        statement, attachments, work = self.creator.register(os.urandom(50), "Followed")
        answer = self.client.submit(statement, attachments)
        event = stream.next()
        while not event["statements"]:
            event = stream.next()
        equal((event["height"], event["time"]), (answer["height"], answer["time"]), "the block")
        equal([(s["statement"], s["type"], s["issuer"], s["subject"]) for s in event["statements"]],
              [(answer["statement"], "work.register", self.creator.urn, work)], "the statements")
        equal(stream.identifier, answer["height"], "the identifier")
        stream.close()
        missed = [self.client.submit(*self.creator.register(os.urandom(50), "Missed")[:2]) for _ in range(3)]
        stream = Events(self.url, headers={"Last-Event-ID": str(answer["height"])})
        found = []
        while len(found) < 3:
            found += [s["statement"] for s in stream.next()["statements"]]
        equal(found, [answer["statement"] for answer in missed], "what was missed")
        stream.close()

    def test_events_from_the_beginning_are_the_whole_log(self):
        height = self.client.json("/api/v1/chain")["height"]
        stream = Events(self.url, "/api/v1/events?from=0")
        leaves = []
        for expected in range(height + 1):
            event = stream.next()
            equal(event["height"], expected, "the height")
            leaves += [s["leafIndex"] for s in event["statements"]]
        equal(leaves, sorted(leaves), "the order of the leaves")
        stream.close()

    def test_events_of_one_party(self):
        stream = Events(self.url, f"/api/v1/events?from=0&party={self.stranger.identifier.hex()}")
        event = stream.next()
        equal([(s["type"], s["subject"]) for s in event["statements"]], [("party.enrol", self.stranger.urn)],
              "the statements")
        stream.close()

    def test_a_reader_who_takes_nothing_does_not_slow_the_node(self):
        lazy = [Events(self.url, "/api/v1/events?from=0") for _ in range(20)]
        started = time.monotonic()
        for _ in range(5):
            self.client.submit(*self.creator.register(os.urandom(50), "Meanwhile")[:2])
        if time.monotonic() - started > 10:
            raise AssertionError("five registrations took more than 10 s")
        equal(self.sample("provchain_event_subscribers"), 20, "the subscribers")
        for stream in lazy:
            stream.close()
        until(lambda: self.sample("provchain_event_subscribers") == 0, 40, "places given back", every=0.5)

    def test_more_followers_than_places_are_refused(self):
        streams = [Events(self.url) for _ in range(64)]
        equal({stream.answer.status for stream in streams}, {200}, "the answers")
        refused("node.too-many-subscribers", 503, lambda: self.client.get("/api/v1/events"))
        for stream in streams:
            stream.close()
        until(lambda: self.sample("provchain_event_subscribers") == 0, 40, "places given back", every=0.5)

    # Lists

    def test_every_list_comes_in_pages_that_fit_together(self):
        path = f"/api/v1/parties/{self.creator.identifier.hex()}"
        for name, limit in (("works", 3), ("titles", 5), ("offers", 1)):
            whole = self.client.json(f"{path}/{name}?limit=1000")
            equal("next" in whole, False, "a next page after all of it")
            pages, after = [], ""
            while True:
                page = self.client.json(f"{path}/{name}?limit={limit}{after}")
                pages += page[name]
                if "next" not in page:
                    break
                after = "&after=" + page["next"]
            equal(pages, whole[name], name)
        if len(self.client.json(f"{path}/works")["works"]) < 9:
            raise AssertionError("works are missing")

    def test_bad_cursors_and_limits_are_refused(self):
        path = f"/api/v1/parties/{self.creator.identifier.hex()}/works"
        cursor = self.client.json(f"{path}?limit=1")["next"]
        other = f"/api/v1/parties/{self.stranger.identifier.hex()}/works"
        for address in (f"{path}?after=17", f"{path}?after={cursor}AA", f"{other}?after={cursor}",
                        f"/api/v1/search?q=x&after={cursor}"):
            refused("parameter.after", 400, lambda: self.client.get(address))
        for limit in ("0", "1001", "-1", "x"):
            refused("parameter.malformed", 400, lambda: self.client.get(f"{path}?limit={limit}"))

    # Restricted attachments

    def restricted(self, reader: Party | None = None, **changes) -> bytes:
        headers = {}
        if reader:
            changes.setdefault("audience", self.url)
            headers["Authorization"] = "Bearer " + token(reader, **changes)
        return self.client.request("GET", f"/api/v1/attachments/{self.secret}", headers=headers)

    def test_a_restricted_attachment_needs_the_token_of_somebody_who_may(self):
        statement, attachments, _ = self.creator.register(os.urandom(50), "With a secret", "secret-name.glb")
        self.secret = sha256(attachments[1]).hex()
        body = cbor({1: statement, 2: attachments, 3: [sha256(attachments[1])]})
        self.client.request("POST", "/api/v1/statements", body, {"Content-Type": SUBMISSION_TYPE})
        refused("access.token-missing", 401, self.restricted)
        equal(self.restricted(self.creator), attachments[1], "what the owner reads")
        equal(self.restricted(self.registrar), attachments[1], "what the registrar reads")
        refused("access.denied", 403, lambda: self.restricted(self.stranger))
        now = int(time.time())
        for changes in ({"life": 601}, {"issued": now - 400}, {"issued": now + 120},
                        {"audience": "https://elsewhere.example"}):
            refused("access.token-invalid", 401, lambda: self.restricted(self.creator, **changes))
        equal(self.client.get(f"/api/v1/attachments/{sha256(attachments[0]).hex()}"), attachments[0], "the public one")

    def test_provcli_makes_tokens_and_fetches(self):
        with tempfile.TemporaryDirectory() as folder:
            key, output = pathlib.Path(folder) / "key", pathlib.Path(folder) / "out"
            self.creator.key.save(key)
            options = ("--node", self.url, "--key", key)
            made = run("provcli", "token", *options)
            equal(made.returncode, 0, f"provcli token: {made.stderr}")
            self.client.request("GET", f"/api/v1/attachments/{self.secret}",
                                headers={"Authorization": "Bearer " + made.stdout.strip()})
            done = run("provcli", "attachment", "get", self.secret, "-o", output, "--json", *options)
            equal(done.returncode, 0, f"provcli attachment get: {done.stderr}")
            equal(json.loads(done.stdout)["class"], "restricted", "the class")
            equal(sha256(output.read_bytes()).hex(), self.secret, "the file")
            equal(output.stat().st_mode & 0o777, 0o600, "who may read the file")
            self.stranger.key.save(key)
            denied = run("provcli", "attachment", "get", self.secret, "-o", output, "--force", *options)
            equal(denied.returncode, 77, f"the exit code of a denied read: {denied.stderr}")

    def test_every_restricted_read_is_in_a_chain_of_hashes(self):
        lines = b"".join(path.read_bytes() for path in sorted((self.home / "access").iterdir())).splitlines()
        entries = [json.loads(line) for line in lines]
        equal([entry["party"] for entry in entries],
              [self.creator.urn, self.registrar.urn, self.creator.urn, self.creator.urn], "the readers")
        equal({entry["attachment"] for entry in entries}, {self.secret}, "the attachment")
        before = bytes(32)
        for number, (line, entry) in enumerate(zip(lines, entries), 1):
            equal((entry["number"], entry["previous"]), (number, before.hex()), "the link")
            before = sha256(line)

    # HTTP itself

    def test_whoever_expects_to_be_asked_for_a_body_is_asked(self):
        parts = urllib.parse.urlsplit(self.url)
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
            connection.sendall(
                b"POST /api/v1/statements HTTP/1.1\r\nHost: x\r\nContent-Type: application/cose\r\n"
                b"Content-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
            equal(connection.recv(1000), b"HTTP/1.1 100 Continue\r\n\r\n", "the interim answer")
            connection.sendall(b"abc")
            answer = b""
            while piece := connection.recv(10_000):
                answer += piece
        equal(answer.split(b"\r\n")[0], b"HTTP/1.1 400 Bad Request", "the answer")

    def test_behind_nginx_with_tls(self):
        """The server block of docs/operators.md, with another port and certificate."""
        nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        openssl = shutil.which("openssl")
        if not nginx or not openssl:
            print("          (skipped: nginx or openssl is not installed)")
            return
        guide = (pathlib.Path(__file__).resolve().parents[2] / "docs" / "operators.md").read_text()
        block = guide.partition("```nginx\n")[2].partition("```")[0]
        with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
            free.close()
            certificate, key = f"{folder}/cert.pem", f"{folder}/key.pem"
            subprocess.run([openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                            "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost", "-addext",
                            "subjectAltName=DNS:localhost"], check=True, capture_output=True)
            lines = []
            for line in block.splitlines():
                words = line.split()
                if words[:1] == ["listen"]:
                    line = f"listen 127.0.0.1:{port} ssl;" if "[::]" not in line else ""
                elif words[:1] == ["ssl_certificate"]:
                    line = f"ssl_certificate {certificate};"
                elif words[:1] == ["ssl_certificate_key"]:
                    line = f"ssl_certificate_key {key};"
                elif words[:1] == ["server_name"]:
                    line = "server_name localhost;"
                lines.append(line.replace("http://127.0.0.1:8420", self.url))
            configuration = pathlib.Path(folder) / "nginx.conf"
            configuration.write_text(
                f"daemon off; pid {folder}/pid; error_log stderr; events {{}}\nhttp {{ access_log off;\n"
                + "".join(f"{kind}_temp_path {folder}/{kind};\n"
                          for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
                + "\n".join(lines) + "\n}\n")
            server = subprocess.Popen([nginx, "-c", configuration, "-e", "stderr"], stderr=subprocess.PIPE, text=True)
            try:
                trust = ssl.create_default_context(cafile=certificate)

                def ask(path, timeout=20, **options):
                    connection = http.client.HTTPSConnection("localhost", port, context=trust, timeout=timeout)
                    connection.request("GET", path, **options)
                    return connection, connection.getresponse()

                def answers():
                    if server.poll() is not None:
                        raise RuntimeError(f"nginx ended: {server.stderr.read()}")
                    try:
                        return ask("/healthz")[1].status == 200
                    except OSError:
                        return False

                until(answers, 20, "nginx answers", every=0.1)
                equal(json.loads(ask("/api/v1/chain")[1].read())["origin"], self.chain.origin, "the chain through TLS")
                equal(ask("/metrics")[1].status, 404, "metrics are not for everybody")
                # Events come through at once, and not when some buffer is full.
                _, stream = ask("/api/v1/events")
                equal(stream.status, 200, "events through the proxy")
                answer = self.client.submit(*self.creator.register(os.urandom(50), "Proxied")[:2])
                while True:
                    line = stream.readline()
                    if line.startswith(b"data:") and answer["statement"].encode() in line:
                        break
            finally:
                server.terminate()
                server.wait(timeout=20)

    def test_it_stops_although_somebody_follows_and_verifies(self):
        stream = Events(self.url)
        started = time.monotonic()
        equal(self.node.stop(), 0, "the exit code")
        if time.monotonic() - started > 8:
            raise AssertionError("a follower held the node up")
        try:
            while True:
                stream.next()
        except EOFError:
            pass
        done = run("provnode", "verify", "--home", self.home, "--json")
        checks = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
        equal(checks["access log"]["ok"], True, "the access log")
        segment = sorted((self.home / "access").iterdir())[0]
        whole = segment.read_bytes()
        segment.write_bytes(whole.replace(b'"number":2', b'"number":3', 1))
        equal(run("provnode", "verify", "--home", self.home).returncode, 1, "the exit code after a change")
        segment.write_bytes(whole)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="provchain-http-") as folder:
        node = Node.create(pathlib.Path(folder) / "node")
        node.start()
        node.ready()
        return run_steps(Scenario(node), close=lambda: node.stop() if node.running else 0, tail=node.tail)


if __name__ == "__main__":
    sys.exit(main())
