#!/usr/bin/env python3
"""Backs up a node under load, restores the copy, damages it, and builds databases again: with real processes.

 1. Two backups while another process registers works. Everything acknowledged up to a backup's tip is in the
    home that is restored from it, at the same place; `provnode verify --deep` agrees.
 2. A backup with a damaged file is refused, and the file is named.
 3. A restored home does not sign until its height is named.
 4. reindex and prune refuse while the node runs; afterwards they work, and the home verifies.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

from node import Node, binary, run, until
from wire import Chain, Client, Key, Party


class Failure(Exception):
    """A promise was broken."""


class Scenario:
    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.node = Node.create(folder / "node")
        self.receipts = folder / "receipts.jsonl"
        self.receipts.touch()
        self.load = None

    def expect(self, condition, what: str) -> None:
        if not condition:
            raise Failure(f"{what}\n{self.node.tail()}")

    def answers(self) -> list[dict]:
        return [json.loads(line) for line in self.receipts.read_bytes().split(b"\n")[:-1]]

    def command(self, *arguments, code: int = 0) -> dict:
        done = run("provnode", *arguments, "--json")
        self.expect(done.returncode == code, f"{arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def prepare(self) -> None:
        self.node.start()
        client = Client(self.node.ready())
        chain = Chain(client.json("/api/v1/chain"))
        registrar = Party.of_genesis(
            Key.load(self.node.home / "keys" / "registrar.key"), chain.identifier, chain.origin)
        key = Key.random()
        key.save(self.folder / "creator.key")
        client.submit(registrar.enrol(Party.new(key, chain.identifier)))
        self.load = subprocess.Popen(
            [sys.executable, str(pathlib.Path(__file__).with_name("load_client.py")), "--home", str(self.node.home),
             "--chain", chain.identifier.hex(), "--key", str(self.folder / "creator.key"),
             "--receipts", str(self.receipts), "--threads", "4"], stdin=subprocess.PIPE)
        until(lambda: len(self.answers()) >= 20, 60, "20 answers")

    def backups_under_load(self) -> None:
        self.tips = []
        for number in range(2):
            before = len(self.answers())
            made = self.command("backup", "--home", self.node.home, "--to", self.folder / f"copy{number}",
                                *(["--with-keys"] if number else []))
            self.tips.append(made["tip"])
            # Everything that was acknowledged before the command began is in it.
            acknowledged = self.answers()[:before]
            self.expect(all(answer["leafIndex"] < made["tip"]["size"] for answer in acknowledged),
                        "an acknowledged statement is after the tip")
            until(lambda: len(self.answers()) >= before + 20, 60, "20 more answers")
        self.expect(not (self.folder / "copy0" / "keys").exists(), "keys in a backup that was not to have them")
        self.load.stdin.close()
        self.load.wait(timeout=60)

    def restored_homes_have_all_of_it(self) -> None:
        answers = self.answers()
        for number, tip in enumerate(self.tips):
            home = self.folder / f"restored{number}"
            self.command("restore", "--from", self.folder / f"copy{number}", "--home", home)
            report = self.command("verify", "--home", home, "--deep")
            self.expect(report["verified"], f"{report}")
            self.expect(any(answer["leafIndex"] >= tip["size"] for answer in answers), "no load after the backup")
        self.answered = [answer for answer in answers if answer["leafIndex"] < self.tips[1]["size"]]
        print(f"{len(answers)} acknowledged, {len(self.answered)} of them up to the second backup's tip "
              f"{self.tips[1]['height']}")

    def a_damaged_backup_is_refused_by_name(self) -> None:
        copy = self.folder / "copy0"
        for path in [copy / "index.sqlite", copy / "state.sqlite", copy / "genesis.cbor", copy / "log" / "durable",
                     next(copy.glob("log/**/entries/*"))]:
            content = path.read_bytes()
            damaged = bytearray(content)
            damaged[len(damaged) // 2] ^= 4
            path.write_bytes(damaged)
            error = self.command("restore", "--from", copy, "--home", self.folder / "never", code=65)
            self.expect(str(path) in error["error"]["message"], f"{path}: {error}")
            self.expect(not (self.folder / "never").exists(), "a home was made of a damaged backup")
            path.write_bytes(content)

    def signing_needs_the_height(self) -> None:
        self.expect(self.node.stop() == 0, "it did not stop cleanly")
        height = self.tips[1]["height"]
        restored = self.folder / "restored1"
        done = run("provnode", "run", "--home", restored, timeout=30)
        self.expect(done.returncode == 65 and f"--continue-after {height}" in done.stderr, done.stderr)
        done = run("provnode", "run", "--home", restored, "--continue-after", height + 1, timeout=30)
        self.expect(done.returncode == 65, done.stderr)
        process = subprocess.Popen(
            [binary("provnode"), "run", "--home", str(restored), "--continue-after", str(height)],
            stderr=subprocess.DEVNULL)
        try:
            until(lambda: (restored / "node.json").exists(), 60, "the restored node")
            client = Client(json.loads((restored / "node.json").read_text())["url"])
            for answer in self.answered:
                found = client.json(f"/api/v1/statements/{answer['statement']}")
                self.expect(found["leafIndex"] == answer["leafIndex"] and found["status"] == "final", f"{found}")
        finally:
            process.terminate()
            process.wait(timeout=30)
        # Once accepted, it is a home like any other.
        self.expect(not (restored / "restored.json").exists(), "still marked")
        self.command("verify", "--home", restored, "--deep")

    def maintenance_needs_a_stopped_node(self) -> None:
        self.node.start()
        self.node.ready()
        home = self.node.home
        self.command("reindex", "--home", home, code=75)
        plan = self.command("prune", "--home", home, "--attachments", "--index")
        self.expect(plan["applied"] is False, f"{plan}")
        stray = home / "attachments" / "ab"
        self.expect(self.node.stop() == 0, "it did not stop cleanly")
        stray.mkdir(exist_ok=True)
        old = stray / ("cd" * 31)
        old.write_bytes(b"stray")
        old_time = time.time() - 86_400
        os.utime(old, (old_time, old_time))
        done = self.command("prune", "--home", home, "--attachments", "--index", "--apply")
        self.expect([item["name"] for item in done["items"] if item["kind"] == "attachment"] == ["ab" + "cd" * 31],
                    f"{done}")
        self.expect(not old.exists(), "the stray attachment is still there")
        made = self.command("reindex", "--home", home, "--state")
        self.expect(made["replaced"] == ["index.sqlite", "state.sqlite"], f"{made}")
        self.expect(self.command("verify", "--home", home, "--deep")["verified"], "it does not verify")


def main() -> int:
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(pathlib.Path(folder))
        for part in [scenario.prepare, scenario.backups_under_load, scenario.restored_homes_have_all_of_it,
                     scenario.a_damaged_backup_is_refused_by_name, scenario.signing_needs_the_height,
                     scenario.maintenance_needs_a_stopped_node]:
            started = time.monotonic()
            try:
                part()
                passed += 1
                print(f"ok {part.__name__}, {time.monotonic() - started:.1f} s", flush=True)
            except Exception:
                traceback.print_exc()
                failed += 1
                break
        if scenario.load and scenario.load.poll() is None:
            scenario.load.kill()
        if scenario.node.running:
            scenario.node.kill()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
