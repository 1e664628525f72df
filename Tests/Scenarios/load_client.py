#!/usr/bin/env python3
"""Registers works over HTTP from several threads and writes down every final answer before the next step.

Each line of the receipts file is one JSON document, on the disk (fsync) before the thread goes on:
{"statement", "leafHash", "leafIndex", "height", "work"}. What the node acknowledged is therefore known
even if everything else is killed. A statement whose answer was lost is sent again, unchanged.
A refusal goes to the file with the suffix .refused: under this load there must be none.

It runs until its standard input is closed.
"""

import argparse
import json
import os
import pathlib
import sys
import threading
import time

from wire import Client, Key, Party, Problem, Unreachable, leaf_hash, statement_id

RETRY_SECONDS = 0.02
GIVE_UP_SECONDS = 120


class Journal:
    """Lines that are durable when `add` returns."""

    def __init__(self, path: str):
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.lock = threading.Lock()

    def add(self, document: dict) -> None:
        line = json.dumps(document).encode() + b"\n"
        with self.lock:
            os.write(self.file, line)
            os.fsync(self.file)


class Worker(threading.Thread):
    def __init__(self, home: pathlib.Path, party: Party, receipts: Journal, refused: Journal, stop: threading.Event):
        super().__init__(daemon=True)
        self.home, self.party, self.receipts, self.refused, self.stop = home, party, receipts, refused, stop
        self.url, self.client = None, None

    def run(self) -> None:
        while not self.stop.is_set():
            statement, attachments, work = self.party.register(os.urandom(64), "A work under load")
            try:
                answer = self.final_answer(statement, attachments)
            except Problem as problem:
                self.refused.add({"statement": statement_id(statement).hex(), "answer": str(problem)})
                continue
            if answer is None:
                return
            self.receipts.add({
                "statement": answer["statement"], "leafHash": leaf_hash(statement).hex(),
                "leafIndex": answer["leafIndex"], "height": answer["height"], "work": work})

    def final_answer(self, statement: bytes, attachments: list[bytes]) -> dict | None:
        """Sends until the node says that the statement is final; None if the load ends first."""
        deadline = time.monotonic() + GIVE_UP_SECONDS
        while not self.stop.is_set():
            if time.monotonic() > deadline:
                raise Problem(0, f"no final answer within {GIVE_UP_SECONDS} s")
            try:
                self.connect()
                answer = self.client.submit(statement, attachments)
                if answer["status"] == "final":
                    return answer
            except Unreachable:
                self.client = None
            except Problem as problem:
                if not problem.retry:
                    raise
            self.stop.wait(RETRY_SECONDS)
        return None

    def connect(self) -> None:
        """Follows the node: after a restart it may listen elsewhere."""
        try:
            url = json.loads((self.home / "node.json").read_text())["url"]
        except (FileNotFoundError, ValueError, KeyError) as error:
            raise Unreachable("the node is not ready") from error
        if self.client is None or url != self.url:
            self.url, self.client = url, Client(url)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", required=True, type=pathlib.Path, help="the node's home, for its address")
    parser.add_argument("--chain", required=True, help="chain id, hexadecimal")
    parser.add_argument("--key", required=True, help="unencrypted key file of an enrolled party")
    parser.add_argument("--receipts", required=True, help="file to append final answers to")
    parser.add_argument("--threads", type=int, default=6)
    options = parser.parse_args()
    party = Party.new(Key.load(options.key), bytes.fromhex(options.chain))
    stop = threading.Event()
    receipts, refused = Journal(options.receipts), Journal(options.receipts + ".refused")
    workers = [Worker(options.home, party, receipts, refused, stop) for _ in range(options.threads)]
    for worker in workers:
        worker.start()
    sys.stdin.read()
    stop.set()
    for worker in workers:
        worker.join(timeout=5)


if __name__ == "__main__":
    main()
