#!/usr/bin/env python3
"""Fills the disk under a running node, and gives the space back.

The home is on a small file system of its own (tmpfs, in a mount namespace where that needs no rights).
 1. With a reserve: when the disk is nearly full, statements are refused with 507 while reading goes on; once
    there is space they are taken again, without a restart.
 2. Without a reserve: the disk is filled to the last byte. The node stops and says so, with exit code 74.
 3. With space again it starts, everything that was ever acknowledged is there, and `provnode verify` agrees.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

from node import Node, run, until
from wire import Chain, Client, Key, Party, Problem, Unreachable, leaf_hash

DISK_BYTES = 64 << 20
RESERVE_BYTES = 12 << 20
CHUNK = 1 << 20
BUDGET_SECONDS = 55


class Failure(Exception):
    """A promise was broken."""


def free(folder: pathlib.Path) -> int:
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


class Ballast:
    """A file that takes the space away."""

    def __init__(self, path: pathlib.Path):
        self.path = path

    def leave(self, bytes_left: int) -> None:
        """Grows until only so much is left."""
        with open(self.path, "ab", buffering=0) as file:
            while (rest := free(self.path.parent) - bytes_left) > 0:
                try:
                    file.write(b"\0" * min(rest, CHUNK))
                except OSError:
                    return

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)


class Scenario:
    def __init__(self, disk: pathlib.Path, folder: pathlib.Path):
        self.disk = disk
        # The node's output must not end with its disk.
        made = Node.create(disk / "node")
        self.node = made
        self.node.log = folder / "node.log"
        self.ballast = Ballast(disk / "ballast")
        self.acknowledged: list[dict] = []

    def start(self, reserve: int) -> Client:
        os.environ["PROV_SPACE_RESERVE"] = str(reserve)
        self.node.start()
        self.client = Client(self.node.ready())
        return self.client

    def prepare(self) -> None:
        client = self.start(RESERVE_BYTES)
        chain = Chain(client.json("/api/v1/chain"))
        key = Key.load(self.node.home / "keys" / "registrar.key")
        registrar = Party.of_genesis(key, chain.identifier, chain.origin)
        self.party = Party.new(Key.random(), chain.identifier)
        client.submit(registrar.enrol(self.party))

    def register(self) -> None:
        """One work; kept if it was acknowledged as final."""
        statement, attachments, _ = self.party.register(os.urandom(64), "A work on a full disk")
        answer = self.client.submit(statement, attachments)
        if answer["status"] == "final":
            self.acknowledged.append({"leaf": leaf_hash(statement).hex(), **answer})

    def expect(self, condition: bool, what: str) -> None:
        if not condition:
            raise Failure(f"{what}\n{self.node.tail()}")

    # The parts

    def refused_with_a_reserve(self) -> None:
        for _ in range(10):
            self.register()
        self.ballast.leave(RESERVE_BYTES // 2)
        # What was looked at a moment ago may still count.
        time.sleep(0.5)
        try:
            self.register()
            raise Failure("a statement was taken on a disk that is nearly full")
        except Problem as problem:
            self.expect(problem.status == 507, f"refused with {problem}")
            self.expect(problem.body["rule"] == "node.disk-full", f"refused with {problem}")
            self.expect("bytes left" in problem.body["detail"], f"refused with {problem}")
        self.client.json("/api/v1/chain")
        self.client.json(f"/api/v1/statements/{self.acknowledged[0]['statement']}")
        self.expect(self.node.running, "the node stopped although reading was all it had to do")

    def taken_again(self) -> None:
        self.ballast.drop()
        time.sleep(0.5)
        for _ in range(10):
            self.register()
        self.expect(len(self.acknowledged) == 20, f"{len(self.acknowledged)} of 20 acknowledged")
        self.expect(self.node.stop() == 0, "it did not stop cleanly")

    def stops_when_full(self) -> None:
        """Registers until nothing goes any more."""
        self.start(reserve=0)
        self.ballast.leave(0)
        statuses = []
        deadline = time.monotonic() + 20
        while self.node.running and time.monotonic() < deadline:
            self.ballast.leave(0)
            try:
                self.register()
            except Problem as problem:
                statuses.append(problem.status)
            except Unreachable:
                pass
        code = self.node.process.wait(timeout=20) if not self.node.running else None
        if code is None:
            raise Failure(f"the node still runs on a full disk; answers {statuses}")
        self.expect(code == 74, f"exit code {code}")
        self.expect(set(statuses) <= {503, 507}, f"answers {statuses}")
        self.expect("no space left on the disk" in self.node.tail(), "it did not say why it stopped")
        print(f"full: answers {sorted(set(statuses))}, exit code {code}: {self.node.tail(1)}")

    def starting_on_a_full_disk(self) -> None:
        """Says what is wrong, again with 74, as often as it is tried."""
        for _ in range(2):
            self.ballast.leave(0)
            self.node.start()
            code = self.node.process.wait(timeout=30)
            self.expect(code == 74, f"exit code {code} at a start without space")

    def everything_is_there(self) -> None:
        self.ballast.drop()
        client = self.start(reserve=0)
        for answer in self.acknowledged:
            found = client.json(f"/api/v1/statements/{answer['statement']}")
            for key in ("leafIndex", "height", "status"):
                self.expect(found[key] == answer[key], f"{answer} is now {found}")
        before = len(self.acknowledged)
        self.register()
        self.expect(len(self.acknowledged) == before + 1, "no statement is taken after the disk was full")
        self.expect(self.node.stop() == 0, "it did not stop cleanly")
        done = run("provnode", "verify", "--home", self.node.home, "--deep", "--json")
        self.expect(done.returncode == 0, done.stdout + done.stderr)
        self.expect(json.loads(done.stdout)["verified"], done.stdout)


def inside(disk: pathlib.Path) -> int:
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(disk, pathlib.Path(folder))
        parts = [scenario.prepare, scenario.refused_with_a_reserve, scenario.taken_again, scenario.stops_when_full,
                 scenario.starting_on_a_full_disk, scenario.everything_is_there]
        started = time.monotonic()
        for part in parts:
            try:
                part()
                passed += 1
                print(f"ok {part.__name__}, after {time.monotonic() - started:.1f} s", flush=True)
            except Exception:
                traceback.print_exc()
                failed += 1
                break
        if scenario.node.running:
            scenario.node.kill()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def main() -> int:
    if len(sys.argv) == 3 and sys.argv[1] == "--mount":
        disk = pathlib.Path(sys.argv[2])
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(disk)], check=True)
        return inside(disk)
    with tempfile.TemporaryDirectory() as folder:
        # The mount goes away with the namespace, whatever happens.
        command = ["unshare", "--map-root-user", "--mount"]
        if shutil.which("unshare") is None or subprocess.run([*command, "true"], capture_output=True).returncode:
            print("skipped: no mount namespaces here\n0 passed, 0 failed")
            return 0
        return subprocess.run(
            [*command, sys.executable, __file__, "--mount", folder], timeout=BUDGET_SECONDS * 3).returncode


if __name__ == "__main__":
    sys.exit(main())
