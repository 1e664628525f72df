#!/usr/bin/env python3
"""A chain of four validators, each a process of its own: it registers, agrees, survives and stops.

Prints one line per test and, last, "N passed, N failed".

    testnet.py [--validators 4] [--keep FOLDER]
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

from node import binary, run, until
from scenario import run_steps

FINAL_SECONDS = 60


def get(url: str, seconds: float = 10):
    with urllib.request.urlopen(url, timeout=seconds) as answer:
        return json.load(answer)


def alive(pid: int) -> bool:
    """True while the process runs; one that ended and waits to be collected does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def base58(text: str) -> bytes:
    """The bytes of a Bitcoin base58 text without leading zeros, as multibase has them."""
    number = 0
    for letter in text:
        number = number * 58 + "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".index(letter)
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


class Testnet:
    """`provnode testnet run` on a folder. Its output goes to files beside the folder."""

    __test__ = False

    def __init__(self, folder: pathlib.Path, validators: int = 4):
        self.folder = folder
        self.validators = validators
        self.description: dict = {}
        self.process: subprocess.Popen | None = None
        self.output = folder.with_name(folder.name + ".out")
        self.log = folder.with_name(folder.name + ".log")

    def create(self) -> dict:
        done = run("provnode", "testnet", "init", "--home", self.folder, "--validators", self.validators,
                   "--port", 0, "--json")
        if done.returncode:
            raise SystemExit(f"provnode testnet init failed ({done.returncode}):\n{done.stdout}{done.stderr}")
        self.description = json.loads(done.stdout)
        return self.description

    @property
    def urls(self) -> list[str]:
        return [node["url"] for node in self.description["nodes"]]

    def start(self, *arguments) -> None:
        with open(self.output, "wb") as out, open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [binary("provnode"), "testnet", "run", "--home", str(self.folder), "--json", *arguments],
                stdout=out, stderr=log, stdin=subprocess.DEVNULL)

    def ready(self, seconds: float = 90) -> list[int]:
        """Waits until all validators are ready; their process numbers."""
        def look():
            if self.process.poll() is not None:
                raise RuntimeError(f"testnet run ended with {self.process.returncode}\n{self.tail()}")
            try:
                return json.loads(self.output.read_text())["nodes"]
            except ValueError:
                return None

        return [node["pid"] for node in until(look, seconds, "all validators ready", every=0.1)]

    def heights(self) -> list[int]:
        return [get(url + "/api/v1/chain")["height"] for url in self.urls]

    def common_height(self, height: int, seconds: float = FINAL_SECONDS) -> None:
        """Waits until every validator has this height."""
        until(lambda: min(self.heights()) >= height, seconds, f"height {height} everywhere", every=0.1)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 60) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=30)
            raise TimeoutError(f"testnet run did not stop within {seconds:g} s\n{self.tail()}") from None

    def tail(self, lines: int = 30) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


