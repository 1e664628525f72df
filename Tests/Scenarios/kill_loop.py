#!/usr/bin/env python3
"""Kills a node again and again under load, and checks that nothing it acknowledged is ever lost.

A separate process registers works in parallel and keeps every final answer (load_client.py). The node is
killed with SIGKILL: at random moments, during recovery, and by failpoints inside the commit. After each
restart
 1. the checkpoint is signed by the chain's log key, and is not smaller than the last one seen;
 2. the tiles give exactly the checkpoint's root, and the root of every earlier checkpoint: append-only;
 3. every answer ever given stands in those tiles at its index, with its leaf hash;
 4. the node finds the newest statements, and a sample of the older ones, at the same index and height;
 5. for a sample, the COSE receipt verifies under the chain's log key.
At the end every statement is asked for, the node is stopped, and `provnode verify` has its say.
"""

import argparse
import json
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback

from node import Node, run, until
from wire import Chain, Client, Key, Party, check_checkpoint, check_receipt, tree_root

# Places inside the step that makes a block durable, and in the work that follows it.
FAILPOINTS = [
    "log.append.before-write", "log.append.half-written", "log.append.before-sync", "log.append.after-sync",
    "log.append.mid-tiles", "log.append.after-tiles", "log.settle.before-sync", "log.settle.mid-sync",
    "log.settle.before-replace", "log.settle.after-replace", "log.settle.mid-delete",
]
HIT_SECONDS = 20
NEW_SAMPLE = 300
OLD_SAMPLE = 100
RECEIPT_SAMPLE = 10


class Failure(Exception):
    """A promise was broken."""


