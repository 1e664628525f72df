"""A consortium of real node processes, a load on all of them, and what must hold of it whatever happens."""

import json
import os
import pathlib
import re
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from links import Links
from node import Node, run, until
from wire import Chain, Client, Key, Party, Problem, Unreachable, check_receipt, leaf_hash

# An answer that does not come within so long is asked for elsewhere.
ANSWER_SECONDS = 6
READY_SECONDS = 90
RETRY_SECONDS = 0.05
# Of each thread of the load, from an answer to the next work: everything final is compared at every node later.
PAUSE_SECONDS = 0.25
# What a node that is behind may say of somebody enrolled meanwhile.
BEHIND = {"signature.unknown-party", "signature.unknown-key"}


class Failure(Exception):
    """A promise was broken."""


class Consortium:
    """Validators on loopback. With links, they reach each other only through proxies."""

    def __init__(self, folder: pathlib.Path, validators: int, linked: bool):
        done = run("provnode", "testnet", "init", "--home", folder, "--validators", validators, "--port", 0, "--json")
        if done.returncode:
            raise SystemExit(f"provnode testnet init failed ({done.returncode}):\n{done.stdout}{done.stderr}")
        self.description = json.loads(done.stdout)
        members = self.description["nodes"]
        self.urls = [member["url"] for member in members]
        self.peers = [int(member["peer"].rpartition(":")[2]) for member in members]
        self.nodes = [Node(pathlib.Path(member["home"])) for member in members]
        self.variables: list[dict[str, str]] = [{} for _ in members]
        self.links = Links(self.peers) if linked else None
        if self.links:
            for place in range(validators):
                self.point_to_proxies(place)
        self.chain: Chain | None = None
        # Block ids at the heights compared so far.
        self.agreed = 0
        self.clients = [Client(url, timeout=30) for url in self.urls]

    def __len__(self) -> int:
        return len(self.nodes)

    @property
    def faulty(self) -> int:
        """How many may fail."""
        return (len(self) - 1) // 3

    def point_to_proxies(self, place: int) -> None:
        path = self.nodes[place].home / "provnode.toml"
        text = path.read_text()
        for called, port in enumerate(self.peers):
            if called == place:
                continue
            line = f'"Member {called + 1}" = "127.0.0.1:{port}"'
            if line not in text:
                raise Failure(f"{path} does not have the line {line}")
            text = text.replace(line, f'"Member {called + 1}" = "127.0.0.1:{self.links.port(place, called)}"')
        path.write_text(text)

    def others(self, *places: int) -> list[int]:
        return [place for place in range(len(self)) if place not in places]

    # Processes

    def start(self, *places: int) -> None:
        """Starts them all, then waits until all are ready."""
        for place in places:
            self.nodes[place].start(**self.variables[place])
        for place in places:
            self.nodes[place].ready(READY_SECONDS)

    def kill(self, *places: int) -> None:
        """SIGKILL to all of them before any is waited for."""
        for place in places:
            if self.nodes[place].running:
                self.nodes[place].process.kill()
        for place in places:
            self.nodes[place].process.wait(timeout=30)

    def stop(self) -> None:
        """All in good order; raises if one is not."""
        running = [node for node in self.nodes if node.running]
        for node in running:
            node.process.terminate()
        codes = [node.stop() for node in running]
        if any(codes):
            raise Failure(f"exit codes {codes}")

    def close(self) -> None:
        for node in self.nodes:
            if node.running:
                node.kill()

    def wipe(self, place: int) -> None:
        """Everything but keys, genesis and configuration is gone."""
        home = self.nodes[place].home
        for path in home.iterdir():
            if path.name in ("keys", "genesis.cbor", "provnode.toml"):
                continue
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

    # What they say

    def view(self, place: int) -> dict:
        return self.clients[place].json("/api/v1/chain")

    def height(self, place: int) -> int:
        """-1 while it does not answer."""
        for _ in range(2):
            try:
                return self.view(place)["height"]
            except Unreachable:
                # Perhaps only the connection was too old.
                continue
            except Problem:
                break
        return -1

    def reach(self, places: list[int], height: int, seconds: float) -> None:
        def lowest():
            heights = {place: self.height(place) for place in places}
            return min(heights.values()) >= height

        try:
            until(lowest, seconds, f"height {height} at {places}", every=0.1)
        except TimeoutError as error:
            raise Failure(f"{error}; heights {[self.height(place) for place in places]}\n{self.tails()}") from None

    def tails(self, lines: int = 12) -> str:
        return "\n".join(f"-- node {place + 1}\n{node.tail(lines)}" for place, node in enumerate(self.nodes))

    def index(self, place: int) -> int:
        """The validator's number in the chain."""
        name = f"Member {place + 1}"
        return next(each["index"] for each in self.view(self.others(place)[0])["validators"] if each["name"] == name)

    def renew(self, place: int) -> Client:
        """A new connection: a node closes those that were idle for long."""
        self.clients[place].connection.close()
        return self.clients[place]

    # What must hold

    def no_fork(self, places: list[int]) -> int:
        """One block at each height that all of them have and that was not compared yet; how many blocks."""
        common = min(self.height(place) for place in places)
        if common < self.agreed:
            raise Failure(f"height {common}, and {self.agreed} before")

        def blocks(place: int) -> list[tuple]:
            self.renew(place)
            found = []
            for height in range(self.agreed + 1, common + 1):
                block = self.clients[place].json(f"/api/v1/blocks/{height}")
                found.append((height, block["id"], block["parent"], block["stateRoot"], block["historyRoot"]))
            return found

        with ThreadPoolExecutor(len(places)) as pool:
            answers = list(pool.map(blocks, places))
        for rows in zip(*answers, strict=True):
            if len(set(rows)) != 1:
                raise Failure(f"fork at height {rows[0][0]}: {dict(zip(places, rows))}")
        compared = common - self.agreed
        self.agreed = common
        return compared

    def nothing_lost(self, places: list[int], acknowledged: list[dict], receipts: bool = True) -> None:
        """Each statement that was reported final is final at each of the nodes, in the same place of the log."""
        if not acknowledged:
            return
        self.reach(places, max(each["height"] for each in acknowledged), READY_SECONDS)
        size = max(each["leafIndex"] for each in acknowledged) + 1

        def check(place: int) -> None:
            client = self.renew(place)
            leaves = client.leaf_hashes(size)
            for each in acknowledged:
                if leaves[each["leafIndex"]] != leaf_hash(each["bytes"]):
                    raise Failure(f"node {place + 1} has another leaf at {each['leafIndex']}: {each['statement']}")
                if not receipts:
                    continue
                found = client.json(f"/api/v1/statements/{each['statement']}")
                for key in ("leafIndex", "height", "status"):
                    if found[key] != each[key]:
                        raise Failure(f"node {place + 1} says {found} of {each['statement']}, reported as {each}")
                receipt = client.get(f"/api/v1/statements/{each['statement']}/receipt")
                index, _ = check_receipt(receipt, each["bytes"], self.chain.log_keys)
                if index != each["leafIndex"]:
                    raise Failure(f"node {place + 1}: receipt for leaf {index} instead of {each['leafIndex']}")

        with ThreadPoolExecutor(len(places)) as pool:
            list(pool.map(check, places))