class Scenario:
    """The tests run in the order in which they stand here; later ones use what earlier ones made."""

    def __init__(self, folder: pathlib.Path, validators: int):
        self.folder = folder
        self.net = Testnet(folder / "net", validators)
        self.net.create()
        self.pids: list[int] = []
        self.works: list[str] = []
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("PROV_")}
        self.observer: subprocess.Popen | None = None
        self.observer_home = folder / "observer"
        self.environment |= {"PROV_HOME": str(folder / "home"), "LC_ALL": "C.UTF-8"}

    def cli(self, place: int, *arguments) -> dict:
        """Runs provcli against the validator at this place; it must succeed."""
        done = run("provcli", *arguments, "--node", self.net.urls[place], "--json", env=self.environment,
                   cwd=self.folder, stdin=subprocess.DEVNULL, timeout=180)
        if done.returncode:
            raise AssertionError(f"{arguments} at validator {place + 1}: exit code {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}\n{self.net.tail()}")
        return json.loads(done.stdout)

    def agree(self) -> int:
        """Demands one block id and one state root at each height that all validators have; the last such height."""
        common = min(self.net.heights())
        for height in range(1, common + 1):
            blocks = [get(f"{url}/api/v1/blocks/{height}") for url in self.net.urls]
            for field in ("id", "stateRoot", "historyRoot"):
                found = {block[field] for block in blocks}
                if len(found) != 1:
                    raise AssertionError(f"{field} at height {height} differs: {found}")
        return common

    def start_observer(self) -> str:
        """Starts it and gives its address, once it is ready."""
        running = self.observer_home / "node.json"
        running.unlink(missing_ok=True)
        with open(self.folder / "observer.log", "ab") as log:
            self.observer = subprocess.Popen([binary("provnode"), "run", "--home", str(self.observer_home)],
                                             stdout=log, stderr=log, stdin=subprocess.DEVNULL)

        def look():
            if self.observer.poll() is not None:
                raise RuntimeError(f"the observer ended with {self.observer.returncode}\n"
                                   + (self.folder / "observer.log").read_text(errors="replace")[-2000:])
            try:
                content = json.loads(running.read_text())
            except (FileNotFoundError, ValueError):
                return None
            return content["url"] if content["pid"] == self.observer.pid else None

        return until(look, 60, "the observer is ready", every=0.1)

    def close(self) -> None:
        if self.observer and self.observer.poll() is None:
            self.observer.kill()
            self.observer.wait(timeout=30)
        if self.net.process and self.net.process.poll() is None:
            self.net.stop()

    def test_an_observer_is_made_and_let_in(self):
        first = self.net.description["nodes"][0]
        done = run("provnode", "observe", "--home", self.observer_home, "--genesis",
                   pathlib.Path(first["home"]) / "genesis.cbor", "--name", "Auditor", "--port", 0,
                   "--unencrypted-keys", "--json")
        if done.returncode:
            raise AssertionError(f"provnode observe: {done.stdout}{done.stderr}")
        made = json.loads(done.stdout)
        if made["chain"] != self.net.description["chain"]:
            raise AssertionError(f"another chain: {made}")
        # Two of the validators let it in; it knows where all of them are.
        for node in self.net.description["nodes"][:2]:
            with open(pathlib.Path(node["home"]) / "provnode.toml", "a") as file:
                file.write(f'\n[observers]\n"Auditor" = "{made["identity"]}"\n')
        with open(self.observer_home / "provnode.toml", "a") as file:
            file.write("\n[peers]\n")
            for node in self.net.description["nodes"]:
                file.write(f'"{node["member"]}" = "{node["peer"]}"\n')

    def test_all_become_ready(self):
        self.net.start()
        self.pids = self.net.ready()
        if len(set(self.pids)) != self.net.validators:
            raise AssertionError(f"not {self.net.validators} processes: {self.pids}")
        for url in self.net.urls:
            view = get(url + "/api/v1/chain")
            if view["chain"] != self.net.description["chain"]:
                raise AssertionError(f"{url} runs chain {view['chain']}")
            if [each["url"] for each in view["validators"]] != self.net.urls:
                raise AssertionError(f"{url} does not name the validators' addresses: {view['validators']}")

    def test_each_is_connected_to_all_others(self):
        def connected():
            views = [get(url + "/api/v1/chain")["validators"] for url in self.net.urls]
            return all(sum(each.get("connected", False) for each in view) == self.net.validators - 1 for view in views)

        until(connected, 30, "every validator connected to every other", every=0.1)

    def test_files_are_registered_through_every_validator(self):
        for place in range(self.net.validators):
            key, application, model = f"creator{place}.key", f"creator{place}.application", f"model{place}.bin"
            (self.folder / model).write_bytes(os.urandom(2_000 + place))
            self.cli(place, "key", "new", "--unencrypted", "--key", key)
            self.cli(place, "party", "apply", "--key", key, "-o", application)
            registrar = self.net.description["nodes"][place]["registrarKey"]
            self.cli(place, "party", "enrol", application, "--key", registrar)
            # Through one validator enrolled, through the next one registered.
            through = (place + 1) % self.net.validators
            self.net.common_height(get(self.net.urls[place] + "/api/v1/chain")["height"])
            answer = self.cli(through, "register", model, "--title", f"Model {place}", "--key", key)
            if answer["status"] != "final":
                raise AssertionError(f"not final: {answer}")
            self.works.append(answer["work"])

    def test_all_validators_have_the_same_blocks(self):
        self.net.common_height(max(self.net.heights()))
        if self.agree() < 2:
            raise AssertionError(f"hardly any block: {self.net.heights()}")

    def test_every_validator_knows_every_work(self):
        for work in self.works:
            found = {json.dumps(get(f"{url}/api/v1/records/{work}")["record"], sort_keys=True) for url in self.net.urls}
            if len(found) != 1:
                raise AssertionError(f"{work} differs: {found}")

    def test_a_killed_validator_is_started_again_and_catches_up(self):
        os.kill(self.pids[-1], signal.SIGKILL)
        # The others go on without it.
        (self.folder / "meanwhile.bin").write_bytes(os.urandom(3_000))
        answer = self.cli(0, "register", "meanwhile.bin", "--title", "Meanwhile", "--key", "creator0.key")

        def back():
            try:
                return get(self.net.urls[-1] + "/api/v1/chain")["height"] >= answer["height"]
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                return False

        until(back, FINAL_SECONDS, "the killed validator is back and has the block", every=0.2)
        log = self.net.log.read_text(errors="replace")
        for sentence in (f"node {self.net.validators} was killed by signal 9; it is started again in 1 s",
                         f"node {self.net.validators} is ready again"):
            until(lambda: sentence in self.net.log.read_text(errors="replace"), 30, f"the log says: {sentence}", every=0.1)
        self.agree()
        if f"[{self.net.validators}] " not in log:
            raise AssertionError("the nodes' logs do not come with their numbers")

    def test_an_observer_follows_is_killed_and_catches_up(self):
        url = self.start_observer()

        def follows():
            return get(url + "/api/v1/chain")["height"] >= max(self.net.heights())

        until(follows, FINAL_SECONDS, "the observer has every block", every=0.1)
        # Live, too.
        (self.folder / "live.bin").write_bytes(os.urandom(3_000))
        height = self.cli(1, "register", "live.bin", "--title", "Live", "--key", "creator1.key")["height"]
        until(lambda: get(url + "/api/v1/chain")["height"] >= height, 20, "the observer has the new block", every=0.1)
        self.observer.kill()
        self.observer.wait(timeout=30)
        (self.folder / "unseen.bin").write_bytes(os.urandom(3_000))
        answer = self.cli(2, "register", "unseen.bin", "--title", "Unseen", "--key", "creator2.key")
        url = self.start_observer()
        until(lambda: get(url + "/api/v1/chain")["height"] >= answer["height"], FINAL_SECONDS,
              "the observer caught up", every=0.1)
        for height in range(1, answer["height"] + 1):
            theirs, ours = (get(f"{each}/api/v1/blocks/{height}") for each in (self.net.urls[0], url))
            if theirs["id"] != ours["id"] or theirs["stateRoot"] != ours["stateRoot"]:
                raise AssertionError(f"block {height} differs: {theirs} {ours}")
        self.observer_url, self.unseen = url, answer

    def test_what_an_observer_gives_verifies_offline(self):
        bundle, receipt = self.folder / "unseen.provbundle", self.folder / "unseen.receipt"
        work = self.unseen["work"]
        done = run("provcli", "prove", work, "-o", bundle, "--node", self.observer_url, env=self.environment,
                   cwd=self.folder)
        if done.returncode:
            raise AssertionError(f"bundle at the observer: {done.stdout}{done.stderr}")
        genesis = pathlib.Path(self.net.description["nodes"][0]["home"]) / "genesis.cbor"
        offline = {k: v for k, v in self.environment.items() if k != "PROV_HOME"}
        done = run("provcli", "check", bundle, "--genesis", genesis, "--file", self.folder / "unseen.bin", env=offline)
        if done.returncode:
            raise AssertionError(f"check of the observer's bundle: {done.stdout}{done.stderr}")
        # A receipt of a validator, by way of one that has no key to sign with.
        statement = self.unseen["statement"]
        with urllib.request.urlopen(f"{self.observer_url}/api/v1/statements/{statement}/receipt", timeout=10) as given:
            receipt.write_bytes(given.read())
        with urllib.request.urlopen(f"{self.observer_url}/api/v1/statements/{statement}/raw", timeout=10) as given:
            (self.folder / "unseen.statement").write_bytes(given.read())
        self.verify_receipt(receipt, self.folder / "unseen.statement")

    def verify_receipt(self, receipt: pathlib.Path, statement: pathlib.Path) -> None:
        """By the verifier that shares no code with us."""
        keys = [each["log"] for each in get(self.net.urls[0] + "/api/v1/chain")["validators"]]
        verifier = pathlib.Path(__file__).resolve().parents[1] / "Foreign" / "verify_receipt.py"
        arguments = [sys.executable, str(verifier), "--statement", str(statement), "--receipt", str(receipt)]
        for key in keys:
            # A did:key of Ed25519: multibase z, two bytes of multicodec, the key.
            arguments += ["--key", base58(key.removeprefix("did:key:z"))[2:].hex()]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise AssertionError(f"the receipt of the observer: {done.stdout}{done.stderr}")

    def test_an_observer_says_what_it_is(self):
        node = get(self.observer_url + "/api/v1/node")
        if node["role"] != "observer" or node["votes"] or not any(v["connected"] for v in node["validators"]):
            raise AssertionError(f"{node}")
        connected = [v["connected"] for v in node["validators"]]
        if any(connected[2:]):
            raise AssertionError(f"validators talk to an observer that they do not name: {connected}")
        for command, code, says in [("status", 0, "role        observer"), ("why", 0, "no validator")]:
            done = run("provnode", command, "--home", self.observer_home, env=self.environment)
            if done.returncode != code or says not in done.stdout:
                raise AssertionError(f"{command}: {done.returncode} {done.stdout}{done.stderr}")
        done = run("provnode", "status", "--home", self.net.description["nodes"][0]["home"])
        if "observer    Auditor: connected" not in done.stdout:
            raise AssertionError(done.stdout)
        # It takes no statements, and says who does.
        request = urllib.request.Request(self.observer_url + "/api/v1/statements", data=b"\xd2", method="POST")
        request.add_header("Content-Type", "application/cose")
        try:
            urllib.request.urlopen(request, timeout=10)
            raise AssertionError("an observer took a statement")
        except urllib.error.HTTPError as error:
            if error.code not in (400, 503):
                raise AssertionError(f"{error.code} {error.read()!r}") from None
        self.observer.terminate()
        if self.observer.wait(timeout=30) != 0:
            raise AssertionError(f"the observer ended with {self.observer.returncode}")

    def test_a_signal_stops_all_in_good_order(self):
        heights = self.net.heights()
        code = self.net.stop(signal.SIGINT)
        if code != 0:
            raise AssertionError(f"exit code {code}\n{self.net.tail()}")
        for node in self.net.description["nodes"]:
            if (pathlib.Path(node["home"]) / "node.json").exists():
                raise AssertionError(f"{node['home']} still says that a node runs")
            done = run("provnode", "verify", "--home", node["home"])
            if done.returncode:
                raise AssertionError(f"verify of {node['home']}: {done.stdout}{done.stderr}")
        self.stopped_at = max(heights)

    def test_started_again_it_goes_on_where_it_was(self):
        self.net.start("--no-restart")
        self.pids = self.net.ready()
        self.net.common_height(self.stopped_at)
        (self.folder / "again.bin").write_bytes(os.urandom(3_000))
        self.cli(1, "register", "again.bin", "--title", "Again", "--key", "creator1.key")
        self.agree()

    def test_a_validator_that_lost_its_log_fetches_the_blocks_from_the_others(self):
        self.net.stop()
        home = pathlib.Path(self.net.description["nodes"][2]["home"])
        for name in ("log", "state.sqlite", "index.sqlite"):
            for path in [home / name, home / f"{name}-wal", home / f"{name}-shm"]:
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink(missing_ok=True)
        self.net.start("--no-restart")
        self.pids = self.net.ready()
        self.net.common_height(self.stopped_at)
        self.agree()

    def test_without_restarts_a_dead_validator_stays_dead_and_the_exit_code_says_so(self):
        os.kill(self.pids[0], signal.SIGKILL)
        sentence = "node 1 was killed by signal 9; it is not started again"
        until(lambda: sentence in self.net.log.read_text(errors="replace"), 30, sentence, every=0.1)
        code = self.net.stop()
        if code != 70:
            raise AssertionError(f"exit code {code} instead of 70")

    def test_no_process_outlives_the_one_that_started_it(self):
        self.net.start()
        pids = self.net.ready()
        self.net.process.kill()
        self.net.process.wait(timeout=30)
        until(lambda: not any(map(alive, pids)), 60, "all nodes stopped after their parent was killed", every=0.1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--validators", type=int, default=4)
    parser.add_argument("--keep", type=pathlib.Path, help="work in this folder and leave it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="provchain-testnet-") as temporary:
        folder = (options.keep or pathlib.Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        scenario = Scenario(folder, options.validators)
        return run_steps(scenario, close=scenario.close, tail=scenario.net.tail)


if __name__ == "__main__":
    sys.exit(main())