class Loop:
    def __init__(self, options, folder: pathlib.Path):
        self.options, self.folder = options, folder
        self.random = random.Random(options.seed)
        self.node = Node.create(folder / "node")
        self.answers: list[dict] = []
        self.read_to = 0
        self.checkpoints: list[tuple[int, bytes]] = []
        self.counts = {"random": 0, "recovery": 0, "failpoint": 0, "asked": 0, "receipts": 0}
        self.hit: dict[str, int] = {}
        self.missed: dict[str, int] = {}

    # Setting up

    def prepare(self) -> None:
        self.node.start()
        client = Client(self.node.ready())
        self.chain = Chain(client.json("/api/v1/chain"))
        registrar_key = Key.load(self.node.home / "keys" / "registrar.key")
        registrar = Party.of_genesis(registrar_key, self.chain.identifier, self.chain.origin)
        key = Key.random()
        key.save(self.folder / "creator.key")
        client.submit(registrar.enrol(Party.new(key, self.chain.identifier)))
        self.receipts = self.folder / "receipts.jsonl"
        self.receipts.touch()

    def start_load(self) -> None:
        self.load = subprocess.Popen(
            [sys.executable, str(pathlib.Path(__file__).with_name("load_client.py")),
             "--home", str(self.node.home), "--chain", self.chain.identifier.hex(),
             "--key", str(self.folder / "creator.key"), "--receipts", str(self.receipts),
             "--threads", str(self.options.threads)],
            stdin=subprocess.PIPE)

    def stop_load(self) -> None:
        self.load.stdin.close()
        self.load.wait(timeout=60)

    # Dying

    def read_answers(self) -> int:
        """Takes up what the client wrote since the last time; the number of answers."""
        with open(self.receipts, "rb") as file:
            file.seek(self.read_to)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                self.answers.append(json.loads(line))
                self.read_to += len(line)
        return len(self.answers)

    def wait_for_load(self) -> None:
        before = self.read_answers()

        def look():
            if self.load.poll() is not None:
                raise Failure(f"the client ended with {self.load.returncode}")
            if not self.node.running:
                return True
            return self.read_answers() > before

        until(look, 60, "an answer under load")

    def kill_at_random(self) -> None:
        self.wait_for_load()
        time.sleep(self.random.uniform(0, self.options.longest))
        if not self.node.running:
            raise Failure(f"the node died by itself ({self.node.process.returncode})\n{self.node.tail()}")
        self.node.kill()
        self.counts["random"] += 1

    def kill_in_recovery(self) -> None:
        """Kills once at random, and again while the node reads what the first kill left."""
        self.kill_at_random()
        self.node.start()
        time.sleep(self.random.uniform(0, 0.3))
        self.node.kill()
        self.counts["recovery"] += 1

    def kill_at_failpoint(self, name: str) -> None:
        """The node is stopped as it should be, under load, and started again so that it dies at the named place."""
        self.wait_for_load()
        code = self.node.stop()
        if code:
            raise Failure(f"asked to stop under load, the node ended with {code}\n{self.node.tail()}")
        # Settling is rarer than appending: its first occasion will do.
        count = self.random.randint(1, 12) if name.startswith("log.append") else 1
        self.node.start(failpoint=f"{name}:{count}")
        try:
            until(lambda: not self.node.running, HIT_SECONDS, name)
        except TimeoutError:
            self.missed[name] = self.missed.get(name, 0) + 1
            self.node.kill()
            self.counts["random"] += 1
            return
        if self.node.process.returncode != -9:
            raise Failure(f"{name}: ended with {self.node.process.returncode}, not by SIGKILL\n{self.node.tail()}")
        self.hit[name] = self.hit.get(name, 0) + 1
        self.counts["failpoint"] += 1

    @property
    def kills(self) -> int:
        return self.counts["random"] + self.counts["recovery"] + self.counts["failpoint"]

    # Checking

    def check(self, everything: bool = False) -> None:
        client = Client(self.node.ready())
        self.read_answers()
        self.check_log(client)
        # The tiles above held every answer. Asking for each of them as well, each time, would take most of
        # the time in which the node could be killed; at the end there is time.
        new, old = self.answers[-NEW_SAMPLE:], self.answers[:-NEW_SAMPLE]
        sample = self.answers if everything else new + self.random.sample(old, min(OLD_SAMPLE, len(old)))
        for answer in sample:
            found = client.json(f"/api/v1/statements/{answer['statement']}")
            for field in ("leafIndex", "height"):
                if found.get(field) != answer[field]:
                    raise Failure(f"statement {answer['statement']}: {field} was {answer[field]}, is {found.get(field)}")
        self.counts["asked"] += len(sample)
        for answer in self.random.sample(sample, min(RECEIPT_SAMPLE, len(sample))):
            statement = client.get(f"/api/v1/statements/{answer['statement']}/raw")
            receipt = client.get(f"/api/v1/statements/{answer['statement']}/receipt")
            index, _ = check_receipt(receipt, statement, self.chain.log_keys)
            if index != answer["leafIndex"]:
                raise Failure(f"the receipt of {answer['statement']} is for leaf {index}")
            self.counts["receipts"] += 1

    def check_log(self, client: Client) -> None:
        answers = list(self.answers)
        size, root = check_checkpoint(client.get("/log/checkpoint"), self.chain.origin, self.chain.log_keys)
        leaves = client.leaf_hashes(size)
        if tree_root(leaves) != root:
            raise Failure(f"the tiles do not give the root of the checkpoint of size {size}")
        if self.checkpoints and size < self.checkpoints[-1][0]:
            raise Failure(f"the log shrank from {self.checkpoints[-1][0]} to {size} leaves")
        for earlier, earlier_root in self.checkpoints:
            if tree_root(leaves[:earlier]) != earlier_root:
                raise Failure(f"the checkpoint of size {size} is not a continuation of the one of size {earlier}")
        # All earlier ones follow from the latest: that one is a continuation of them.
        self.checkpoints = [(size, root)]
        for answer in answers:
            index = answer["leafIndex"]
            if index >= size or leaves[index].hex() != answer["leafHash"]:
                raise Failure(f"statement {answer['statement']} was acknowledged at leaf {index}, and is not there")

    def check_refusals(self) -> None:
        refused = pathlib.Path(str(self.receipts) + ".refused")
        lines = refused.read_text().splitlines() if refused.exists() else []
        if lines:
            raise Failure(f"{len(lines)} statements were refused, the first: {lines[0]}")

    # All of it

    def go(self) -> None:
        started = time.monotonic()
        self.prepare()
        self.start_load()
        turn = 0
        try:
            while self.kills < self.options.kills:
                if time.monotonic() - started > self.options.seconds_budget:
                    raise Failure(f"only {self.kills} kills within {self.options.seconds_budget:g} s")
                if turn % 3 == 1:
                    self.kill_at_failpoint(FAILPOINTS[turn // 3 % len(FAILPOINTS)])
                elif turn % 10 == 5:
                    self.kill_in_recovery()
                else:
                    self.kill_at_random()
                turn += 1
                self.node.start()
                self.check()
                self.progress(started)
        finally:
            self.stop_load()
        self.check(everything=True)
        self.check_refusals()
        code = self.node.stop()
        if code:
            raise Failure(f"the node answered SIGTERM with exit code {code}\n{self.node.tail()}")
        verified = run("provnode", "verify", "--home", self.node.home, timeout=300)
        if verified.returncode:
            raise Failure(f"provnode verify: {verified.returncode}\n{verified.stdout}{verified.stderr}")

    def progress(self, started: float) -> None:
        print(f"  {self.kills}/{self.options.kills} kills, {len(self.answers)} answers, "
              f"{self.checkpoints[0][0]} leaves, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--failpoint-kills", type=int, default=None, metavar="N",
                        help="fail unless N kills were at failpoints (default: a fifth)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments and the order")
    parser.add_argument("--seconds-budget", type=float, default=600)
    parser.add_argument("--threads", type=int, default=6, help="works registered at the same time")
    parser.add_argument("--longest", type=float, default=0.4, help="seconds of load before a kill, at most")
    parser.add_argument("--keep", action="store_true", help="keep the folder")
    options = parser.parse_args()
    # Asked to stop, it still has to end the processes that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    wanted = options.kills // 5 if options.failpoint_kills is None else options.failpoint_kills
    folder = pathlib.Path(tempfile.mkdtemp(prefix="provchain-kill-"))
    loop, failed = Loop(options, folder), True
    try:
        loop.go()
        if loop.counts["failpoint"] < wanted:
            raise Failure(f"{loop.counts['failpoint']} kills at failpoints, wanted {wanted}; not reached: {loop.missed}")
        failed = False
    except Failure as failure:
        print(f"FAILED: {failure}")
    except Exception:  # a deadline, an answer of another form: it counts as a failure and is shown in full
        print(f"FAILED:\n{traceback.format_exc()}{loop.node.tail()}")
    finally:
        if loop.node.process:
            loop.node.kill()
        counts = loop.counts
        print(f"kill loop, seed {options.seed}: {loop.kills} kills ({counts['random']} at random moments, "
              f"{counts['recovery']} during recovery, {counts['failpoint']} at {len(loop.hit)} failpoints)")
        for name in loop.hit:
            print(f"  {name}: {loop.hit[name]}")
        if loop.missed:
            print(f"  not reached in {HIT_SECONDS} s, killed at random instead: {loop.missed}")
        print(f"  {len(loop.answers)} acknowledged, {counts['asked']} looked up, {counts['receipts']} receipts verified, "
              f"{loop.checkpoints[0][0] if loop.checkpoints else 0} leaves")
        if failed or options.keep:
            print(f"  kept: {folder}")
        else:
            subprocess.run(["rm", "-rf", "--", str(folder)], check=False)
    print("0 passed, 1 failed" if failed else "1 passed, 0 failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
