#!/usr/bin/env python3
"""A validator that takes statements and never makes them final, or that does not answer at all: provcli turns to
the others that the chain names.

Prints one line per test and, last, "N passed, N failed".
"""

import http.server
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request

from node import Node, run
from scenario import run_steps
from testnet import Testnet, get


class Keeper(http.server.ThreadingHTTPServer):
    """A node's front that passes reading on to a real node, and keeps every statement to itself."""

    daemon_threads = True

    def __init__(self, real: str, names: list[dict]):
        super().__init__(("127.0.0.1", 0), Front)
        self.real = real
        self.names = names
        self.kept = 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.closing = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class Front(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        try:
            with urllib.request.urlopen(self.server.real + self.path, timeout=20) as answer:
                status, kind, body = answer.status, answer.headers["content-type"], answer.read()
        except urllib.error.HTTPError as error:
            status, kind, body = error.code, error.headers["content-type"], error.read()
        if self.path == "/api/v1/chain":
            view = json.loads(body)
            one = view["validators"][0]
            view["validators"] = [one | {"index": place, "name": str(place)} | ({"url": name} if name else {})
                                  for place, name in enumerate(self.server.names)]
            body = json.dumps(view).encode()
        self.answer(status, kind, body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.kept += 1
        # As a real node would: it waits in vain for the block, then says that the statement is pending. The
        # client goes away before.
        self.server.closing.wait(30)


class Scenario:
    """The tests run in the order in which they stand here; later ones use what earlier ones made."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.node = Node.create(folder / "node")
        self.node.start()
        self.url = self.node.ready()
        self.count = 0
        self.keepers: list[Keeper] = []
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("PROV_")}
        self.environment |= {"PROV_HOME": str(folder / "home"), "LC_ALL": "C.UTF-8"}
        self.cli("key", "new", "--unencrypted", "--key", "me.key")
        self.enrol(self.url, self.node.home / "keys/registrar.key")

    def close(self) -> None:
        for keeper in self.keepers:
            keeper.close()
        if self.node.running:
            self.node.stop()

    def keeper(self, names: list) -> Keeper:
        self.keepers.append(Keeper(self.url, names))
        return self.keepers[-1]

    def cli(self, *arguments, code: int = 0) -> subprocess.CompletedProcess:
        done = run("provcli", *arguments, env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL, timeout=180)
        if done.returncode != code:
            raise AssertionError(f"{arguments}: exit code {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
        return done

    def enrol(self, url: str, registrar) -> None:
        self.cli("party", "apply", "--key", "me.key", "-o", "me.application", "--force", "--node", url)
        self.cli("party", "enrol", "me.application", "--key", registrar, "--node", url)

    def register(self, url: str, *arguments, code: int = 0) -> tuple[dict, str]:
        self.count += 1
        (self.folder / "model.bin").write_bytes(os.urandom(1_000 + self.count))
        done = self.cli("register", "model.bin", "--title", f"Model {self.count}", "--key", "me.key", "--node", url,
                        "--json", *arguments, code=code)
        return json.loads(done.stdout), done.stderr

    @staticmethod
    def require(condition, what) -> None:
        if not condition:
            raise AssertionError(what)

    def test_what_the_chosen_validator_keeps_goes_to_another_one_after_3_seconds(self):
        keeper = self.keeper([])
        keeper.names = [keeper.url, self.url]
        answer, words = self.register(keeper.url)
        self.require(keeper.kept == 1, f"the chosen node got it {keeper.kept} times")
        self.require(answer["status"] == "final" and answer["height"] > 0, answer)
        self.require(answer["resubmittedTo"] == [self.url] and answer["finalAt"] == self.url, answer)
        self.require(answer["record"]["urn"] == answer["work"], answer)
        self.require(f"{keeper.url} has not made the statement final in 3 s" in words, words)
        self.require(f"{self.url} says that the statement is final" in words, words)

    def test_in_chinese_too(self):
        keeper = self.keeper([])
        keeper.names = [keeper.url, self.url]
        _, words = self.register(keeper.url, "--lang", "zh")
        self.require(f"{keeper.url} 在 3 秒内未最终确认该声明" in words and self.url + " 已最终确认该声明" in words, words)

    def test_of_four_validators_it_goes_to_two_others(self):
        keeper = self.keeper([])
        # By other names the same node: of any two of them one at least makes it final.
        others = [self.url, self.url.replace("127.0.0.1", "localhost"), self.url.replace("127.0.0.1", "127.1")]
        keeper.names = [keeper.url, *others]
        answer, _ = self.register(keeper.url)
        self.require(answer["status"] == "final" and len(answer["resubmittedTo"]) == 2, answer)
        self.require(set(answer["resubmittedTo"]) <= set(others), answer)

    def test_a_quick_validator_is_the_only_one_asked(self):
        keeper = self.keeper([])
        keeper.names = [self.url, keeper.url]
        answer, words = self.register(self.url)
        self.require("resubmittedTo" not in answer and "finalAt" not in answer, answer)
        self.require(keeper.kept == 0, "another validator got a statement without need")

    def test_another_chain_behind_a_remembered_address_gets_nothing(self):
        other = Node.create(self.folder / "other", origin="other.example/log")
        other.start()
        try:
            keeper = self.keeper([])
            stranger = self.keeper([None])
            stranger.real = other.ready()
            keeper.names = [keeper.url, stranger.url, self.url, None]
            answer, _ = self.register(keeper.url)
            self.require(answer["finalAt"] == self.url and len(answer["resubmittedTo"]) == 2, answer)
            self.require(stranger.kept == 0, "a node of another chain got the statement")
        finally:
            other.stop()

    def test_the_validators_of_a_node_that_is_gone_are_remembered(self):
        keeper = self.keeper([])
        keeper.names = [keeper.url, self.url]
        self.register(keeper.url)
        keeper.close()
        self.keepers.remove(keeper)
        answer, words = self.register(keeper.url)
        self.require(answer["status"] == "final", answer)
        self.require(f"{keeper.url} does not answer; {self.url} is asked instead" in words, words)

    def test_a_validator_cut_off_from_the_others(self):
        net = Testnet(self.folder / "net")
        net.create()
        nodes = [Node(pathlib.Path(each["home"])) for each in net.description["nodes"]]
        try:
            for node in nodes:
                node.start()
            urls = [node.ready() for node in nodes]
            self.enrol(urls[0], nodes[0].home / "keys/registrar.key")
            # From now on it knows nobody, and listens where nobody looks; three of four are a quorum.
            nodes[0].stop()
            nodes[0].start(PROV_PEERS="{}", PROV_PEER_PORT="0")
            nodes[0].ready()
            height = get(urls[0] + "/api/v1/chain")["height"]
            answer, words = self.register(urls[0])
            self.require(get(urls[0] + "/api/v1/chain")["height"] == height, "the first validator is not cut off")
            self.require(answer["status"] == "final" and answer["finalAt"] in urls[1:], answer)
            self.require(len(answer["resubmittedTo"]) == 2, answer)
            self.require(f"{urls[0]} has not made the statement final in 3 s" in words, words)
        finally:
            for node in nodes:
                if node.process:
                    node.stop()


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="provchain-resubmission-") as folder:
        scenario = Scenario(pathlib.Path(folder).resolve())
        return run_steps(scenario, close=scenario.close)


if __name__ == "__main__":
    sys.exit(main())