class Creator:
    """Somebody enrolled, who registers works."""

    def __init__(self, consortium: Consortium):
        chain = consortium.chain = Chain(consortium.view(0))
        key = Key.load(consortium.nodes[0].home / "keys" / "registrar.key")
        registrar = Party.of_genesis(key, chain.identifier, chain.origin)
        self.party = Party.new(Key.random(), chain.identifier)
        answer = consortium.clients[0].submit(registrar.enrol(self.party))
        consortium.reach(list(range(len(consortium))), answer["height"], READY_SECONDS)

    def work(self) -> tuple[bytes, list[bytes]]:
        statement, attachments, _ = self.party.register(os.urandom(64), "A work of a consortium")
        return statement, attachments


class Load:
    """Threads that register works, each at the nodes in turn, and note what was reported final.

    An answer that does not come is asked for at the next node, with the same statement.
    """

    def __init__(self, consortium: Consortium, creator: Creator, threads: int = 4):
        self.consortium, self.creator = consortium, creator
        self.lock = threading.Lock()
        self.acknowledged: list[dict] = []
        self.refused: list[str] = []
        self.turned = 0
        self.ending = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(place,), daemon=True) for place in range(threads)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.ending.set()
        for thread in self.threads:
            thread.join(timeout=ANSWER_SECONDS + 30)

    def taken(self, since: int = 0) -> list[dict]:
        with self.lock:
            return self.acknowledged[since:]

    def work(self, place: int) -> None:
        count = len(self.consortium)
        clients = [Client(url, timeout=ANSWER_SECONDS) for url in self.consortium.urls]
        while not self.ending.is_set():
            place = (place + 1) % count
            statement, attachments = self.creator.work()
            while not self.ending.is_set():
                try:
                    answer = clients[place].submit(statement, attachments)
                    if answer["status"] == "final":
                        with self.lock:
                            self.acknowledged.append({"bytes": statement, **answer})
                        break
                except Unreachable:
                    pass
                except Problem as problem:
                    if not problem.retry and problem.body.get("rule") not in BEHIND:
                        with self.lock:
                            self.refused.append(str(problem))
                        break
                with self.lock:
                    self.turned += 1
                place = (place + 1) % count
                self.ending.wait(RETRY_SECONDS)
            self.ending.wait(PAUSE_SECONDS)

    def probe(self, place: int, seconds: float) -> dict:
        """One work through one node, sent again until it is final there."""
        statement, attachments = self.creator.work()
        client = Client(self.consortium.urls[place], timeout=ANSWER_SECONDS)
        last = "nothing"

        def final():
            nonlocal last
            try:
                answer = client.submit(statement, attachments)
                last = answer["status"]
                return answer if answer["status"] == "final" else None
            except Unreachable as error:
                last = str(error)
            except Problem as problem:
                last = str(problem)
                if not problem.retry and problem.body.get("rule") not in BEHIND:
                    raise
            return None

        try:
            answer = until(final, seconds, f"a statement final through node {place + 1}", every=RETRY_SECONDS)
        except TimeoutError as error:
            raise Failure(f"{error}; the last answer: {last}\n{self.consortium.tails()}") from None
        with self.lock:
            self.acknowledged.append({"bytes": statement, **answer})
        return answer

    def progress(self, places: list[int], seconds: float) -> float:
        """Seconds until a new statement was final through each of the nodes and all of them have its block."""
        started = time.monotonic()
        with ThreadPoolExecutor(len(places)) as pool:
            answers = list(pool.map(lambda place: self.probe(place, seconds), places))
        self.consortium.reach(places, max(answer["height"] for answer in answers), seconds)
        return time.monotonic() - started

    def standstill(self, places: list[int], seconds: float) -> None:
        """No height grows at these nodes, but for what was decided already."""
        def heights():
            return [self.consortium.height(place) for place in places]

        # Votes under way when the fault struck may still decide a block or two.
        time.sleep(seconds / 2)
        before = heights()
        time.sleep(seconds / 2)
        if heights() != before:
            raise Failure(f"without a quorum, heights {before} became {heights()} at {places}")


def rules(refused: list[str]) -> dict[str, int]:
    """How often each rule was named."""
    found: dict[str, int] = {}
    for answer in refused:
        name = re.search(r"'rule': '([^']+)'", answer)
        found[name.group(1) if name else answer] = found.get(name.group(1) if name else answer, 0) + 1
    return found
